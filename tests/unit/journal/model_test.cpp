// The journal against a simple model of it: random operations from one thread, and after each the same answer from
// both. The model is written from the headers, not from the code; it knows segments only as numbers.
#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <tuple>
#include <utility>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

struct modelled_record {
    std::uint64_t id;
    position at;
    std::uint32_t size;
    bool committed = false;
};

std::byte byte_of(std::uint64_t id, std::size_t i) { return static_cast<std::byte>(id * 31 + i * 7 + (i >> 8)); }

bool intact(std::span<const std::byte> data, const modelled_record& expected) {
    if (data.size() != expected.size) return false;
    for (std::size_t i = 0; i < data.size(); ++i) {
        if (data[i] != byte_of(expected.id, i)) return false;
    }
    return true;
}

// What a cursor should have done with the records, each given by its id.
struct modelled_cursor {
    explicit modelled_cursor(cursor& of) : real(&of) {}

    cursor* real;
    std::uint64_t next = 0;                             // the first that is neither read nor passed nor given up
    std::deque<std::uint64_t> passed;                   // in the order of passing
    std::vector<std::pair<std::uint64_t, entry>> held;  // read and not settled
    std::uint64_t read = 0;
    std::uint64_t given_up = 0;
    std::uint64_t floor = 0;  // segments below this were given up or left behind
};

class model_test : public journal_test, public ::testing::WithParamInterface<std::tuple<when_full, std::size_t, int>> {
protected:
    void open_both() {
        settings chosen;
        chosen.segment_size = segment_bytes;
        chosen.policy = policy;
        chosen.size = count * segment_bytes;
        chosen.block_for = std::chrono::milliseconds(0);
        open(chosen);
        cursors.emplace_back(*reader);
        cursors.emplace_back(log->add_cursor());
    }

    // The journal as the model sees it ---------------------------------------------------------------------------

    [[nodiscard]] std::uint64_t used() const { return active - released + 1; }
    [[nodiscard]] std::uint64_t free() const { return count - used(); }
    [[nodiscard]] modelled_record& record(std::uint64_t id) { return records[id - first_id]; }
    [[nodiscard]] std::uint64_t next_id() const { return first_id + records.size(); }

    [[nodiscard]] bool shed(importance worth) const {
        if (policy != when_full::shed) return false;
        if (free() * 8 < count) return worth != importance::high;
        return free() * 4 < count && worth == importance::normal;
    }

    /// What the next `reserve` should say, and the place it should give.
    bool granted_by_model(std::size_t size, importance worth, position& where) {
        if (shed(worth)) return false;
        if (!sealed && offset + stride(size) > segment_bytes - alignment) sealed = true;
        if (sealed) {
            if (free() == 0) return false;
            ++active;
            offset = 0;
            sealed = false;
            if (shed(worth)) return false;
        }
        where = at(active, offset);
        offset += stride(size);
        return true;
    }

    /// Whether the cursor can do without the rest of a segment, and how many records that costs it.
    bool can_leave(const modelled_cursor& c, std::uint64_t segment, std::uint64_t& lost) {
        lost = 0;
        for (const auto id : c.passed) {
            if (record(id).at / segment_bytes > segment) continue;
            if (!record(id).committed) return false;
            ++lost;
        }
        for (auto id = c.next; id < next_id() && record(id).at / segment_bytes <= segment; ++id) {
            if (!record(id).committed) return false;
            ++lost;
        }
        return true;
    }

    void leave(modelled_cursor& c, std::uint64_t segment, std::uint64_t lost) {
        std::erase_if(c.passed, [&](auto id) { return record(id).at / segment_bytes <= segment; });
        while (c.next < next_id() && record(c.next).at / segment_bytes <= segment) ++c.next;
        c.given_up += lost;
        c.floor = segment + 1;
    }

