// The live journal's side of a spool: the files of its segments, and the file of its cursors.
//
// A segment file is created, allocated, headed and mapped before any producer sees it, and removed as soon as every
// destination has settled all of it. Whatever fails, the answer is "no": the journal then takes memory instead, and
// asks again when `try_again` was called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <journal/cursor_file.hpp>
#include <journal/spool_directory.hpp>
#include <journal/sync_thread.hpp>

namespace logferry::journal {

struct spool_settings {
    spool_place place;
    std::size_t segment_size = 4 * 1024 * 1024;
    /// Bring full segments to the device, from a thread of its own.
    bool sync = false;
};

/// Thread rule: the consumer thread, or before it runs. `forget` in a forked child.
class spool {
public:
    spool(operating_system& os, spool_settings chosen);
    ~spool();
    spool(const spool&) = delete;
    spool& operator=(const spool&) = delete;

    /// Opens the directory and takes a slot. The problem is empty when that is done.
    spool_problem open();

    /// The part of a record's id that all records of this journal share.
    [[nodiscard]] std::uint64_t journal_id() const noexcept { return journal_id_; }
    /// What this journal's file names begin with. Only once there is a slot.
    [[nodiscard]] std::uint64_t created() const noexcept { return created_; }
    /// Null until `open` has taken one.
    [[nodiscard]] spool_directory* directory() noexcept { return directory_.get(); }
    [[nodiscard]] spool_slot* slot() noexcept { return slot_.get(); }

    /// A segment's memory, all zero, and what seeds its check words.
    struct block {
        std::byte* data = nullptr;
        std::uint64_t salt = 0;
    };
    /// Null when the disk says no, or has said so since the last `try_again`.
    [[nodiscard]] block create(std::uint64_t number) noexcept;
    /// Makes a block's pages present. False when there is no room for them after all.
    bool prefault(std::byte* data) noexcept;
    /// File and memory go: its records are settled, or it never had any.
    void remove(std::uint64_t number, std::byte* data) noexcept;
    /// The file goes, its memory stays: a producer may still have something in it.
    void remove_file(std::uint64_t number) noexcept;
    /// Tries again to remove what could not be removed. Once a round.
    void remove_stuck() noexcept;
    /// The file stays for the next process, its memory goes.
    void leave(std::byte* data) noexcept;
    /// No more records come to this segment.
    void sealed(std::uint64_t number) noexcept;
    /// So many files there may be at once; any number at first. What is over that is a failure like any other.
    void allow_files(std::uint64_t most) noexcept { most_files_ = most; }

    /// Keeps how far a destination has come. False when that could not be done now.
    bool save(std::string_view destination, position settled_to, const position_range* settled,
              std::size_t count) noexcept;
    /// No segment stays behind, so nobody needs to know how far anybody has come; unless a file could not be removed.
    void remove_cursors() noexcept;

    /// True after a failure, until `create` succeeds again.
    [[nodiscard]] bool in_trouble() const noexcept { return in_trouble_; }
    /// Lets the next `create` ask the disk again. Opens what could not be opened before. True when there is a slot now
    /// that there was not.
    bool try_again() noexcept;
    /// The last failure, for a person; empty when there was none.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
    /// Why the last sync that failed did, an errno value; 0 when none has failed since the last call.
    [[nodiscard]] int take_sync_error() noexcept;

    /// Leaves the slot to others. What is mapped stays mapped.
    void let_go() noexcept;
    /// In a forked child: closes descriptors and nothing else. Async-signal-safe.
    void forget() noexcept;

private:
    void move_in();
    [[nodiscard]] bool unlink(std::uint64_t number) noexcept;
    void try_stuck() noexcept;
    [[nodiscard]] block fill(int file, std::uint64_t number) noexcept;
    block fail(int error, const char* doing) noexcept;
    void note_trouble(const std::string& text) noexcept;
    [[nodiscard]] std::size_t file_size() const noexcept;

    operating_system& os_;
    const spool_settings chosen_;
    const std::uint64_t journal_id_;
    std::uint64_t created_ = 0;
    std::unique_ptr<spool_directory> directory_;
    std::shared_ptr<spool_slot> slot_;
    // The first ones, if somebody has removed them: who reads there still has them.
    std::unique_ptr<spool_directory> gone_directory_;
    std::shared_ptr<spool_slot> gone_slot_;
    std::unique_ptr<cursor_file> cursors_;
    std::unique_ptr<sync_thread> syncing_;
    bool resting_ = false;
    bool in_trouble_ = false;
    int last_error_ = 0;
    int sync_error_ = 0;
    // Those of segments, and among them the settled ones that could not be removed.
    std::uint64_t files_ = 0;
    std::vector<std::uint64_t> stuck_;
    std::int64_t unstuck_at_ = 0;
    std::uint64_t most_files_ = ~std::uint64_t{0};
    std::string trouble_;
};

}  // namespace logferry::journal
