// What a vendor gets is the same, whichever framework a program logs with.
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/trivial.hpp>

#include "boost_world.hpp"

namespace logferry::test {
namespace {

namespace attrs = blog::attributes;

/// What differs from one record to the next, however it was logged, is made the same.
void settle_moment(json& body) {
    static const std::vector<std::string> of_the_moment = {"record_id", "created_at", "timestamp", "ts", "datetime"};
    if (!body.is_structured()) return;
    for (auto& part : body.items()) {
        const auto& key = part.key();
        if (std::find(of_the_moment.begin(), of_the_moment.end(), key) != of_the_moment.end()) {
            part.value() = "moment";
        } else if (part.value().is_string() && part.value().get<std::string>().substr(0, 1) == "{") {
            // JSON within JSON, as LogSentry and Logwire have it.
            auto inner = json::parse(part.value().get<std::string>(), nullptr, false);
            if (!inner.is_discarded()) part.value() = inner;
        }
        settle_moment(part.value());
    }
}

class boost_golden : public boost_world {
protected:
    void SetUp() override {
        auto opts = quiet(all_vendors());
        opts.service = {"shop", "1.4.0", "test"};
        shared = shipper::open(std::move(opts));
        spd = std::make_shared<spdlog::logger>("shop", std::make_shared<spdlog_sink>(shared));
        spd->set_level(spdlog::level::trace);
        bsink = add_boost_log_sink(shared);
    }

    /// All vendors' bodies since the last call, without what is of the moment.
    std::map<std::string, std::vector<json>> new_bodies() {
        settled(*shared);
        std::map<std::string, std::vector<json>> result;
        for (const auto& vendor : emulator::vendors()) {
            auto all = bodies(vendor);
            auto& first = seen[vendor];
            for (auto i = std::exchange(first, all.size()); i < all.size(); ++i) {
                settle_moment(all[i]);
                result[vendor].push_back(std::move(all[i]));
            }
        }
        return result;
    }

    std::shared_ptr<shipper> shared;
    std::shared_ptr<spdlog::logger> spd;
    std::map<std::string, std::size_t> seen;
    blog::sources::severity_channel_logger<blog::trivial::severity_level> log{blog::keywords::channel = "shop"};
};

TEST_F(boost_golden, every_level) {
    const std::vector<std::pair<spdlog::level::level_enum, blog::trivial::severity_level>> levels = {
        {spdlog::level::trace, blog::trivial::trace}, {spdlog::level::debug, blog::trivial::debug},
        {spdlog::level::info, blog::trivial::info},   {spdlog::level::warn, blog::trivial::warning},
        {spdlog::level::err, blog::trivial::error},   {spdlog::level::critical, blog::trivial::fatal}};
    for (const auto& [theirs, ours] : levels) {
        spd->log(theirs, "the stock is low");
        const auto expected = new_bodies();
        BOOST_LOG_SEV(log, ours) << "the stock is low";
        EXPECT_EQ(new_bodies(), expected);
        EXPECT_EQ(expected.size(), 4u) << "Profound takes access log entries only";
    }
}

TEST_F(boost_golden, fields_and_the_place_in_the_source) {
    spd->log(spdlog::source_loc{"src/cart.cpp", 42, "checkout"}, spdlog::level::err, "payment failed {}",
             kv("order_id", 42, "amount", 9.99, "card", "visa", "retry", false, "big", std::uint64_t{1} << 60,
                "user_id", "u-7", "event_name", "payment"));
    const auto expected = new_bodies();
    log.add_attribute("File", attrs::constant<std::string>("src/cart.cpp"));
    log.add_attribute("Line", attrs::constant<int>(42));
    log.add_attribute("Function", attrs::constant<std::string>("checkout"));
    log.add_attribute("order_id", attrs::constant<short>(42));
    log.add_attribute("amount", attrs::constant<double>(9.99));
    log.add_attribute("card", attrs::constant<std::wstring>(L"visa"));
    log.add_attribute("retry", attrs::constant<bool>(false));
    log.add_attribute("big", attrs::constant<std::uint64_t>(std::uint64_t{1} << 60));
    log.add_attribute("user_id", attrs::constant<std::string_view>("u-7"));
    log.add_attribute("event_name", attrs::constant<blog::string_literal>("payment"));
    BOOST_LOG_SEV(log, blog::trivial::error)
        << "payment failed order_id=42 amount=9.99 card=visa retry=false big=1152921504606846976 user_id=u-7 "
           "event_name=payment";
    EXPECT_EQ(new_bodies(), expected);
    EXPECT_EQ(expected.size(), 4u);
}

TEST_F(boost_golden, kv_and_scope) {
    const scope request{{"request_id", "r-1"}, {"attempt", 2}};
    spd->warn("slow {}", kv("ms", 1500, "cart", value::json(R"({"items":[1,2]})")));
    const auto expected = new_bodies();
    BOOST_LOG_SEV(log, blog::trivial::warning) << "slow " << kv("ms", 1500, "cart", value::json(R"({"items":[1,2]})"));
    EXPECT_EQ(new_bodies(), expected);
    EXPECT_EQ(expected.at("logsfori").front()["extra"]["request_id"], "r-1");
}

TEST_F(boost_golden, hostile_text) {
    const std::string text = "\"quoted\" \\ \xFF\xC3( \xED\xA0\x80 \t\n\x1B[0m \xF0\x9F\x98\x80 </script>";
    spd->info("{} {}", text, kv("field", text));
    const auto expected = new_bodies();
    BOOST_LOG_SEV(log, blog::trivial::info) << text << ' ' << kv("field", text);
    EXPECT_EQ(new_bodies(), expected);
}

// "Custom Log Integration", Format Your Logs.
TEST_F(boost_golden, an_access_log_reaches_profound_as_its_document_has_it) {
    log.add_attribute("method", attrs::constant<std::string>("GET"));
    log.add_attribute("status", attrs::constant<int>(200));
    log.add_attribute("bytes_sent", attrs::constant<std::size_t>(1024));
    log.add_attribute("duration_ms", attrs::constant<std::chrono::milliseconds>(std::chrono::milliseconds(150)));
    log.add_attribute("http.request.header.referer", attrs::constant<std::string>("https://example.com"));
    BOOST_LOG_SEV(log, blog::trivial::info)
        << "GET /products "
        << kv("server.address", "example.com", "url.path", "/products", "url.query", "category=electronics&page=1",
              "http.response.status_code", 200, "client.address", "192.168.1.1", "user_agent.original",
              "Mozilla/5.0...");
    settled(*shared);
    auto entry = only_body("profound").at(0);
    EXPECT_TRUE(entry["timestamp"].is_string());
    entry.erase("timestamp");
    EXPECT_EQ(entry, json::parse(R"({"method":"GET","host":"example.com","path":"/products","status_code":200,
        "ip":"192.168.1.1","user_agent":"Mozilla/5.0...","query_params":{"category":"electronics","page":"1"},
        "referer":"https://example.com","bytes_sent":1024,"duration_ms":150})"));
}

}  // namespace
}  // namespace logferry::test
