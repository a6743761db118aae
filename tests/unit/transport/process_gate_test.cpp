#include <transport/process_gate.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace logferry::transport {
namespace {

using std::chrono::seconds;

/// Of a thread of this process; 0 is none.
bool sleeps(pid_t thread_id) {
    std::ifstream stat("/proc/self/task/" + std::to_string(thread_id) + "/stat");
    std::string text;
    std::getline(stat, text);
    const auto name_ends = text.rfind(')');
    return name_ends != std::string::npos && text.compare(name_ends, 3, ") S") == 0;
}

void expect_success(pid_t child) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(process_gate_test, nobody_gets_in_while_it_is_shut) {
    process_gate::shut();
    std::atomic<bool> got_in{false};
    std::atomic<pid_t> thread_id{0};
    std::thread comes_late([&] {
        thread_id = ::gettid();
        const process_gate::inside libcurl;
        got_in = true;
    });
    // Until it has come, and sleeps there.
    while (!got_in && !sleeps(thread_id)) std::this_thread::yield();
    EXPECT_FALSE(got_in);
    process_gate::open();
    comes_late.join();
    EXPECT_TRUE(got_in);
}

TEST(process_gate_test, a_fork_waits_for_those_inside) {
    std::promise<void> is_in;
    std::atomic<bool> left{false};
    std::promise<void> may_leave;
    std::thread worker([&] {
        std::optional<process_gate::inside> libcurl(std::in_place);
        is_in.set_value();
        may_leave.get_future().wait();
        left = true;
        libcurl.reset();
    });
    is_in.get_future().wait();
    may_leave.set_value();
    const auto start = std::chrono::steady_clock::now();
    process_gate::shut();
    const bool waited_too_long = std::chrono::steady_clock::now() - start >= process_gate::patience;
    EXPECT_TRUE(left || waited_too_long);
    process_gate::open();
    worker.join();
}

TEST(process_gate_test, a_fork_does_not_wait_for_ever) {
    const process_gate::inside libcurl;
    const auto start = std::chrono::steady_clock::now();
    process_gate::shut();
    const auto took = std::chrono::steady_clock::now() - start;
    process_gate::open();
    EXPECT_GE(took, process_gate::patience);
    EXPECT_LT(took, process_gate::patience + seconds(20));
}

// A real child, for nothing else is without the thread that was inside.
TEST(process_gate_test, is_open_in_a_child_whoever_was_inside) {
    std::promise<void> is_in;
    std::promise<void> may_leave;
    std::thread worker([&] {
        const process_gate::inside libcurl;
        is_in.set_value();
        may_leave.get_future().wait();
    });
    is_in.get_future().wait();
    process_gate::shut();
    const auto child = ::fork();
    if (child == 0) {
        process_gate::open_in_child();
        { const process_gate::inside of_the_child; }
        // If it waited for somebody who is not there, it would do so each time.
        bool ever_quick = false;
        for (int i = 0; i < 20 && !ever_quick; ++i) {
            const auto start = std::chrono::steady_clock::now();
            process_gate::shut();
            ever_quick = std::chrono::steady_clock::now() - start < process_gate::patience;
            process_gate::open();
        }
        ::_exit(ever_quick ? 0 : 1);
    }
    process_gate::open();
    expect_success(child);
    may_leave.set_value();
    worker.join();
}

TEST(process_gate_test, whoever_is_inside_may_enter_again) {
    const process_gate::inside once;
    std::optional<process_gate::inside> twice(std::in_place);
    twice.reset();
    const auto start = std::chrono::steady_clock::now();
    process_gate::shut();
    EXPECT_GE(std::chrono::steady_clock::now() - start, process_gate::patience) << "still inside";
    { const process_gate::inside though_it_is_shut; }
    process_gate::open();
}

bool is_turned_away() {
    try {
        const process_gate::in_libcurl polite(process_gate::manners::polite);
    } catch (const process_gate::shut_for_good&) {
        return true;
    }
    return false;
}

// In a child, for it is for good.
TEST(process_gate_test, lets_nobody_in_at_the_end) {
    const auto child = ::fork();
    if (child != 0) return expect_success(child);
    process_gate::shut_for_good_after(seconds(0));
    const bool turned_away = is_turned_away();
    std::atomic<bool> got_in{false};
    std::atomic<pid_t> thread_id{0};
    std::thread([&] {
        thread_id = ::gettid();
        const process_gate::inside patient;
        got_in = true;
    }).detach();
    while (!got_in && !sleeps(thread_id)) std::this_thread::yield();
    // What comes after a fork does not open it.
    process_gate::shut();
    process_gate::open();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    process_gate::open_in_child();
    ::_exit(turned_away && is_turned_away() && !got_in ? 0 : 1);
}

// A file may lie on a disk that hangs.
TEST(process_gate_test, waits_at_the_end_for_nobody_in_a_file) {
    const auto child = ::fork();
    if (child != 0) return expect_success(child);
    const process_gate::inside file;
    const auto start = std::chrono::steady_clock::now();
    process_gate::shut_for_good_after(seconds(20));
    const bool at_once = std::chrono::steady_clock::now() - start < seconds(10);
    // But not from there to libcurl.
    ::_exit(at_once && is_turned_away() ? 0 : 1);
}

TEST(process_gate_test, waits_at_the_end_for_those_in_libcurl) {
    const auto child = ::fork();
    if (child != 0) return expect_success(child);
    std::promise<void> is_in;
    std::atomic<bool> left{false};
    std::thread([&] {
        const process_gate::in_libcurl stay;
        is_in.set_value();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        left = true;
    }).detach();
    is_in.get_future().wait();
    process_gate::shut_for_good_after(seconds(20));
    ::_exit(left ? 0 : 1);
}

}  // namespace
}  // namespace logferry::transport
