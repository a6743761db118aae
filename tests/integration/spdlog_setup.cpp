// The ways in which a program adds the sink, and what of the record arrives.
#include <sys/syscall.h>
#include <unistd.h>

#include "world.hpp"

namespace logferry::test {
namespace {

class spdlog_setup : public world {
protected:
    void TearDown() override { spdlog::shutdown(); }
};

TEST_F(spdlog_setup, one_line_on_the_default_logger) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("app"));
    spdlog::default_logger()->sinks().push_back(std::make_shared<spdlog_sink>(logsh()));
    spdlog::info("hello {}", "world");
    ASSERT_TRUE(server.wait_for("logsh", 1, seconds(60)));
    const auto body = only_body("logsh");
    EXPECT_EQ(body["workspace"], "shop");
    EXPECT_EQ(body["event"], "app");
    EXPECT_EQ(body["description"], "hello world");
    EXPECT_EQ(body["metadata"]["level"], "info");
}

TEST_F(spdlog_setup, create_makes_a_logger_of_its_own) {
    const auto audit = spdlog::create<spdlog_sink>("audit", logsentry());
    audit->critical("somebody looked");
    ASSERT_TRUE(server.wait_for("logsentry", 1, seconds(60)));
    const auto body = only_body("logsentry");
    EXPECT_EQ(body["project"], 12);
    EXPECT_EQ(body["level"], 2);
    EXPECT_EQ(body["msg"], "somebody looked");
    EXPECT_EQ(json::parse(body["context"].get<std::string>())["logger"], "audit");
}