    void maintain_model() {
        const auto settled = [](const modelled_cursor& c) {
            return std::max(c.real->settled_to() / segment_bytes, c.floor);
        };
        const auto release = [&] {
            while (released < active &&
                   std::all_of(cursors.begin(), cursors.end(), [&](const auto& c) { return settled(c) > released; }))
                ++released;
        };
        const auto behind = [&](const modelled_cursor& c) { return active - settled(c); };
        const auto unfair = [&] {
            return std::any_of(cursors.begin(), cursors.end(), [&](const auto& c) { return behind(c) >= count / 2; }) &&
                   std::any_of(cursors.begin(), cursors.end(), [&](const auto& c) { return behind(c) < count / 2; });
        };
        const auto full = [&] {
            return policy == when_full::drop_oldest && free() < std::max<std::uint64_t>(count / 8, 1);
        };
        release();
        while ((unfair() || full()) && released < active) {
            for (auto& c : cursors) {
                std::uint64_t lost = 0;
                if (settled(c) > released) continue;
                if (!can_leave(c, released, lost)) return;
                leave(c, released, lost);
            }
            release();
        }
    }

    // One step of both -------------------------------------------------------------------------------------------

    void reserve_one() {
        constexpr std::size_t sizes[] = {0, 1, 8, 40, 300, 712, 3000, 20000};
        const auto size = random(sizes[random(7)] + 1);
        const auto worth = static_cast<importance>(random(2));
        const auto before = std::tuple(active, offset);
        position where = 0;
        bool expected = granted_by_model(size, worth, where);
        auto room = log->reserve(size, worth);
        if (expected && room.what == state::full) {
            // The memory of up to two free segments waits for the consumer, to be used again.
            std::tie(active, offset) = before;
            sealed = true;
            ASSERT_LE(free(), 2u);
            maintain_both();
            expected = granted_by_model(size, worth, where);
            room = log->reserve(size, worth);
        }
        ASSERT_EQ(room.what, expected ? state::granted : state::full) << free() << " segments free";
        if (!expected) return;
        for (std::size_t i = 0; i < size; ++i) room.data[i] = byte_of(next_id(), i);
        pending.emplace_back(next_id(), room);
        records.push_back({next_id(), where, static_cast<std::uint32_t>(size)});
    }

