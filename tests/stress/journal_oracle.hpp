// The parts of the journal's stress tests: producers that write down what they were granted, readers that write down
// what they read, the consumer thread they meet in, and the comparison of the two in the end.
#pragma once

#include <atomic>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <journal/journal.hpp>

#include "alarm_clock.hpp"

namespace logferry::journal {

using stress::alarm_clock;
using state = reservation::state;

// What one side knows of a record: who wrote it, the how manieth it was of those, and the hash of all its bytes.
struct note {
    std::uint32_t producer;
    std::uint32_t sequence;
    std::uint64_t hash;
    friend bool operator==(const note&, const note&) = default;
};
using notes = std::vector<note>;

// What a record begins with.
struct stamp {
    std::uint32_t producer;
    std::uint32_t sequence;
};

inline std::uint64_t hash_of(const std::byte* data, std::size_t size) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<std::uint8_t>(data[i])) * 0x100000001b3;
    return hash;
}

class producer {
public:
    producer(std::uint32_t number, std::size_t largest)
        : number_(number), random_(number + 1), text_(largest), size_(sizeof(stamp) + 1, largest) {
        for (auto& b : text_) b = static_cast<std::byte>(random_());
    }

    state write_one(journal& to) {
        const auto size = size_(random_);
        const stamp s{number_, static_cast<std::uint32_t>(granted.size())};
        std::memcpy(text_.data(), &s, sizeof s);
        text_[size - 1] ^= static_cast<std::byte>(random_());
        const auto hash = hash_of(text_.data(), size);

        const auto room = to.reserve(size, random_importance());
        if (room.what != state::granted) {
            ++refused;
            return room.what;
        }
        std::memcpy(room.data, text_.data(), size);
        to.commit(room);
        granted.push_back({number_, s.sequence, hash});
        if (granted.size() % 64 == 0) audit(to);
        return state::granted;
    }

    notes granted;
    std::uint64_t refused = 0;
    bool books_wrong = false;

private:
    importance random_importance() {
        const auto dice = random_() % 20;
        return dice < 16 ? importance::normal : dice < 19 ? importance::raised : importance::high;
    }

    // What the journal says of itself may never fall behind what this thread alone knows.
    void audit(const journal& log) {
        if (log.accepted() < granted.size()) books_wrong = true;
        const auto end = log.end();
        if (end < last_end_) books_wrong = true;
        last_end_ = end;
    }

    std::uint32_t number_;
    std::minstd_rand random_;
    std::vector<std::byte> text_;
    std::uniform_int_distribution<std::size_t> size_;
    position last_end_ = 0;
};

class reader {
public:
    reader(cursor& from, std::size_t segment_size, std::size_t records_a_round, std::size_t most_unsettled)
        : from_(&from),
          segment_size_(segment_size),
          records_a_round_(records_a_round),
          most_unsettled_(most_unsettled) {}

    std::size_t round() {
        std::size_t count = 0;
        for (entry e; count < records_a_round_ && from_->next(e); ++count) {
            stamp s;
            std::memcpy(&s, e.data.data(), sizeof s);
            note_position(e);
            read.push_back({s.producer, s.sequence, hash_of(e.data.data(), e.data.size())});
            unsettled_.push_back(e.token);
            if (unsettled_.size() > most_unsettled_) settle_any();
        }
        // As the shipper does with a record whose producer was put aside, only without the patience. Each reader does:
        // one that stood there while the other went on would be the slow one of the two.
        if (count == 0 && from_->pass_unfinished()) ++passed;
        return count;
    }
    void settle_all() {
        while (!unsettled_.empty()) settle_any();
    }
    [[nodiscard]] bool readable() const { return from_->readable(); }
    [[nodiscard]] std::uint64_t given_up() const { return from_->given_up(); }
    [[nodiscard]] position settled_to() const { return from_->settled_to(); }

    notes read;
    std::uint64_t passed = 0;
    /// Holes between records: reservations whose producer found the slot under another number.
    std::uint64_t abandoned = 0;

private:
    void note_position(const entry& e) {
        const bool same_segment = e.at / segment_size_ == expected_ / segment_size_;
        if (passed == 0 && same_segment && e.at != expected_) ++abandoned;
        expected_ = e.at + stride(e.data.size());
    }

