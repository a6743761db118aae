// The backlog: what earlier processes left in the spool. It is read, not mapped, in slices, the oldest journal first,
// and each destination goes through it with a cursor of its own, which remembers its way on disk. A file is removed
// when every destination is through; one that holds damage goes to the quarantine then.
//
// Nothing here fails: what cannot be read now is tried again later or passed, and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <journal/cursor.hpp>
#include <journal/spool_directory.hpp>

namespace logferry::journal {

/// What was found in the spool so far. Bytes are those of records with their heads.
struct backlog_counts {
    /// Journals and segment files that are waiting or being read.
    std::uint64_t journals = 0;
    std::uint64_t segments = 0;
    /// Slots of others that were adopted.
    std::uint64_t adopted_slots = 0;
    /// Records whose producer never finished them: their log calls never returned.
    std::uint64_t unfinished_records = 0;
    /// Places where bytes were damaged so that nobody can tell how many records they were.
    std::uint64_t damaged_places = 0;
    /// Segments that should lie between two others and do not.
    std::uint64_t missing_segments = 0;
    std::uint64_t quarantined_files = 0;
    /// Damaged files that the quarantine had no room for.
    std::uint64_t discarded_files = 0;
    /// Files in slots that are not logferry's, or of a newer release. They are left alone.
    std::uint64_t foreign_files = 0;
};

struct backlog_settings {
    /// The destinations' names, by cursor.
    std::vector<std::string> destinations;
    std::uint64_t quarantine_bytes = 16 * 1024 * 1024;
    /// The largest record that is believed.
    std::size_t largest_record = 256 * 1024 * 1024;
    /// Of the live journal: what `own_segments` counts in.
    std::size_t segment_size = 4 * 1024 * 1024;
};

class backlog;

/// One destination's way through the backlog; the same words as `cursor`.
///
/// Thread rule: the consumer thread.
class backlog_cursor {
public:
    backlog_cursor(backlog& of, std::size_t destination);
    ~backlog_cursor();
    backlog_cursor(const backlog_cursor&) = delete;
    backlog_cursor& operator=(const backlog_cursor&) = delete;

    /// The next record that is whole; false when there is none now. `journal_id` becomes that of the journal it was
    /// written in. The data is valid until the next call of any member. A call reads some megabytes at most: false
    /// while `readable` remains true means that it has not come to a record yet. What cannot be read is asked for again
    /// after the next `backlog::maintain`.
    bool next(entry& out, std::uint64_t& journal_id);
    enum class again : std::uint8_t {
        here,
        gone,   ///< with its file, or damaged meanwhile
        later,  ///< the process lacks what it takes to read it
    };
    /// A record that was handed out and is not settled, once more, read from its file again.
    [[nodiscard]] again read_again(std::uint64_t token, entry& out, std::uint64_t& journal_id) noexcept;
    void settle(std::uint64_t token) noexcept;

    /// True when `next` may give a record.
    [[nodiscard]] bool readable() const noexcept;
    /// True when nothing is left: all is read and settled.
    [[nodiscard]] bool finished() const noexcept;

    /// Records handed out for the first time, or given up.
    [[nodiscard]] std::uint64_t recovered() const noexcept;
    /// Records among them that were given up unread because the buffer needed the room.
    [[nodiscard]] std::uint64_t given_up() const noexcept;
    /// Records that are on their way from a file that was given up since, and so end with the process.
    [[nodiscard]] std::uint64_t unspooled() const noexcept;
    /// Records among them whose bytes were damaged although their length was not.
    [[nodiscard]] std::uint64_t corrupt() const noexcept;
    /// `told` gets each record that is given up unread, while its bytes are still there. It must not throw.
    void on_give_up(std::function<void(std::span<const std::byte>)> told);

private:
    friend class backlog;
    struct state;
    std::unique_ptr<state> state_;
};

/// Thread rule: the consumer thread.
class backlog {
public:
    /// Starts with what lies in `own`, a slot that is lived in by a live journal whose files (those with
    /// `own_created`) are not touched. All references outlive it.
    backlog(spool_directory& spool, spool_slot& own, std::uint64_t own_created, backlog_settings chosen);
    ~backlog();
    backlog(const backlog&) = delete;
    backlog& operator=(const backlog&) = delete;

    [[nodiscard]] backlog_cursor& cursor(std::size_t destination) noexcept;

    /// Writes down how far the cursors have come, and then removes the files that all of them are through with. Cheap
    /// when nothing has changed. Call it once a round.
    void maintain() noexcept;

    /// Looks for slots that nobody lives in any more, and adopts what lies there.
    void look_for_orphans() noexcept;
    /// True when there were more than could be held at once, and another can be now.
    [[nodiscard]] bool can_adopt_more() const noexcept;

    /// What the files of the own slot take on the device, in segments of the live journal, whose room they share.
    [[nodiscard]] std::uint64_t own_segments() const noexcept;

    /// Every cursor that is in the oldest segment file of the own slot gives up what it has not read there, and cannot
    /// read again what is on its way. False when there is none, or it cannot be read now.
    bool give_up_oldest() noexcept;

    /// In a forked child: closes the descriptors of adopted slots and of files that are being read, and does nothing
    /// else. Async-signal-safe.
    void forget() noexcept;

    [[nodiscard]] const backlog_counts& counts() const noexcept;
    /// What there is to tell since the last call: a line for a person, or nothing.
    [[nodiscard]] std::string take_news();

private:
    friend class backlog_cursor;
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace logferry::journal
