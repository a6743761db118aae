// The words in which the journal's tests are told. Segments are small, and a `brick` is a record of which exactly 91
// fill one, so that a test can count in segments.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <journal/journal.hpp>

namespace logferry::journal {

inline constexpr std::size_t segment_bytes = 64 * 1024;
inline constexpr std::size_t brick_size = 704;
inline constexpr std::size_t bricks_per_segment = 91;
static_assert(stride(brick_size) * bricks_per_segment == segment_bytes - alignment);

using state = reservation::state;

class journal_test : public ::testing::Test {
protected:
    /// A journal with one cursor, which becomes `reader`.
    void open(std::size_t segments, when_full policy = when_full::shed) {
        settings chosen;
        chosen.size = segments * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.policy = policy;
        open(chosen);
    }
    void open(const settings& chosen) {
        log = std::make_unique<journal>(chosen);
        reader = &log->add_cursor();
    }

    reservation reserve(std::string_view text, importance worth = importance::high) {
        const auto room = log->reserve(text.size(), worth);
        if (room.data && !text.empty()) std::memcpy(room.data, text.data(), text.size());
        return room;
    }
    state write(std::string_view text, importance worth = importance::high) {
        const auto room = reserve(text, worth);
        if (room.data) log->commit(room);
        return room.what;
    }
    /// Writes until a record is refused; how many were taken.
    std::size_t write_bricks_until_refused(importance worth) {
        std::size_t taken = 0;
        while (write(brick, worth) == state::granted) ++taken;
        return taken;
    }
    void write_bricks(std::size_t count, importance worth = importance::high) {
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(write(brick, worth), state::granted) << "brick " << i;
    }
    void write_segments(std::size_t count) { write_bricks(count * bricks_per_segment); }

    /// The next record, left unsettled.
    std::optional<entry> take(cursor& from) {
        entry e;
        if (!from.next(e)) return std::nullopt;
        return e;
    }
    /// The next record's text, settled at once; "(nothing)" when there is none.
    std::string read(cursor& from) {
        entry e;
        if (!from.next(e)) return "(nothing)";
        std::string text(text_of(e));
        from.settle(e.token);
        return text;
    }
    std::string read() { return read(*reader); }
    std::size_t read_all(cursor& from) { return read_some(from, ~std::size_t{0}); }
    std::size_t read_some(cursor& from, std::size_t most) {
        std::size_t count = 0;
        for (entry e; count < most && from.next(e); ++count) from.settle(e.token);
        return count;
    }

    static std::string_view text_of(const entry& e) {
        return {reinterpret_cast<const char*>(e.data.data()), e.data.size()};
    }
    static position at(std::uint64_t segment, std::uint64_t offset) { return segment * segment_bytes + offset; }

    const std::string brick = std::string(brick_size, 'b');
    std::unique_ptr<journal> log;
    cursor* reader = nullptr;
};

}  // namespace logferry::journal
