// What became of every record, with the emulator as the oracle outside.
#include <atomic>
#include <set>

#include "world.hpp"

namespace logferry::test {
namespace {

class ledger : public world {};

/// How often each record arrived, by the number in its message.
std::map<std::string, int> arrivals(const std::vector<json>& bodies) {
    std::map<std::string, int> seen;
    for (const auto& body : bodies) ++seen[body["message"].get<std::string>()];
    return seen;
}

TEST_F(ledger, many_threads_lose_nothing_and_double_nothing) {
    constexpr int threads = 8;
    constexpr int each = 1000;
    auto vendor = quiet({{logsfori(), {.in_flight = 8}}});
    sink = std::make_shared<spdlog_sink>(std::move(vendor));
    const auto log = std::make_shared<spdlog::logger>("shop", sink);
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&log, t] {
            for (int i = 0; i < each; ++i) log->info("{}-{}", t, i);
        });
    }
    for (auto& thread : running) thread.join();
    const auto book = settled();
    EXPECT_EQ(book.accepted, std::uint64_t{threads * each});
    EXPECT_EQ(book.delivered, book.accepted);
    const auto seen = arrivals(bodies("logsfori"));
    EXPECT_EQ(seen.size(), std::size_t{threads * each});
    for (const auto& [message, times] : seen) EXPECT_EQ(times, 1) << message;
}

TEST_F(ledger, balances_at_every_moment) {
    sink = std::make_shared<spdlog_sink>(quiet(all_vendors()));
    spdlog::logger log("shop", sink);
    std::atomic<bool> over{false};
    std::thread watcher([&] {
        std::uint64_t before = 0;
        while (!over) {
            const auto stats = sink->get_shipper()->stats();
            for (const auto& d : stats.destinations) EXPECT_TRUE(d.balanced()) << d.name;
            EXPECT_GE(stats.destinations[0].accepted, before);
            before = stats.destinations[0].accepted;
        }
    });
    for (int i = 0; i < 500; ++i) log.info("{}", i);
    for (std::size_t i = 0; i < 5; ++i) settled(*sink->get_shipper(), i);
    over = true;
    watcher.join();
}

TEST_F(ledger, order_is_kept_where_the_vendor_is_strict) {
    const auto log = logger_to(logsentry());
    server.fail_next("logsentry", {.status = 503}, 1);
    for (int i = 0; i < 200; ++i) log->info("{}", i);
    settled();
    int next = 0;
    for (const auto& request : server.received("logsentry")) {
        if (request.accepted == 0) continue;
        EXPECT_EQ(json::parse(request.body)["msg"], std::to_string(next++));
    }
    EXPECT_EQ(next, 200);
}

TEST_F(ledger, a_record_sent_twice_says_that_it_is_the_same) {
    const auto log = logger_to(logsfori());
    server.fail_next("logsfori", {.status = 503, .after_accepting = true});
    log->info("twice");
    EXPECT_EQ(settled().delivered, 1u);
    const auto requests = server.received("logsfori");
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(json::parse(requests[0].body)["extra"]["record_id"], json::parse(requests[1].body)["extra"]["record_id"]);
}

TEST_F(ledger, a_vendor_in_trouble_gets_the_record_later) {
    const auto log = logger_to(logsh());
    server.fail_next("logsh", {.hang_up = true});
    server.fail_next("logsh", {.status = 502, .body = "<html>bad gateway</html>"});
    server.fail_next("logsh", {.status = 429, .body = "{}", .headers = {{"Retry-After", "1"}}});
    log->info("late");
    const auto book = settled();
    EXPECT_EQ(book.delivered, 1u);
    EXPECT_GE(book.retries, 3u);
    EXPECT_NE(book.last_error, "");
}

TEST_F(ledger, refused_credentials_hold_the_queue_and_say_so_once) {
    auto vendor = logsfori();
    vendor.token = secret("not-the-token-hunter2");
    const auto log = logger_to(vendor);
    for (int i = 0; i < 50; ++i) log->info("{}", i);
    const auto said = awaited_events(event::kind::paused);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0].find("hunter2"), std::string::npos) << said[0];
    const auto stats = sink->get_shipper()->stats();
    EXPECT_EQ(stats.destinations[0].pending, 50u);
    EXPECT_TRUE(stats.balanced());
    EXPECT_LE(server.requests("logsfori"), 2u);
    const auto closed = sink->get_shipper()->close(seconds(30)).destinations[0];
    EXPECT_EQ(events(event::kind::paused).size(), 1u);
    EXPECT_NE(closed.last_error, "");
    EXPECT_EQ(closed.last_error.find("hunter2"), std::string::npos) << closed.last_error;
    EXPECT_EQ(closed.dropped[static_cast<std::size_t>(drop_reason::at_close)], 50u);
    EXPECT_TRUE(closed.balanced());
}

TEST_F(ledger, a_dead_destination_costs_a_living_one_nothing) {
    auto dead = logsh();
    dead.base_url = "http://127.0.0.1:9";  // nobody listens on the discard port
    auto opts = quiet({{dead}, {logsfori(), {.in_flight = 8}}});
    opts.buffer.size = 2 * 1024 * 1024;
    const auto shipper = shipper::open(std::move(opts));
    spdlog::logger log("shop", std::make_shared<spdlog_sink>(shipper));
    constexpr int records = 6000;
    const std::string padding(300, 'p');
    // More than the buffer holds, but never more at once than the living vendor can take.
    for (int i = 0; i < records; ++i) {
        log.info("{} {}", i, padding);
        if (i % 500 == 499) {
            ASSERT_TRUE(server.wait_for("logsfori", static_cast<std::size_t>(i - 400), seconds(30)));
        }
    }
    ASSERT_TRUE(server.wait_for("logsfori", records, seconds(30)));
    const auto closed = shipper->close(seconds(30));
    EXPECT_TRUE(closed.balanced());
    EXPECT_EQ(closed.destinations[1].delivered, std::uint64_t{records});
    EXPECT_EQ(closed.destinations[1].dropped_total(), 0u);
    EXPECT_EQ(closed.destinations[0].delivered, 0u);
    EXPECT_EQ(closed.destinations[0].dropped_total(), std::uint64_t{records});
    EXPECT_GT(closed.destinations[0].dropped[static_cast<std::size_t>(drop_reason::full)], 0u);
}

}  // namespace
}  // namespace logferry::test
