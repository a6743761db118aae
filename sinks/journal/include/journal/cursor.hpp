// A cursor: one destination's way through the journal. It hands out records in order and learns, in any order, which of
// them are settled; what it has settled without a gap is what the journal may release.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <journal/settled_window.hpp>

namespace logferry::journal {

class journal;
class spool;
struct segment;

/// A record as a cursor hands it out.
struct entry {
    /// Valid until the record is settled, but only until the next `journal::maintain` where that may give up a segment.
    std::span<const std::byte> data;
    position at = 0;
    /// To be given to `settle`, once.
    std::uint64_t token = 0;
};

/// Thread rule: the consumer thread; `settled_to` and `given_up` from any thread.
class cursor {
public:
    cursor(journal& of, std::string destination) : journal_(of), destination_(std::move(destination)) {}
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    /// The next committed record; false when there is none, or when the next one is not committed yet.
    bool next(entry& out);

    /// True when `next` would give a record.
    [[nodiscard]] bool readable() const noexcept;

    /// True when `next` gives nothing only because a producer has not finished its record.
    [[nodiscard]] bool held_up() const noexcept;

    /// Passes the claimed, unfinished record that holds the cursor up; `next` comes back to it when it is committed.
    /// For when a producer has been stopped in the middle of a record for long. False when there is nothing that can be
    /// passed.
    bool pass_unfinished();

    void settle(std::uint64_t token) noexcept;

    /// A record that was handed out and is not settled, once more. False when its segment was given up meanwhile.
    [[nodiscard]] bool read_again(std::uint64_t token, entry& out) const noexcept;

    /// `told` gets each record that is given up unread, while its bytes are still there. It must not throw.
    void on_give_up(std::function<void(std::span<const std::byte>)> told) { give_up_told_ = std::move(told); }

    /// Everything before this position is settled.
    [[nodiscard]] position settled_to() const noexcept { return settled_to_.load(std::memory_order_acquire); }

    /// Records not settled, read or not, that lie in memory only and so end with the process. What a producer has not
    /// finished is not among them.
    [[nodiscard]] std::uint64_t unspooled() const noexcept;

    /// Of those, the ones that were handed out from segments that are given up since: no file has them either.
    [[nodiscard]] std::uint64_t adrift() const noexcept { return adrift_; }

    /// Records given up unread because the journal needed their segment.
    [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_.load(std::memory_order_relaxed); }

private:
    friend class journal;

    // A record that was passed.
    struct unfinished {
        std::uint64_t segment;
        std::uint64_t offset;
        std::uint64_t token;
    };
    enum class look : std::uint8_t { record, unfinished, nothing };

    look peek(std::uint64_t& segment, std::uint64_t& offset) const noexcept;
    bool next_finished(entry& out) noexcept;
    std::uint64_t hand_out();
    void publish() noexcept;
    void give_up(const segment& in, std::uint64_t offset) noexcept;
    /// Leaves `segment`, the one the cursor is in or an older one, giving up its unread records. False when the segment
    /// holds an unfinished record, whose producer still writes into it.
    bool leave(std::uint64_t segment) noexcept;

    /// Tells the spool how far this is, if it does not know.
    void save(spool& to) noexcept;

    journal& journal_;
    const std::string destination_;
    std::uint64_t segment_ = 0;
    std::uint64_t offset_ = 0;
    // Handed out, or passed.
    settled_window window_;
    // They live in their batches only.
    std::uint64_t adrift_ = 0;
    std::vector<unfinished> passed_;
    // At first too: a destination that the file does not name would get the place of one that is gone.
    bool unsaved_ = true;
    std::atomic<position> settled_to_{0};
    std::atomic<std::uint64_t> given_up_{0};
    std::function<void(std::span<const std::byte>)> give_up_told_;
};

}  // namespace logferry::journal
