// spdlog's asynchronous loggers, flushing, and records that come from our own thread.
#include <spdlog/async.h>

#include <atomic>

#include "world.hpp"

namespace logferry::test {
namespace {

class spdlog_async : public world {};

TEST_F(spdlog_async, the_hop_is_noticed_counted_and_said_once) {
    sink = std::make_shared<spdlog_sink>(quiet({{logsfori()}}));
    const auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
    const auto log = std::make_shared<spdlog::async_logger>("net", sink, pool);
    const scope mine{{"request_id", "r-1"}};
    log->info("one {}", kv("a", 1));
    log->info("two");
    ASSERT_TRUE(server.wait_for("logsfori", 2, seconds(60)));
    EXPECT_EQ(settled().delivered, 2u);
    EXPECT_EQ(sink->get_shipper()->stats().async_hops, 2u);
    EXPECT_EQ(events(event::kind::notice).size(), 1u);
    for (const auto& body : bodies("logsfori")) {
        // The name and the payload are views that end where they end, not at a terminator.
        EXPECT_EQ(body["extra"]["logger"], "net");
        EXPECT_FALSE(body["extra"].contains("request_id"));
        EXPECT_FALSE(body["extra"].contains("a"));
    }
    EXPECT_EQ(bodies("logsfori")[1]["message"], "two");
}

TEST_F(spdlog_async, a_synchronous_logger_counts_no_hop) {
    logger_to(logsfori())->info("direct");
    settled();
    EXPECT_EQ(sink->get_shipper()->stats().async_hops, 0u);
    EXPECT_TRUE(events(event::kind::notice).empty());
}

TEST_F(spdlog_async, flush_on_does_not_wait_for_the_vendor) {
    server.fail_next("logsfori", {.status = 0, .delay = seconds(60)}, 100);
    const auto log = logger_to(logsfori());
    log->flush_on(spdlog::level::err);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) log->error("an error line that asks for a flush");
    // One answer alone takes a minute.
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(40));
    const auto ledger = sink->get_shipper()->close(milliseconds(0)).destinations[0];
    EXPECT_EQ(ledger.accepted, 100u);
    EXPECT_TRUE(ledger.balanced());
}

TEST_F(spdlog_async, flush_sends_an_incomplete_batch_at_once) {
    auto opts = quiet({{profound(), {.batch_age = std::chrono::hours(1)}}});
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    spdlog::logger log("access", sink);
    const auto visit = [&log] {
        log.info("GET / {}", kv("method", "GET", "host", "example.com", "path", "/", "status_code", 200, "ip",
                                "192.0.2.1", "user_agent", "test"));
    };
    // The first after a pause goes at once; while its answer is out, others are collected.
    server.fail_next("profound", {.status = 0, .delay = seconds(60)});
    visit();
    ASSERT_TRUE(server.wait_for("profound", 1, seconds(60)));
    visit();
    visit();
    EXPECT_FALSE(server.wait_for("profound", 2, milliseconds(100)));
    log.flush();
    EXPECT_TRUE(server.wait_for("profound", 3, seconds(60)));
    sink->get_shipper()->close(milliseconds(0));  // the first answer is not waited for
}

TEST_F(spdlog_async, what_a_callback_logs_is_dropped_and_counted) {
    std::shared_ptr<spdlog::logger> log;
    std::atomic<int> calls{0};
    options opts;
    opts.destinations.push_back({logsfori()});
    opts.on_event = [&](const event&) {
        ++calls;
        log->error("this must not come back");
    };
    server.fail_next("logsfori", {.status = 403, .body = R"({"status": "Invalid token"})"});
    opts.delivery.pause_min = milliseconds(50);
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    log = std::make_shared<spdlog::logger>("shop", sink);
    log->info("refused at first");
    const auto ledger = settled();
    EXPECT_EQ(ledger.delivered, 1u);
    EXPECT_GE(calls.load(), 1);
    EXPECT_EQ(ledger.dropped[static_cast<std::size_t>(drop_reason::reentrant)],
              static_cast<std::uint64_t>(calls.load()));
    EXPECT_EQ(server.accepted("logsfori"), 1u);
    sink->get_shipper()->close();
}

TEST_F(spdlog_async, a_callback_that_throws_harms_nobody) {
    options opts;
    opts.destinations.push_back({logsfori()});
    opts.delivery.pause_min = milliseconds(50);
    opts.on_event = [](const event&) { throw std::runtime_error("no"); };
    server.fail_next("logsfori", {.status = 403, .body = R"({"status": "Invalid token"})"});
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    spdlog::logger log("shop", sink);
    log.info("refused at first");
    EXPECT_EQ(settled().delivered, 1u);
}

}  // namespace
}  // namespace logferry::test