    // Answers come in any order.
    void settle_any() {
        std::swap(unsettled_[random_() % unsettled_.size()], unsettled_.front());
        from_->settle(unsettled_.front());
        unsettled_.pop_front();
    }

    cursor* from_;
    std::size_t segment_size_;
    position expected_ = 0;
    std::size_t records_a_round_;
    std::size_t most_unsettled_;
    std::deque<std::uint64_t> unsettled_;
    std::minstd_rand random_;
};

// The consumer, which works and sleeps as the shipper does.
class consumer {
public:
    /// `each_round` runs on the consumer's thread.
    explicit consumer(
        settings chosen, std::function<void()> each_round = [] {})
        : each_round_(std::move(each_round)) {
        chosen.wake = alarm_clock::ring;
        chosen.wake_context = &clock_;
        log = std::make_unique<journal>(chosen);
        quick.emplace(log->add_cursor("quick"), chosen.segment_size, 4096, 0);
        slow.emplace(log->add_cursor("slow"), chosen.segment_size, 16, 64);
        thread_ = std::thread([this] { run(); });
    }
    ~consumer() { stop(); }

    /// Returns when all that is committed has been read.
    void stop() {
        if (!thread_.joinable()) return;
        stop_.store(true);
        alarm_clock::ring(&clock_);
        thread_.join();
    }
    void wait_until_read(std::size_t count) const {
        for (auto seen = read_.load(); seen < count; seen = read_.load()) read_.wait(seen);
    }

    std::unique_ptr<journal> log;
    std::optional<reader> quick;
    std::optional<reader> slow;
    bool overslept = false;

private:
    void run() {
        for (;;) {
            const bool last = stop_.load();
            each_round_();
            const auto count = quick->round() + slow->round();
            read_.store(quick->read.size());
            read_.notify_all();
            log->maintain();
            if (count > 0) continue;
            slow->settle_all();
            log->maintain();
            if (last && !slow->readable()) return;
            if (!sleep()) return;
        }
    }

    bool sleep() {
        log->announce(journal::sleep::deep);
        const bool work = quick->readable() || slow->readable() || log->maintenance_due();
        overslept = !work && !clock_.sleep();
        log->announce(journal::sleep::awake);
        return !overslept;
    }

    std::function<void()> each_round_;
    alarm_clock clock_;
    std::atomic<bool> stop_{false};
    std::atomic<std::size_t> read_{0};
    std::thread thread_;
};

inline std::uint64_t granted_to(const std::deque<producer>& producers) {
    std::uint64_t sum = 0;
    for (const auto& p : producers) sum += p.granted.size();
    return sum;
}

/// Every record that was granted was read once, unaltered, in its producer's order, or was counted as given up.
inline void check_books(const std::deque<producer>& producers, const reader& r) {
    std::vector<std::int64_t> last(producers.size(), -1);
    for (const auto& n : r.read) {
        ASSERT_LT(n.producer, producers.size());
        const auto& theirs = producers[n.producer].granted;
        ASSERT_LT(n.sequence, theirs.size()) << "read, but never granted";
        ASSERT_EQ(n, theirs[n.sequence]) << "altered";
        ASSERT_GT(static_cast<std::int64_t>(n.sequence), last[n.producer]) << "read twice, or out of order";
        last[n.producer] = n.sequence;
    }
    EXPECT_EQ(r.read.size() + r.given_up(), granted_to(producers)) << "lost, or counted wrong";
}

inline void check_books(const std::deque<producer>& producers, const consumer& shop) {
    EXPECT_FALSE(shop.overslept) << "a wake-up was lost";
    EXPECT_EQ(shop.log->accepted(), granted_to(producers));
    for (const auto& p : producers) EXPECT_FALSE(p.books_wrong);
    for (const auto* r : {&*shop.quick, &*shop.slow}) {
        check_books(producers, *r);
        EXPECT_EQ(r->settled_to(), shop.log->end());
    }
}

}  // namespace logferry::journal
