// Fields from the caller.
#include "world.hpp"

namespace logferry::test {
namespace {

class spdlog_fields : public world {
protected:
    /// A logger that writes to a vendor and, as a console would show it, into `shown`.
    std::shared_ptr<spdlog::logger> logger_with_console() {
        auto log = logger_to(logsfori());
        auto console = std::make_shared<spdlog::sinks::ostream_sink_mt>(shown);
        console->set_pattern("%v");
        log->sinks().push_back(console);
        return log;
    }
    json extra() {
        settled();
        return bodies("logsfori").back()["extra"];
    }
    std::ostringstream shown;
};

TEST_F(spdlog_fields, kv_is_typed_here_and_readable_elsewhere) {
    const auto log = logger_with_console();
    log->error("payment failed {}",
               kv("order_id", 42, "amount", 9.99, "card", std::string("visa debit"), "retry", false));
    const auto e = extra();
    EXPECT_EQ(e["order_id"], 42);
    EXPECT_EQ(e["amount"], 9.99);
    EXPECT_EQ(e["card"], "visa debit");
    EXPECT_EQ(e["retry"], false);
    EXPECT_EQ(shown.str(), "payment failed order_id=42 amount=9.99 card=\"visa debit\" retry=false\n");
}

TEST_F(spdlog_fields, text_that_looks_like_a_field_is_text) {
    const auto log = logger_to(logsfori());
    log->info("{}", "admin=true");
    EXPECT_FALSE(extra().contains("admin"));
}

TEST_F(spdlog_fields, a_field_does_not_stay_for_the_next_record) {
    const auto log = logger_to(logsfori());
    log->info("first {}", kv("order_id", 1));
    log->info("second order_id=1");
    EXPECT_FALSE(extra().contains("order_id"));
}

TEST_F(spdlog_fields, a_field_given_to_another_logger_does_not_leak) {
    spdlog::logger elsewhere("elsewhere", std::make_shared<spdlog::sinks::ostream_sink_mt>(shown));
    const auto log = logger_to(logsfori());
    elsewhere.info("{}", kv("order_id", 1));
    log->info("order_id=1");
    EXPECT_FALSE(extra().contains("order_id"));
}

TEST_F(spdlog_fields, several_packs_in_one_call) {
    const auto log = logger_to(logsfori());
    log->info("{} then {}", kv("a", 1), kv("b", 2));
    const auto e = extra();
    EXPECT_EQ(e["a"], 1);
    EXPECT_EQ(e["b"], 2);
}

TEST_F(spdlog_fields, text_formatted_beforehand_keeps_its_fields) {
    const auto log = logger_to(logsfori());
    log->info(fmt::format("done {:>20}", kv("a", 1)));
    EXPECT_EQ(extra()["a"], 1);
}

TEST_F(spdlog_fields, two_sinks_on_one_logger_both_get_the_fields) {
    const auto log = logger_to(logsfori());
    auto second = std::make_shared<spdlog_sink>(quiet({{logsh()}}));
    log->sinks().push_back(second);
    log->info("{}", kv("a", 1));
    EXPECT_EQ(extra()["a"], 1);
    settled(*second->get_shipper());
    EXPECT_EQ(only_body("logsh")["metadata"]["a"], 1);
}

TEST_F(spdlog_fields, raw_json_arrives_as_json) {
    const auto log = logger_to(logsfori());
    log->info("{}", kv("cart", value::json(R"({"items":[1,2]})"), "broken", value::json("{nope")));
    const auto e = extra();
    EXPECT_EQ(e["cart"], json::parse(R"({"items":[1,2]})"));
    EXPECT_EQ(e["broken"], "{nope");
}

TEST_F(spdlog_fields, a_scope_decorates_every_record_of_its_thread) {
    const auto log = logger_to(logsfori());
    {
        const scope request{{"request_id", "r-1"}, {"user_id", 7}};
        {
            const scope inner{{"user_id", 8}};
            log->info("inside {}", kv("step", 3));
        }
        const auto inside = extra();
        EXPECT_EQ(inside["request_id"], "r-1");
        EXPECT_EQ(inside["user_id"], 8);
        EXPECT_EQ(inside["step"], 3);

        log->info("outside");
        EXPECT_EQ(extra()["user_id"], 7);
        std::thread([&] { log->info("another thread"); }).join();
        EXPECT_FALSE(extra().contains("request_id"));
    }
    log->info("afterwards");
    EXPECT_FALSE(extra().contains("request_id"));
}

TEST_F(spdlog_fields, slots_are_filled_from_fields_of_their_name) {
    const auto log = logger_to(logsfori());
    log->info("paid {}", kv("transaction_id", "tx-9", "resource_id", "order/4", "execution_time", 12.5, "other", 1));
    settled();
    const auto body = only_body("logsfori");
    EXPECT_EQ(body["transaction_id"], "tx-9");
    EXPECT_EQ(body["resource_id"], "order/4");
    EXPECT_EQ(body["execution_time"], 12.5);
    EXPECT_FALSE(body["extra"].contains("transaction_id"));
    EXPECT_EQ(body["extra"]["other"], 1);
}

TEST_F(spdlog_fields, templates_come_first) {
    auto vendor = logsfori();
    vendor.event_name = "{logger}.{level}";
    vendor.transaction_id = "order-{field:order_id}";
    const auto log = logger_to(vendor);
    log->warn("{}", kv("order_id", 42, "transaction_id", "from the record"));
    settled();
    const auto body = only_body("logsfori");
    EXPECT_EQ(body["event_name"], "shop.warn");
    EXPECT_EQ(body["transaction_id"], "order-42");
}

TEST_F(spdlog_fields, an_access_log_reaches_profound) {
    const auto log = logger_to(profound());
    log->info("GET / {}",
              kv("http.request.method", "GET", "server.address", "example.com", "url.path", "/products", "url.query",
                 "category=electronics&page=1", "http.response.status_code", 200, "client.address", "192.168.1.1",
                 "user_agent.original", "Mozilla/5.0...", "http.request.header.referer", "https://example.com",
                 "http.response.body.size", 1024, "duration_ms", 150));
    log->info("no access log entry");
    const auto ledger = settled();
    EXPECT_EQ(ledger.delivered, 1u);
    EXPECT_EQ(ledger.filtered, 1u);
    auto entry = only_body("profound").at(0);
    EXPECT_TRUE(entry["timestamp"].is_string());
    entry.erase("timestamp");
    // "Custom Log Integration", Format Your Logs.
    EXPECT_EQ(entry, json::parse(R"({"method":"GET","host":"example.com","path":"/products","status_code":200,
        "ip":"192.168.1.1","user_agent":"Mozilla/5.0...","query_params":{"category":"electronics","page":"1"},
        "referer":"https://example.com","bytes_sent":1024,"duration_ms":150})"));
}

}  // namespace
}  // namespace logferry::test
