// Lost wake-ups: each round depends on one, so that a single one lost stops everything and is seen.
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <journal/journal.hpp>

#include "alarm_clock.hpp"

namespace logferry::journal {
namespace {

using stress::alarm_clock;
using sleep = journal::sleep;

class wake_test : public ::testing::Test {
protected:
    void open(when_full policy, sleep depth) {
        settings chosen;
        chosen.segment_size = 4096;
        chosen.size = 4 * chosen.segment_size;
        chosen.policy = policy;
        chosen.block_for = std::chrono::seconds(60);
        chosen.wake = alarm_clock::ring;
        chosen.wake_context = &clock;
        log = std::make_unique<journal>(chosen);
        reader = &log->add_cursor();
        depth_ = depth;
        consumer = std::thread([this] { consume(); });
    }

    bool write(std::uint64_t what) {
        const auto room = log->reserve(sizeof what, importance::high);
        if (!room.data) return false;
        std::memcpy(room.data, &what, sizeof what);
        log->commit(room);
        return true;
    }

    void wait_until_read(const std::atomic<std::uint64_t>& count, std::uint64_t enough) const {
        while (count.load() < enough && !overslept) std::this_thread::yield();
    }

    void end() {
        stop = true;
        alarm_clock::ring(&clock);
        consumer.join();
        EXPECT_FALSE(overslept) << "a wake-up was lost";
    }

    alarm_clock clock;
    std::unique_ptr<journal> log;
    cursor* reader = nullptr;
    std::thread consumer;
    std::atomic<bool> stop{false};
    std::atomic<bool> overslept{false};
    // Records read, by the number in each record's upper half.
    std::array<std::atomic<std::uint64_t>, 8> read{};

private:
    void consume() {
        for (;;) {
            const bool last = stop;
            for (entry e; reader->next(e);) {
                std::uint64_t what;
                std::memcpy(&what, e.data.data(), sizeof what);
                reader->settle(e.token);
                read[what >> 32].fetch_add(1);
            }
            log->maintain();
            if (last) return;
            log->announce(depth_);
            const bool work = (depth_ == sleep::deep && reader->readable()) || log->maintenance_due();
            if (!work && !clock.sleep()) overslept = true;
            log->announce(sleep::awake);
            if (overslept) return;
        }
    }

    sleep depth_ = sleep::deep;
};

TEST_F(wake_test, one_record_at_a_time_wakes_the_consumer_each_time) {
    open(when_full::shed, sleep::deep);
    const auto rounds = stress::rounds(200'000);
    for (std::uint64_t i = 0; i < rounds && !overslept; ++i) {
        ASSERT_TRUE(write(0));
        wait_until_read(read[0], i + 1);
    }
    end();
    EXPECT_EQ(read[0], rounds);
}

TEST_F(wake_test, several_producers_are_each_heard) {
    open(when_full::shed, sleep::deep);
    const auto rounds = stress::rounds(40'000);
    std::vector<std::thread> producers;
    for (std::uint64_t number = 0; number < 4; ++number) {
        producers.emplace_back([this, number, rounds] {
            for (std::uint64_t i = 0; i < rounds && !overslept; ++i) {
                EXPECT_TRUE(write(number << 32));
                wait_until_read(read[number], i + 1);
            }
        });
    }
    for (auto& p : producers) p.join();
    end();
    for (std::size_t number = 0; number < 4; ++number) EXPECT_EQ(read[number], rounds);
}

TEST_F(wake_test, a_full_segment_ends_a_doze_and_makes_room_for_who_waits) {
    open(when_full::block, sleep::doze);
    const auto rounds = stress::rounds(1'000'000);
    std::uint64_t granted = 0;
    for (std::uint64_t i = 0; i < rounds && !overslept; ++i) granted += write(0) ? 1 : 0;
    end();
    EXPECT_EQ(granted, rounds);
    EXPECT_EQ(read[0], rounds);
}

}  // namespace
}  // namespace logferry::journal
