// How the worker sleeps in the transport, and how it is got out of there.
#include <thread>

#include <support/processor_time.hpp>

#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using test::processor_time;

using clock = std::chrono::steady_clock;

class drive_test : public transport_test {
protected:
    std::vector<completion> drive(std::chrono::nanoseconds wait) {
        std::vector<completion> done;
        transport_->drive(wait, done);
        return done;
    }

    /// A request that is under way and stays so.
    void start_a_silent_one(std::uint64_t tag = 0) {
        const auto before = silent_.requests().size();
        start(to_, "x", tag);
        drive_until([&] { return silent_.requests().size() == before + 1; });
    }

    raw_server silent_{script{read_request(), hold()}};
    endpoint_id to_ = endpoint(silent_.url());
};

TEST_F(drive_test, returns_after_the_wait_when_there_is_nothing_to_do) {
    const auto begin = clock::now();
    EXPECT_TRUE(drive(20ms).empty());
    EXPECT_GE(clock::now() - begin, 20ms);
}

TEST_F(drive_test, returns_after_the_wait_with_a_request_under_way) {
    start_a_silent_one();
    const auto begin = clock::now();
    EXPECT_TRUE(drive(20ms).empty());
    EXPECT_GE(clock::now() - begin, 20ms);
}

TEST_F(drive_test, sleeps_instead_of_spinning) {
    start_a_silent_one();
    const auto before = processor_time();
    drive(400ms);
    EXPECT_LT(processor_time() - before, 100ms);
}

TEST_F(drive_test, does_not_spin_for_waits_below_a_millisecond) {
    const auto before = processor_time();
    for (int i = 0; i < 1000; ++i) drive(900us);
    EXPECT_LT(processor_time() - before, 300ms);
}

TEST_F(drive_test, does_not_wait_for_zero_or_less) {
    start_a_silent_one();
    // Would a wait of this length be taken for a long one, the test would run into its limit.
    for (const auto wait : {0ns, -1ns, std::chrono::nanoseconds::min()}) EXPECT_TRUE(drive(wait).empty());
}

TEST_F(drive_test, is_woken_by_another_thread_from_the_longest_sleep) {
    std::thread other([this] { waker_.wake(); });
    EXPECT_TRUE(drive(std::chrono::nanoseconds::max()).empty());
    other.join();
}

TEST_F(drive_test, is_woken_with_a_request_under_way) {
    start_a_silent_one();
    std::thread other([this] { waker_.wake(); });
    EXPECT_TRUE(drive(std::chrono::hours(1)).empty());
    other.join();
}

TEST_F(drive_test, does_not_miss_a_wake_up_that_came_before_it) {
    waker_.wake();
    EXPECT_TRUE(drive(std::chrono::hours(1)).empty());
}

TEST_F(drive_test, is_woken_once_for_a_wake_up) {
    waker_.wake();
    drive(1h);
    const auto begin = clock::now();
    drive(20ms);
    EXPECT_GE(clock::now() - begin, 20ms);
}

TEST_F(drive_test, returns_for_a_completion_whatever_the_wait) {
    raw_server server(always(answer(200)));
    start(endpoint(server.url()), "x", 7);
    std::vector<completion> done;
    transport_->drive(std::chrono::nanoseconds::max(), done);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].tag, 7u);
}

TEST_F(drive_test, appends_to_what_is_there) {
    raw_server server(always(answer(200)));
    std::vector<completion> done(3);
    start(endpoint(server.url()), "x", 7);
    transport_->drive(1h, done);
    ASSERT_EQ(done.size(), 4u);
    EXPECT_EQ(done[3].tag, 7u);
}

TEST_F(drive_test, reports_every_request_that_was_aborted_at_once) {
    start_a_silent_one(1);
    start_a_silent_one(2);
    start(to_, "x", 3);  // not even connected yet
    transport_->abort_all();

    auto done = drive(1h);
    ASSERT_EQ(done.size(), 3u);
    std::sort(done.begin(), done.end(), [](const auto& a, const auto& b) { return a.tag < b.tag; });
    for (std::uint64_t tag = 1; tag <= 3; ++tag) {
        EXPECT_EQ(done[tag - 1].tag, tag);
        EXPECT_EQ(done[tag - 1].response.failure, http_failure::aborted);
        EXPECT_EQ(done[tag - 1].response.status, 0);
    }
    EXPECT_TRUE(silent_.wait_for_ended(2));
}

TEST_F(drive_test, aborting_is_reported_once_and_touches_nothing_that_comes_later) {
    start_a_silent_one();
    transport_->abort_all();
    transport_->abort_all();
    EXPECT_EQ(drive(0ns).size(), 1u);
    EXPECT_TRUE(drive(0ns).empty());

    raw_server server(always(answer(200)));
    EXPECT_EQ(post(endpoint(server.url()), "x").status, 200);
}

TEST_F(drive_test, aborted_body_may_go_at_once) {
    {
        const std::string body(16'000'000, 'b');
        raw_server stalled(script{read_bytes(1), hold()});
        start(endpoint(stalled.url()), body, 1);
        std::vector<completion> done;
        while (stalled.connections() == 0) transport_->drive(1ms, done);
        transport_->abort_all();
    }
    EXPECT_EQ(drive(1h).at(0).response.failure, http_failure::aborted);
}

TEST_F(drive_test, can_be_destroyed_with_requests_in_flight) {
    for (std::uint64_t tag = 0; tag < 10; ++tag) start_a_silent_one(tag);
    start(to_, "x", 10);
    transport_.reset();
    EXPECT_TRUE(silent_.wait_for_ended(10));
}

TEST(initialise_curl, may_be_called_by_many_threads_at_once) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([] { EXPECT_NO_THROW(initialise_curl()); });
    for (auto& each : threads) each.join();
}

}  // namespace
}  // namespace logferry::transport
