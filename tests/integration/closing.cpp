// The end of a shipper: within its budget whatever the vendor does, and with every record accounted for.
#include <future>

#include "world.hpp"

namespace logferry::test {
namespace {

using clock_type = std::chrono::steady_clock;

class closing : public world {
protected:
    /// Closes and tells how long that took.
    milliseconds close_within(milliseconds budget) {
        const auto start = clock_type::now();
        final_stats = sink->get_shipper()->close(budget);
        return std::chrono::duration_cast<milliseconds>(clock_type::now() - start);
    }
    [[nodiscard]] const destination_stats& book() const { return final_stats.destinations[0]; }
    [[nodiscard]] std::uint64_t given_up() const {
        return book().dropped[static_cast<std::size_t>(drop_reason::at_close)];
    }
    shipper_stats final_stats;
};

// How much later than its budget a close may return on a busy machine under a sanitizer.
constexpr milliseconds slack{25'000};

TEST_F(closing, sends_what_is_there) {
    const auto log = logger_to(logsfori());
    for (int i = 0; i < 200; ++i) log->info("{}", i);
    EXPECT_LT(close_within(seconds(60)), seconds(60));
    EXPECT_EQ(book().delivered, 200u);
    EXPECT_TRUE(book().balanced());
    EXPECT_EQ(server.accepted("logsfori"), 200u);
}

TEST_F(closing, the_destructor_closes_too) {
    logger_to(logsfori(), seconds(30))->info("last words");
    sink.reset();
    EXPECT_EQ(server.accepted("logsfori"), 1u);
}

TEST_F(closing, later_records_are_counted_as_such) {
    const auto log = logger_to(logsfori());
    close_within(seconds(5));
    log->info("too late");
    log->flush();
    const auto stats = sink->get_shipper()->stats();
    EXPECT_EQ(stats.destinations[0].dropped[static_cast<std::size_t>(drop_reason::after_close)], 1u);
    EXPECT_TRUE(stats.balanced());
    EXPECT_EQ(sink->get_shipper()->close(seconds(5)).destinations[0].accepted, 1u);
}

TEST_F(closing, a_silent_vendor_costs_the_budget_and_no_more) {
    server.fail_next("logsfori", {.status = 0, .delay = seconds(60)}, 10);
    const auto log = logger_to(logsfori());
    for (int i = 0; i < 10; ++i) log->info("{}", i);
    EXPECT_LT(close_within(milliseconds(300)), milliseconds(300) + slack);
    EXPECT_EQ(given_up(), 10u);
    EXPECT_TRUE(book().balanced());
}

TEST_F(closing, no_budget_means_at_once) {
    server.fail_next("logsfori", {.status = 0, .delay = seconds(60)}, 10);
    const auto log = logger_to(logsfori());
    for (int i = 0; i < 10; ++i) log->info("{}", i);
    EXPECT_LT(close_within(milliseconds(0)), slack);
    EXPECT_EQ(book().pending, 0u);
    EXPECT_TRUE(book().balanced());
}

TEST_F(closing, a_vendor_that_is_not_there_does_not_cost_the_budget) {
    auto vendor = logsfori();
    vendor.base_url = "http://127.0.0.1:9";
    const auto log = logger_to(vendor);
    for (int i = 0; i < 10; ++i) log->info("{}", i);
    EXPECT_LT(close_within(seconds(60)), seconds(30));
    EXPECT_EQ(given_up(), 10u);
}

TEST_F(closing, a_retry_after_does_not_hold_it_up) {
    server.fail_next("logsfori", {.status = 503, .headers = {{"Retry-After", "600"}}});
    const auto log = logger_to(logsfori());
    log->info("kept for a second try");
    while (server.requests("logsfori") == 0) std::this_thread::yield();
    EXPECT_LT(close_within(seconds(60)), seconds(30));
    EXPECT_EQ(book().delivered, 1u);
}

TEST_F(closing, while_others_log) {
    const auto log = logger_to(logsfori());
    std::vector<std::thread> running;
    constexpr std::uint64_t threads = 4;
    constexpr std::uint64_t each = 5000;
    for (std::uint64_t t = 0; t < threads; ++t) {
        running.emplace_back([&log] {
            for (std::uint64_t i = 0; i < each; ++i) log->error("{}", i);
        });
    }
    close_within(milliseconds(50));
    for (auto& thread : running) thread.join();
    const auto stats = sink->get_shipper()->stats();
    EXPECT_EQ(stats.destinations[0].accepted, threads * each);
    EXPECT_EQ(stats.pending(), 0u);
    EXPECT_TRUE(stats.balanced());
    const auto received = server.received("logsfori");
    for (const auto& request : received) EXPECT_EQ(request.accepted, 1u) << request.problem;
    EXPECT_GE(received.size(), stats.destinations[0].delivered);
}

TEST_F(closing, from_a_callback_does_not_wait_for_itself) {
    std::atomic<bool> closed{false};
    options opts;
    opts.destinations.push_back({logsfori()});
    std::weak_ptr<shipper> weak;
    std::mutex mutex;
    opts.on_event = [&](const event&) {
        const std::lock_guard lock(mutex);
        if (const auto shipper = weak.lock()) shipper->close(seconds(30));
        closed = true;
    };
    server.fail_next("logsfori", {.status = 403, .body = R"({"status": "Invalid token"})"}, 100);
    {
        sink = std::make_shared<spdlog_sink>(std::move(opts));
        const std::lock_guard lock(mutex);
        weak = sink->get_shipper();
    }
    spdlog::logger log("shop", sink);
    log.info("refused");
    const auto deadline = clock_type::now() + seconds(60);
    while (!closed && clock_type::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(closed);
    EXPECT_TRUE(sink->get_shipper()->drain(seconds(10)).balanced());
    sink.reset();  // before what its callback uses
}

TEST_F(closing, the_shorter_of_two_budgets_counts) {
    server.fail_next("logsfori", {.status = 0, .delay = seconds(60)}, 10);
    const auto log = logger_to(logsfori());
    log->info("nobody answers");
    std::thread patient([this] { sink->get_shipper()->close(seconds(30)); });
    EXPECT_LT(close_within(milliseconds(100)), milliseconds(100) + slack);
    patient.join();
    EXPECT_EQ(given_up(), 1u);
}

TEST_F(closing, after_a_close_from_a_callback_the_figures_are_final_when_close_returns) {
    std::promise<void> closed;
    std::weak_ptr<shipper> weak;
    std::promise<void> known;
    auto is_known = known.get_future().share();
    options opts;
    opts.destinations.push_back({logsfori()});
    opts.on_event = [&, is_known](const event&) {
        is_known.wait();
        if (const auto shipper = weak.lock()) shipper->close(seconds(10));
        closed.set_value();
    };
    server.fail_next("logsfori", {.status = 403, .body = R"({"status": "Invalid token"})"});
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    weak = sink->get_shipper();
    spdlog::logger log("shop", sink);
    for (int i = 0; i < 5; ++i) log.info("{}", i);
    known.set_value();  // not before: what is logged after a close is not sent
    closed.get_future().wait();
    close_within(seconds(10));
    EXPECT_EQ(final_stats.pending(), 0u);
    EXPECT_EQ(book().delivered, 5u);
    EXPECT_EQ(server.accepted("logsfori"), 5u);
    sink.reset();
}

TEST_F(closing, no_callback_comes_after_it) {
    std::atomic<int> calls{0};
    options opts;
    opts.destinations = {{logsfori()}, {logsh()}};
    std::promise<void> first;
    opts.on_event = [&](const event&) {
        if (calls++ == 0) first.set_value();
        const auto end = clock_type::now() + milliseconds(300);
        while (clock_type::now() < end) std::this_thread::yield();
    };
    for (const auto* vendor : {"logsfori", "logsh"}) server.fail_next(vendor, {.status = 422});
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    spdlog::logger log("shop", sink);
    log.info("refused by both");
    first.get_future().wait();
    close_within(milliseconds(0));
    const int said = calls;
    sink.reset();
    const auto end = clock_type::now() + milliseconds(700);
    while (clock_type::now() < end) std::this_thread::yield();
    EXPECT_EQ(calls, said);
}

TEST_F(closing, a_drain_tells_what_it_waited_for) {
    options opts;
    opts.destinations.push_back({logsfori()});
    opts.on_event = [](const event&) {
        const auto end = clock_type::now() + milliseconds(200);
        while (clock_type::now() < end) std::this_thread::yield();
    };
    server.fail_next("logsfori", {.status = 422});
    const auto shipper = shipper::open(std::move(opts));
    spdlog::logger log("shop", std::make_shared<spdlog_sink>(shipper));
    log.info("refused");
    const auto stats = shipper->drain(seconds(20));
    EXPECT_EQ(stats.pending(), 0u);
    EXPECT_EQ(stats.destinations[0].rejected, 1u);
}

TEST_F(closing, budgets_without_end_do_not_overflow) {
    const auto log = logger_to(logsfori());
    log->info("soon");
    EXPECT_EQ(sink->get_shipper()->drain(milliseconds::max()).destinations[0].delivered, 1u);
    EXPECT_LT(close_within(milliseconds::max()), seconds(60));
}

TEST_F(closing, the_callers_signal_mask_is_untouched) {
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    const auto log = logger_to(logsfori());
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < 32; ++signal) EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal));
}

}  // namespace
}  // namespace logferry::test
