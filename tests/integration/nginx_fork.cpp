// Programs that fork with TLS connections open, or in the middle of being opened.
#include <algorithm>
#include <atomic>

#include <gmock/gmock.h>

#include "fork_test.hpp"
#include "nginx_world.hpp"

namespace logferry::test {
namespace {

class nginx_fork : public nginx_world {
protected:
    void log(const std::string& text, spdlog::level::level_enum lvl = spdlog::level::info) {
        sink->log(spdlog::details::log_msg("shop", lvl, text));
    }
    /// In a child: a record of its own goes out.
    [[nodiscard]] bool sends_one(const std::string& text) {
        log(text);
        return sink->get_shipper()->drain(seconds(60)).delivered() == 1;
    }
};

// One byte that a child sent over it, even a farewell, would be its end.
TEST_F(nginx_fork, the_parents_connection_outlives_its_children) {
    constexpr int rounds = 5;
    const auto nginx = start(handing_on());
    open(trusting(logsh_behind(*nginx)));
    log("parent");
    settled();
    for (int round = 0; round < rounds; ++round) {
        EXPECT_EQ(in_child([] { return true; }), 0);
        EXPECT_EQ(in_child([&] {
                      sink.reset();
                      return true;
                  }),
                  0);
        EXPECT_EQ(in_child([&] { return sends_one("child"); }), 0);
        EXPECT_EQ(in_child([&] {
                      const bool sent = sends_one("child that closes");
                      sink.reset();
                      return sent;
                  }),
                  0);
        log("parent");
        settled();
    }
    const served by = served_by(*nginx);
    EXPECT_EQ(by.statuses.size(), 1u + 3 * rounds);
    EXPECT_EQ(by.statuses.count(201), by.statuses.size());
    EXPECT_THAT(by.connections, SizeIs(1 + 2 * rounds));
}

// What notifies somebody goes over a connection of its own, so that the worker makes one after the other. No lock of
// OpenSSL's may be taken in the middle of that, for a child would find it so for ever.
TEST_F(nginx_fork, while_the_worker_makes_connections) {
    constexpr int children = 60;
    const auto nginx = start(handing_on());
    auto vendor = logsh_behind(*nginx);
    vendor.notify_from = level::err;
    vendor.notify_per_minute = 1'000'000;
    open(trusting(vendor));
    std::atomic<bool> stop{false};
    // One connection after the other, so that none are left to be made when the children have ended.
    std::thread notifies([&] {
        while (!stop) {
            log("parent", spdlog::level::err);
            sink->get_shipper()->drain(seconds(60));
        }
    });
    int proofs = 0;
    for (int i = 0; i < children; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const pid_t child = fork_child([&] { return sends_one("child"); });
        // A fork that took long has not waited for the worker to the end, which stood in the middle all that time.
        const bool proves = std::chrono::steady_clock::now() - start < milliseconds(90);
        const int end = end_of(child);
        if (!proves) continue;
        ++proofs;
        EXPECT_EQ(end, 0) << i;
    }
    EXPECT_GE(proofs, children / 2);
    stop = true;
    notifies.join();
    const auto book = settled();
    EXPECT_EQ(book.delivered, book.accepted);
    const auto all = texts();
    const auto sent = std::count(all.begin(), all.end(), "child");
    EXPECT_GE(sent, proofs);
    EXPECT_LE(sent, children);
    EXPECT_GE(served_by(*nginx).over_http_1, book.delivered) << "a connection for each that notified";
}

}  // namespace
}  // namespace logferry::test
