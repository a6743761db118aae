// A program with a spool costs nothing while it is quiet, and a log call asks the system for nothing.
#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

// A sanitizer makes system calls of its own, and one has a thread that wakes up.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

class quiet : public spool_fault {};

/// How often the program's threads have waited for something, but for the one that waits for the test's orders.
std::uint64_t waits_of(const program& app) {
    std::uint64_t sum = 0;
    const auto tasks = std::filesystem::path("/proc") / std::to_string(app.pid()) / "task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        if (task.path().filename() == std::to_string(app.pid())) continue;
        std::ifstream in(task.path() / "status");
        const std::string key = "voluntary_ctxt_switches:";
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with(key)) sum += std::stoull(line.substr(key.size()));
        }
    }
    return sum;
}

TEST_F(quiet, F7_a_quiet_program_does_not_wake_up) {
    house in;
    fake_vendor vendor(takes_all(), in.vendor());
    const auto app = in.start(vendor.url());
    app->log(100);
    app->drain(30s);
    // What there was to tidy up takes some seconds at most; then not once in a second.
    std::uint64_t wakes = 0;
    for (int second = 0; second < 10; ++second) {
        const auto before = waits_of(*app);
        std::this_thread::sleep_for(1s);  // the time that is measured
        wakes = waits_of(*app) - before;
        if (wakes == 0) break;
    }
    EXPECT_EQ(wakes, 0u);
    close(*app, long_enough);
    EXPECT_EQ(app->end(), 0);
    compare(in, vendor.book(), 0);
}

TEST_F(quiet, F8_a_log_call_makes_no_system_call) {
    house in;
    fake_vendor vendor(takes_all(), in.vendor());
    // The usual segments, two of them at least, and no waiting for room.
    const auto app = in.start(vendor.url(), {{"segment_size", 0}, {"overflow", "shed"}});
    app->log_without_system_calls(20'000);
    app->drain(30s);
    EXPECT_EQ(app->books().dropped_total(), 0u);
    EXPECT_EQ(app->books().spool.unspooled, 0u);
    close(*app, long_enough);
    EXPECT_EQ(app->end(), 0);
    compare(in, vendor.book(), 0);
}

#endif

}  // namespace
}  // namespace logferry::fault
