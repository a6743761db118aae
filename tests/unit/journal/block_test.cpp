// `when_full::block`: a log call waits for room, and never longer than its deadline.
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class block_test : public journal_test {
protected:
    void open_and_fill(milliseconds block_for) {
        settings chosen;
        chosen.size = 4 * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.policy = when_full::block;
        chosen.block_for = block_for;
        open(chosen);
        write_segments(4);
    }

    /// A log call on a thread of its own; returns when that thread sleeps.
    std::future<state> start_waiting_call() {
        std::promise<pid_t> started;
        auto tid = started.get_future();
        auto result = std::async(std::launch::async, [this, &started] {
            started.set_value(::gettid());
            return write("late");
        });
        wait_until_asleep(tid.get());
        return result;
    }

private:
    static void wait_until_asleep(pid_t tid) {
        for (int asleep = 0; asleep < 3; std::this_thread::yield()) {
            std::ifstream stat("/proc/self/task/" + std::to_string(tid) + "/stat");
            std::stringstream text;
            text << stat.rdbuf();
            const auto after_name = text.str().rfind(") ");
            ASSERT_NE(after_name, std::string::npos) << "the log call has returned";
            // Several times in a row: on its way it may sleep for a mutex.
            asleep = text.str()[after_name + 2] == 'S' ? asleep + 1 : 0;
        }
    }
};

TEST_F(block_test, does_not_wait_while_there_is_room) {
    settings chosen;
    chosen.size = 16 * segment_bytes;
    chosen.segment_size = segment_bytes;
    chosen.policy = when_full::block;
    chosen.block_for = std::chrono::hours(1);
    open(chosen);
    // And refuses nothing for its importance.
    write_bricks(16 * bricks_per_segment, importance::normal);
}

TEST_F(block_test, waits_until_another_thread_makes_room) {
    open_and_fill(std::chrono::hours(1));
    auto call = start_waiting_call();
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(call.get(), state::granted);
    EXPECT_EQ(read(), "late");
}

TEST_F(block_test, lets_all_in_that_find_room_and_none_more) {
    open_and_fill(std::chrono::hours(1));
    std::vector<std::future<state>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(start_waiting_call());
    read_all(*reader);
    log->maintain();
    for (auto& call : calls) EXPECT_EQ(call.get(), state::granted);
    EXPECT_EQ(read_all(*reader), 8u);
    EXPECT_EQ(log->accepted(), 4 * bricks_per_segment + 8);
}

TEST_F(block_test, sleeps_on_when_nothing_was_released) {
    open_and_fill(std::chrono::hours(1));
    auto call = start_waiting_call();
    log->maintain();
    EXPECT_EQ(call.wait_for(milliseconds(0)), std::future_status::timeout);
    log->close();
    EXPECT_EQ(call.get(), state::closed);
}

TEST_F(block_test, gives_up_at_its_deadline) {
    open_and_fill(milliseconds(20));
    const auto start = steady_clock::now();
    EXPECT_EQ(write("too late"), state::full);
    EXPECT_GE(steady_clock::now() - start, milliseconds(20));
    EXPECT_EQ(log->accepted(), 4 * bricks_per_segment);
}

TEST_F(block_test, has_one_deadline_however_often_the_room_is_gone_again) {
    open_and_fill(milliseconds(100));
    std::atomic<bool> stop{false};
    // Wakes the waiting call all the time, and never has room for it.
    std::thread pest([&] {
        while (!stop) log->maintain();
    });
    EXPECT_EQ(write("never"), state::full);
    stop = true;
    pest.join();
}

TEST_F(block_test, does_not_wait_at_all_with_a_deadline_of_nothing) {
    open_and_fill(milliseconds(0));
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(write("no"), state::full);
}

TEST_F(block_test, is_woken_by_close) {
    open_and_fill(std::chrono::hours(1));
    std::vector<std::future<state>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(start_waiting_call());
    log->close();
    for (auto& call : calls) EXPECT_EQ(call.get(), state::closed);
    EXPECT_EQ(log->accepted(), 4 * bricks_per_segment);
}

}  // namespace
}  // namespace logferry::journal