TEST_F(spdlog_setup, a_record_arrives_with_all_it_says_about_itself) {
    const auto log = logger_to(logsfori());
    const auto before =
        std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    log->log(spdlog::source_loc{"src/cart.cpp", 42, "checkout"}, spdlog::level::err, "cart {} is gone", 7);
    settled();
    const auto body = only_body("logsfori");
    EXPECT_EQ(body["message"], "cart 7 is gone");
    EXPECT_EQ(body["severity"], "error");
    EXPECT_GE(body["created_at"].get<std::int64_t>(), before);
    EXPECT_LT(body["created_at"].get<std::int64_t>(), before + 60'000);
    const auto& extra = body["extra"];
    EXPECT_EQ(extra["logger"], "shop");
    EXPECT_EQ(extra["code.file.path"], "src/cart.cpp");
    EXPECT_EQ(extra["code.line.number"], 42);
    EXPECT_EQ(extra["code.function.name"], "checkout");
    EXPECT_EQ(extra["thread.id"], static_cast<std::int64_t>(syscall(SYS_gettid)));
    EXPECT_EQ(extra["record_id"].get<std::string>().size(), 32u);
}

TEST_F(spdlog_setup, every_level_arrives_as_the_vendors_word) {
    const auto log = logger_to(logsfori());
    const std::vector<std::pair<spdlog::level::level_enum, std::string>> words = {
        {spdlog::level::trace, "debug"},  {spdlog::level::debug, "debug"}, {spdlog::level::info, "info"},
        {spdlog::level::warn, "warning"}, {spdlog::level::err, "error"},   {spdlog::level::critical, "critical"}};
    for (const auto& [level, word] : words) log->log(level, "a record");
    settled();
    const auto all = bodies("logsfori");
    ASSERT_EQ(all.size(), words.size());
    for (std::size_t i = 0; i < words.size(); ++i) EXPECT_EQ(all[i]["severity"], words[i].second);
}

TEST_F(spdlog_setup, one_shipper_serves_all_vendors) {
    auto opts = quiet(all_vendors());
    opts.service = {"shop", "1.4.0", "test"};
    const auto shipper = shipper::open(std::move(opts));
    spdlog::logger log("shop", std::make_shared<spdlog_sink>(shipper));
    log.warn("stock is low");
    for (std::size_t i = 0; i < 5; ++i) {
        const auto ledger = settled(*shipper, i);
        EXPECT_EQ(ledger.accepted, 1u);
        // Profound takes access log entries only.
        EXPECT_EQ(ledger.delivered, ledger.name == "profound" ? 0u : 1u) << ledger.name;
        EXPECT_EQ(ledger.filtered, ledger.name == "profound" ? 1u : 0u) << ledger.name;
    }
    EXPECT_EQ(only_body("logsfori")["severity"], "warning");
    EXPECT_EQ(only_body("logsfori")["extra"]["service.name"], "shop");
    EXPECT_EQ(only_body("logsh")["description"], "stock is low");
    EXPECT_EQ(only_body("logsentry")["level"], 4);
    EXPECT_EQ(only_body("logwire")["tags"], "warning");
}

TEST_F(spdlog_setup, min_level_filters_for_one_destination_only) {
    const auto shipper = shipper::open(quiet({{logsfori(), {.min_level = level::err}}, {logsh()}}));
    spdlog::logger log("shop", std::make_shared<spdlog_sink>(shipper));
    log.info("all is well");
    log.error("it is not");
    EXPECT_EQ(settled(*shipper, 0).filtered, 1u);
    EXPECT_EQ(settled(*shipper, 1).delivered, 2u);
    EXPECT_EQ(only_body("logsfori")["message"], "it is not");
}

TEST_F(spdlog_setup, names_and_payloads_may_hold_nul) {
    sink = std::make_shared<spdlog_sink>(quiet({{logsfori()}}));
    spdlog::logger log(std::string("sh\0p", 4), sink);
    log.info(spdlog::string_view_t("one\0two", 7));
    settled();
    // NUL is left out of what is sent; what stands behind it is not lost.
    EXPECT_EQ(only_body("logsfori")["message"], "onetwo");
    EXPECT_EQ(only_body("logsfori")["extra"]["logger"], "shp");
}

TEST_F(spdlog_setup, a_pattern_changes_nothing_unless_asked_for) {
    const auto log = logger_to(logsfori());
    log->set_pattern("[%n] <%l> %v");
    log->info("bare");
    settled();
    EXPECT_EQ(only_body("logsfori")["message"], "bare");

    sink->use_formatter(true);
    log->info("dressed");
    settled();
    EXPECT_EQ(bodies("logsfori").back()["message"], "[shop] <info> dressed");

    log->set_pattern("%v!");
    log->info("changed");
    settled();
    EXPECT_EQ(bodies("logsfori").back()["message"], "changed!");
}

class throwing_flag final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg&, const std::tm&, spdlog::memory_buf_t&) override { throw 42; }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<throwing_flag>(); }
};

TEST_F(spdlog_setup, a_formatter_that_throws_costs_neither_the_record_nor_the_program) {
    const auto log = logger_to(logsfori());
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<throwing_flag>('*').set_pattern("%* %v");
    log->set_formatter(std::move(formatter));
    sink->use_formatter(true);
    EXPECT_NO_THROW(log->info("still here"));
    EXPECT_EQ(settled().delivered, 1u);
    EXPECT_EQ(only_body("logsfori")["message"], "still here");
}

TEST_F(spdlog_setup, a_bad_configuration_lists_every_problem_and_no_secret) {
    options opts;
    opts.destinations.push_back({logferry::logsh{std::string(36, 'w'), secret("hunter2\r\nX-Evil: 1")}});
    opts.destinations.push_back({logferry::logsentry{0, secret()}});
    opts.destinations.push_back({logferry::logwire{"http://logs.example/", "c", secret("hunter2")}});
    opts.destinations.push_back({logferry::profound{secret("bot_hunter2"), "https://user:hunter2@x.example/#top"}});
    opts.destinations.push_back({logferry::logsfori{secret::from_env("LOGFERRY_NOT_SET"), "ftp://x.example"}});
    try {
        spdlog_sink refused(std::move(opts));
        FAIL() << "a configuration without hope was accepted";
    } catch (const config_error& e) {
        const std::string text = e.what();
        for (const auto* field : {"destinations[0].workspace", "destinations[0].api_key", "destinations[1].project",
                                  "destinations[1].token", "destinations[2].base_url", "destinations[3].base_url",
                                  "destinations[4].token", "destinations[4].base_url"}) {
            EXPECT_NE(text.find(field), std::string::npos) << field << " is not in:\n" << text;
        }
        EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
        EXPECT_NE(text.find("LOGFERRY_NOT_SET"), std::string::npos) << text;
    }
}

