// The inside of the backlog. `backlog.cpp` has the queue of journals and what becomes of their files,
// `backlog_room.cpp` the room that they take, `backlog_cursor.cpp` one destination's way through them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <journal/backlog.hpp>
#include <journal/recovered_journal.hpp>
#include <journal/segment_reader.hpp>

namespace logferry::journal {

struct backlog_cursor::state {
    state(backlog::parts& of, std::size_t destination);

    // What a look at the files led to.
    enum class look : std::uint8_t {
        record,   ///< the reader has a record that is not settled
        more,     ///< nothing yet, look again
        nothing,  ///< nothing now
    };
    look advance();
    look enter_next();
    look open_file();
    look after_failed_opening(segment_file& file);
    look read_file();
    look after_unreadable();
    void next_file() noexcept;
    void leave() noexcept;
    /// The record that the reader has found. Throws `std::bad_alloc`, and then it will be found once more.
    void hand_out(entry& out);

    /// The record that the reader has found was settled in an earlier process.
    [[nodiscard]] bool is_settled() noexcept;
    [[nodiscard]] bool is_settled_wholly(const segment_file& file) const noexcept;
    /// Whether it is the first to see what the reader has found. Remembers that it was seen.
    bool is_news(segment_file& file) const noexcept;
    void note_flaw(segment_file& file, flaw what) noexcept;

    /// Where it will look next.
    [[nodiscard]] file_place place() const noexcept;
    /// The first file that it has not settled wholly.
    [[nodiscard]] std::size_t settled_files() const noexcept;
    /// Everything before that journal is behind it. Goes there if need be.
    bool reach(std::uint64_t journal);
    /// A record that is on its way. False when it is not to be had (`again.error()`). Throws `std::bad_alloc`.
    [[nodiscard]] bool read_from_file(std::uint64_t token, entry& out);
    [[nodiscard]] backlog_cursor::again after_failed_again() noexcept;

    /// Gives up what it has not settled up to and in this file of the journal that it is in. False when what it has not
    /// read could not be read now.
    bool give_up(std::size_t file);

    /// Persists how far it has come, if that has changed.
    void save() noexcept;

    backlog::parts& shared;
    const std::size_t destination;

    // The journal that it is in, or will enter next, counted from the first of the queue that ever was.
    std::uint64_t journal = 0;
    recovered_journal* in = nullptr;
    // The file that it reads or will read next.
    std::size_t file = 0;
    segment_reader reader;
    segment_reader again;
    // What an earlier process has settled in this journal, and which of its ranges come next.
    cursor_place settled_before;
    std::size_t next_range = 0;

    // Handed out, by the word of the file place.
    settled_window window;
    // Handed out and not settled, from files that are given up since: they live in their batches only.
    std::uint64_t adrift = 0;
    bool changed = false;
    // Something could not be read; not before the next round.
    bool resting = false;
    unsigned tries = 0;
    unsigned tries_again = 0;

    std::uint64_t recovered = 0;
    std::uint64_t given_up = 0;
    std::uint64_t corrupt = 0;
    std::function<void(std::span<const std::byte>)> told;
};

struct backlog::parts {
    static constexpr std::size_t most_adopted = 16;

    parts(spool_directory& spool, spool_slot& own, std::uint64_t own_created, backlog_settings chosen);

    /// Puts the journals that lie in a slot into the queue: how many, or an errno value with its sign changed.
    int add_journals(const std::shared_ptr<spool_slot>& slot);
    int add_own() noexcept;
    [[nodiscard]] bool can_adopt() const noexcept;
    [[nodiscard]] std::shared_ptr<spool_slot> keep(std::unique_ptr<spool_slot> slot);

    [[nodiscard]] recovered_journal* at(std::uint64_t journal) noexcept {
        return journal - queue_begin < queue.size() ? queue[journal - queue_begin].get() : nullptr;
    }
    [[nodiscard]] bool is_own(const recovered_journal& of) const noexcept { return &of.slot() == &own; }

    void file_gone(const recovered_journal& of, segment_file& file) noexcept;
    void leave_alone(const recovered_journal& of, segment_file& file) noexcept;

    void save_cursors() noexcept;
    /// Removes files that all are through with, some at a time.
    void remove_files() noexcept;
    /// Removes those of one journal. False when some are left.
    bool remove_files_of(std::uint64_t journal, std::size_t& budget) noexcept;
    bool remove_file(recovered_journal& of, std::size_t index);
    void finish_front() noexcept;
    /// Gives back what killed processes had ready and never used: nobody need come by for that. Reads so many bytes at
    /// most to see that they are nothing.
    void tidy(std::uint64_t effort) noexcept;
    enum class tidied : std::uint8_t { done, removed_one, later };
    [[nodiscard]] tidied tidy_end(recovered_journal& of);
    [[nodiscard]] bool is_used(recovered_journal& of, segment_file& file);
    void measure(recovered_journal& of) noexcept;
    [[nodiscard]] std::uint64_t bytes_of_cursors() const noexcept;
    [[nodiscard]] std::uint64_t bytes_of(const recovered_journal& of, std::size_t index) const noexcept;
    void note_bytes(const recovered_journal& of, segment_file& file, std::uint64_t bytes) noexcept;
    [[nodiscard]] std::size_t settled_by_all(std::uint64_t journal) const noexcept;
    [[nodiscard]] bool left_by_all(std::uint64_t journal) const noexcept;

    spool_directory& spool;
    spool_slot& own;
    const std::uint64_t own_created;
    const backlog_settings settings;
    backlog_counts counts;
    std::uint64_t own_bytes = 0;
    bool own_listed = false;

    // Adopted slots, where a forked child finds them. They outlive the journals.
    std::array<std::atomic<spool_slot*>, most_adopted> adopted{};
    // The last look for orphans ended because all places were taken.
    bool hindered = false;
    // Slots whose foreign files are counted, and journals that were left because of such.
    std::set<unsigned> met;
    std::set<std::pair<unsigned, std::uint64_t>> left;

    std::deque<std::unique_ptr<recovered_journal>> queue;
    std::uint64_t queue_begin = 0;
    std::vector<std::unique_ptr<backlog_cursor>> cursors;

    // Looks at the ends of journals, from this one on.
    segment_reader scout;
    std::uint64_t untidy = 0;

    // Something was settled or passed since the last round.
    bool dirty = false;
    // A file could not be removed; when that was.
    std::optional<std::int64_t> stuck_at;

    // What was told.
    std::uint64_t segments_found = 0;
    std::uint64_t segments_told = 0;
    backlog_counts told;
};

}  // namespace logferry::journal