    void commit_one() {
        if (pending.empty()) return;
        const auto i = random(pending.size() - 1);
        log->commit(pending[i].second);
        record(pending[i].first).committed = true;
        pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(i));
    }

    void read_one(modelled_cursor& c) {
        const auto back = std::find_if(c.passed.begin(), c.passed.end(), [&](auto id) { return record(id).committed; });
        const bool came_back = back != c.passed.end();
        const bool expected = came_back || (c.next < next_id() && record(c.next).committed);
        ASSERT_EQ(c.real->readable(), expected);
        ASSERT_EQ(c.real->held_up(), c.next < next_id() && !record(c.next).committed);
        entry e;
        ASSERT_EQ(c.real->next(e), expected);
        if (!expected) return;
        const auto id = came_back ? *back : c.next;
        if (came_back) {
            c.passed.erase(back);
        } else {
            ++c.next;
        }
        ASSERT_EQ(e.at, record(id).at);
        ASSERT_TRUE(intact(e.data, record(id)));
        c.held.emplace_back(id, e);
        ++c.read;
    }

    void settle_one(modelled_cursor& c) {
        if (c.held.empty()) return;
        const auto i = random(c.held.size() - 1);
        const auto& [id, e] = c.held[i];
        // Still readable, unless its segment was given up meanwhile.
        const bool kept = record(id).at / segment_bytes >= c.floor;
        ASSERT_TRUE(!kept || intact(e.data, record(id)));
        c.real->settle(e.token);
        c.held.erase(c.held.begin() + static_cast<std::ptrdiff_t>(i));
    }

    void pass_one(modelled_cursor& c) {
        const bool expected = c.next < next_id() && !record(c.next).committed;
        ASSERT_EQ(c.real->pass_unfinished(), expected);
        if (expected) c.passed.push_back(c.next++);
    }

    void maintain_both() {
        maintain_model();
        log->maintain();
        for (const auto& c : cursors) ASSERT_EQ(c.real->given_up(), c.given_up);
    }

    void compare() {
        ASSERT_EQ(log->accepted(), next_id());
        ASSERT_EQ(log->end(), at(active, offset));
        for (const auto& c : cursors) {
            auto oldest = next_id();
            for (const auto& held : c.held) {
                // What was given up is out of its hands.
                if (record(held.first).at >= at(c.floor, 0)) oldest = std::min(oldest, held.first);
            }
            if (!c.passed.empty()) oldest = std::min(oldest, *std::min_element(c.passed.begin(), c.passed.end()));
            oldest = std::min(oldest, c.next);
            const auto limit = oldest < next_id() ? record(oldest).at : log->end();
            ASSERT_LE(c.real->settled_to(), std::max(limit, at(c.floor, 0)));
        }
        forget_old_records();
    }

    void forget_old_records() {
        while (!records.empty()) {
            const auto id = first_id;
            const auto needed = [id](const modelled_cursor& c) {
                return c.next <= id || std::count(c.passed.begin(), c.passed.end(), id) > 0 ||
                       std::any_of(c.held.begin(), c.held.end(), [id](const auto& h) { return h.first == id; });
            };
            if (!records.front().committed || std::any_of(cursors.begin(), cursors.end(), needed)) return;
            records.pop_front();
            ++first_id;
        }
    }

    void step() {
        // Phases in which one cursor or both are slow, so that the buffer is now full, now empty.
        if (random(2000) == 0) eager = {random(12), random(12)};
        const auto which = random(1);
        auto& c = cursors[which];
        const auto dice = random(30);
        if (dice < 10) return reserve_one();
        if (dice < 18) return commit_one();
        if (dice == 18) return pass_one(c);
        if (dice == 19) return maintain_both();
        if (random(10) >= eager[which]) return;
        return random(1) ? read_one(c) : settle_one(c);
    }

    void finish() {
        log->close();
        EXPECT_EQ(log->reserve(1, importance::high).what, state::closed);
        while (!pending.empty()) commit_one();
        for (auto& c : cursors) {
            do read_one(c);
            while (c.real->readable() && !HasFatalFailure());
            while (!c.held.empty()) settle_one(c);
            entry e;
            EXPECT_FALSE(c.real->next(e));
            EXPECT_EQ(c.real->settled_to(), log->end());
            EXPECT_EQ(c.read + c.given_up, log->accepted());
        }
    }

    /// From 0 to `most`.
    std::size_t random(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(generator); }

    const when_full policy = std::get<0>(GetParam());
    const std::uint64_t count = std::get<1>(GetParam());
    const int seed = std::get<2>(GetParam());
    std::mt19937 generator{static_cast<std::mt19937::result_type>(seed)};

    std::uint64_t active = 0, offset = 0, released = 0;
    bool sealed = false;
    std::deque<modelled_record> records;
    std::uint64_t first_id = 0;
    std::vector<std::pair<std::uint64_t, reservation>> pending;
    std::vector<modelled_cursor> cursors;
    std::array<std::size_t, 2> eager{10, 10};
};

TEST_P(model_test, says_the_same_as_the_journal) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    open_both();
    for (int i = 0; i < 20'000; ++i) {
        step();
        if (!HasFatalFailure()) compare();
        ASSERT_FALSE(HasFatalFailure()) << "at step " << i;
    }
    finish();
}

INSTANTIATE_TEST_SUITE_P(policies, model_test,
                         ::testing::Combine(::testing::Values(when_full::shed, when_full::block,
                                                              when_full::drop_oldest),
                                            ::testing::Values(4, 7, 16), ::testing::Values(1, 2, 3)));

}  // namespace
}  // namespace logferry::journal