class rude_vendor final : public vendor {
public:
    std::string_view name() const noexcept override { return "rude"; }
    const vendor_limits& limits() const noexcept override { return limits_; }
    const http_endpoint& endpoint() const noexcept override { return endpoint_; }
    encoded encode(const record_view&, std::chrono::steady_clock::time_point, std::string&) override { throw 42; }
    outcome judge(const http_response&, std::size_t) const override { throw 42; }

    vendor_limits limits_;
    http_endpoint endpoint_{"https://logs.example.org/?source=shop", {}};
};

TEST_F(spdlog_setup, a_vendor_of_the_applications_own_is_checked_too) {
    const auto refused = [](rude_vendor wrong) {
        try {
            spdlog_sink never(std::static_pointer_cast<vendor>(std::make_shared<rude_vendor>(std::move(wrong))));
        } catch (const config_error&) {
            return true;
        }
        return false;
    };
    EXPECT_FALSE(refused({}));
    rude_vendor plain_text;
    plain_text.endpoint_.url = "http://logs.example.org/";
    EXPECT_TRUE(refused(plain_text));
    rude_vendor two_headers_in_one;
    two_headers_in_one.endpoint_.headers = {{"X-A", "b\r\nX-C: d"}};
    EXPECT_TRUE(refused(two_headers_in_one));
    rude_vendor nothing_fits;
    nothing_fits.limits_.batch_bytes = 0;
    EXPECT_TRUE(refused(nothing_fits));
    EXPECT_THROW(spdlog_sink(std::shared_ptr<shipper>()), config_error);
    EXPECT_THROW(spdlog_sink(std::shared_ptr<vendor>()), config_error);
}

TEST_F(spdlog_setup, a_vendor_that_throws_costs_its_own_records_only) {
    const auto shipper =
        shipper::open(quiet({{std::static_pointer_cast<vendor>(std::make_shared<rude_vendor>())}, {logsfori()}}));
    spdlog::logger log("shop", std::make_shared<spdlog_sink>(shipper));
    log.info("one");
    EXPECT_EQ(settled(*shipper, 0).rejected, 1u);
    EXPECT_EQ(settled(*shipper, 1).delivered, 1u);
}

TEST_F(spdlog_setup, buffers_out_of_bounds_are_refused) {
    const auto problem_of = [this](buffer_options wrong) {
        auto opts = quiet({{logsfori()}});
        opts.buffer = wrong;
        try {
            const auto opened = shipper::open(std::move(opts));
        } catch (const config_error& e) {
            return e.problems().front().field;
        }
        return std::string("none");
    };
    const std::size_t GiB = std::size_t{1} << 30;
    EXPECT_EQ(problem_of({.size = 100}), "buffer.size");
    EXPECT_EQ(problem_of({.size = 16 * GiB, .segment_size = 4 * GiB}), "buffer.segment_size");
    EXPECT_EQ(problem_of({.size = 16 * GiB, .segment_size = 64 * 1024}), "buffer.segment_size");
    EXPECT_EQ(problem_of({.max_record = 10}), "buffer.max_record");
    EXPECT_EQ(problem_of({.block_for = milliseconds(-1)}), "buffer.block_for");
    EXPECT_EQ(problem_of({.when_full = overflow::block, .block_for = milliseconds::max()}), "none");
}

}  // namespace
}  // namespace logferry::test
