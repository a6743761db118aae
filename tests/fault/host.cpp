// Living inside somebody else's program: its ends, its signals, its callbacks, its other sinks.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fault_test.hpp"
#include "temporary_directory.hpp"

namespace logferry::fault {
namespace {

TEST_F(fault, D3_certificate_authorities_missing_or_empty) {
    const temporary_directory place;
    const std::string empty = place.path() / "empty_ca.pem";
    std::ofstream(empty).close();
    for (const std::string& file : {std::string(place.path() / "no_such_ca.pem"), empty}) {
        program app{{"url", "https://127.0.0.1:9"}, {"ca_file", file}};
        EXPECT_FALSE(app.ready());
        const std::string said = app.books().last_error.data();
        EXPECT_NE(said.find("ca_file"), said.npos) << said;
        EXPECT_NE(said.find(file), said.npos) << said;
        audit_dead(app, vendor_book());
    }
}

TEST_F(fault, E1_logs_from_every_destructor) {
    constexpr int rounds = 100;
    for (int round = 0; round < rounds; ++round) {
        fake_vendor vendor(takes_all());
        program app{{"url", vendor.url()}, {"logs_at_every_end", true}, {"close_budget", 30'000}};
        app.log(20, 2);
        audit(app, vendor.book());
        // Two threads and main, two handlers, one static.
        EXPECT_EQ(app.books().accepted, 20u + 2 + 1 + 2 + 1);
    }
}

TEST_F(fault, E3_exits_while_threads_log) {
    for (int round = 0; round < 10; ++round) {
        fake_vendor vendor(takes_all(), {.vendor = "profound"});
        program app{{"url", vendor.url()}, {"vendor", "profound"}, {"close_budget", 300}};
        app.keep_logging(3);
        ASSERT_TRUE(app.wait_until([](const ledger& books) { return books.delivered >= 200; }));
        EXPECT_EQ(app.exit(), 0);
        // What was in flight when the budget was over: the vendor has it, and nobody could tell. Twice as much if that
        // was after four answers had come, and before their count was told and four more requests were sent.
        audit_dead(app, vendor.book(), 2 * 4 * 500);
    }
}

TEST_F(fault, E9_callback_fails) {
    for (const auto* how : {"throws", "throws_int", "logs", "drains", "closes"}) {
        fake_vendor vendor(at_first(6, {.status = 403}), {.vendor = "profound"});
        program app{{"url", vendor.url()}, {"vendor", "profound"}, {"callback", how}};
        app.log(300, 4);
        ASSERT_TRUE(app.wait_until([&](const ledger&) { return events(app, event::kind::paused) > 0; })) << how;
        app.drain(30s);
        EXPECT_EQ(app.books().pending, 0u) << how;
        close(app, long_enough);
        audit(app, vendor.book());
        if (std::string(how) == "logs") {
            EXPECT_GE(app.books().dropped_for(drop_reason::reentrant), 1u);
        }
    }
}

TEST_F(fault, E9_formatter_throws) {
    for (const auto* how : {"throws", "throws_int"}) {
        fake_vendor vendor(takes_all());
        program app{{"url", vendor.url()}, {"formatter", how}};
        app.log(300, 4);
        finish(app, vendor.book());
    }
}

TEST_F(fault, E17_behind_an_asynchronous_logger) {
    fake_vendor vendor([](const arrival&) { return reply{.delay = 1ms}; });
    program app{{"url", vendor.url()}, {"async", true}, {"level", "error"}, {"flushes", true}};
    app.log(1000, 4);
    // What the asynchronous logger still has is known to nobody else.
    ASSERT_TRUE(app.wait_until([](const ledger& books) { return books.accepted == 1000; }));
    finish(app, vendor.book());
}

TEST_F(fault, E17_every_record_flushes_and_the_vendor_hangs) {
    fake_vendor vendor(
        [](const arrival&) { return reply{.then = support::reaction::ending::hold, .silent = true, .takes = false}; });
    program app{{"url", vendor.url()}, {"level", "error"}, {"flushes", true}, {"request_timeout", 60'000}};
    app.log(1000, 4);
    // The calls came back although nobody answers; and none of them sent more than may be in flight.
    EXPECT_LE(vendor.book().requests(), 4u);
    close(app, 0ms);
    EXPECT_EQ(app.books().dropped_for(drop_reason::at_close), 1000u);
    audit(app, vendor.book());
}

struct footprint {
    std::size_t threads = 0;
    std::size_t descriptors = 0;
    std::size_t resident_kib = 0;
};

/// The rest of the first line of a file in /proc that begins with `key`.
std::string line_of(const std::filesystem::path& file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(key)) return line.substr(key.size());
    }
    return {};
}

std::size_t entries_of(const std::filesystem::path& directory) {
    const std::filesystem::directory_iterator all(directory);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

footprint footprint_of(const program& app) {
    const auto process = std::filesystem::path("/proc") / std::to_string(app.pid());
    return {entries_of(process / "task"), entries_of(process / "fd"),
            std::stoul(line_of(process / "status", "VmRSS:"))};
}

TEST_F(fault, E20_fifty_sinks_in_one_program) {
    fake_vendor vendor(takes_all());
    program one{{"url", vendor.url()}};
    const auto before = footprint_of(one);
    program app{{"url", vendor.url()}, {"sinks", 50}};
    app.log(5000, 0);
    app.drain(30s);
    const auto after = footprint_of(app);
    report("threads", after.threads);
    report("descriptors", after.descriptors);
    report("kib_a_sink", (after.resident_kib - before.resident_kib) / 49);
    EXPECT_LE(after.threads, before.threads + 49);
    constexpr std::size_t of_a_sink = 6 + 4;  // its own few, and a connection for each request in flight
    EXPECT_LE(after.descriptors, before.descriptors + 49 * of_a_sink);
    EXPECT_LE(after.resident_kib, before.resident_kib + std::size_t{49} * 4096 * slowness);
    finish(app, vendor.book());
    // The one that was only a yardstick.
    EXPECT_EQ(one.end(), 0);
}

/// The signals that may come from outside, as the bits of /proc's masks.
std::uint64_t asynchronous_signals() {
    std::uint64_t bits = 0;
    for (const int each : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD, SIGWINCH,
                           SIGIO, SIGPROF, SIGVTALRM}) {
        bits |= std::uint64_t{1} << (each - 1);
    }
    return bits;
}

TEST_F(fault, E13_its_thread_takes_no_signal_and_its_caller_keeps_its_mask) {
    fake_vendor vendor(takes_all());
    program app{{"url", vendor.url()}};
    app.log(10, 0);  // on the main thread: one that has just ended may still be listed
    app.drain(30s);
    const auto tasks = std::filesystem::path("/proc") / std::to_string(app.pid()) / "task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        const auto blocked = std::stoull(line_of(task.path() / "status", "SigBlk:"), nullptr, 16);
        const bool is_main = task.path().filename() == std::to_string(app.pid());
        const auto expected = is_main ? 0 : asynchronous_signals();
        EXPECT_EQ(blocked & asynchronous_signals(), expected) << line_of(task.path() / "status", "Name:");
    }
    finish(app, vendor.book());
}

}  // namespace
}  // namespace logferry::fault
