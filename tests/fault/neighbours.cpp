// Many processes with one spool: each has a place of its own in it, and what the dead leave is sent once.
#include <atomic>
#include <thread>
#include <vector>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

class neighbours : public spool_fault {};

TEST_F(neighbours, A1_two_hundred_processes_come_and_die_at_once) {
    constexpr int processes = 200 / slowness;
    constexpr std::uint64_t of_each = 20;
    house in;
    support::reserved_port closed;
    const auto url = closed.url("");
    std::atomic<int> to_start{processes};
    std::vector<std::thread> crowd;
    for (int i = 0; i < 8; ++i) {
        crowd.emplace_back([&] {
            while (to_start.fetch_sub(1) > 0) {
                const auto app = in.start(url);
                EXPECT_TRUE(app->ready()) << app->books().last_error.data();
                app->log(of_each, 2);
                app->kill();
            }
        });
    }
    for (auto& each : crowd) each.join();
    EXPECT_EQ(in.page().calls_that(call::returned), processes * of_each);
    report("processes", processes);

    fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
    recover(in, vendor, 0);
}

TEST_F(neighbours, A1_two_hundred_processes_live_together_and_die) {
    constexpr int processes = 200 / slowness;
    house in;
    support::reserved_port closed;
    std::vector<std::unique_ptr<program>> crowd;
    for (int i = 0; i < processes; ++i) {
        auto& app = crowd.emplace_back(in.start(closed.url("")));
        ASSERT_TRUE(app->ready()) << app->books().last_error.data();
        app->log(5);
    }
    for (const auto& app : crowd) app->kill();

    // Whatever one of the two takes over, the other leaves alone.
    fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
    const auto adopts = in.start(vendor.url());
    const auto adopts_too = in.start(vendor.url());
    ASSERT_TRUE(adopts->wait_until([&](const ledger&) { return vendor.book().distinct() == processes * 5u; }));
    adopts->drain(30s);
    report("adopted_slots", adopts->books().spool.adopted_slots);
    adopts_too->drain(30s);
    for (const auto* each : {&adopts, &adopts_too}) {
        close(**each, long_enough);
        EXPECT_EQ((*each)->end(), 0);
    }
    recover(in, vendor, 0);
}

TEST_F(neighbours, A1_one_of_two_dies) {
    house in;
    moody mood(false);
    fake_vendor vendor(mood, in.vendor());
    const auto dies = in.start(vendor.url());
    const auto lives = in.start(vendor.url());
    dies->log(500, 2);
    lives->log(500, 2);
    dies->kill();
    mood.open(true);
    // The one that starts next takes the dead one's place; the living one keeps its own.
    const auto next = in.start(vendor.url());
    // They share one page: each is looked at before the other writes its ledger there.
    for (const auto* each : {&next, &lives}) {
        (*each)->drain(30s);
        EXPECT_EQ((*each)->books().pending, 0u);
    }
    EXPECT_EQ(vendor.book().distinct(), 1000u);
    for (const auto* each : {&lives, &next}) {
        close(**each, long_enough);
        EXPECT_EQ((*each)->end(), 0);
    }
    expect_empty(in);
    compare(in, vendor.book(), house::on_their_way);
}

TEST_F(neighbours, B19_a_closed_shipper_whose_thread_hangs_keeps_its_slot) {
    house in;
    fake_vendor refusing([](const arrival&) { return reply{.status = 403}; }, in.vendor());
    fake_vendor vendor(takes_all(), in.vendor());
    const auto hangs = in.start(refusing.url(), {{"callback", "hangs"}});
    hangs->log(100);
    ASSERT_TRUE(hangs->wait_until([&](const ledger&) { return events(*hangs, event::kind::paused) > 0; }));
    close(*hangs, 100ms);

    // Its thread may still come back and go on in its files: they are nobody else's before the process is gone.
    const auto next = in.start(vendor.url());
    next->log(50);
    next->drain(30s);
    EXPECT_EQ(next->books().pending, 0u);
    EXPECT_EQ(vendor.book().distinct(), 50u);
    close(*next, long_enough);
    EXPECT_EQ(next->end(), 0);
    hangs->kill();
    recover(in, vendor, 0);
    EXPECT_EQ(vendor.book().distinct(), 150u);
}

}  // namespace
}  // namespace logferry::fault
