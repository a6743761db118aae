// A spool: the directory that the application chose. Inside, one numbered slot directory for each process (for each
// shipper, to be exact) that uses it at the same time, and `quarantine` for files that are damaged.
//
//     <spool>/slot-0000/lock        flock'd by who lives in the slot; never deleted
//     <spool>/slot-0000/*.segment   records; see spool_format.hpp
//     <spool>/slot-0000/*.cursors   how far each destination has come; see cursor_file.hpp
//     <spool>/quarantine/*
//
// Whoever opens the spool takes the first slot that nobody lives in, with all that it holds. What lies in other slots
// that nobody lives in is adopted: by whoever gets the lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <journal/operating_system.hpp>

namespace logferry::journal {

/// A slot's name in the spool.
[[nodiscard]] std::string slot_name(unsigned number);

/// The file in a slot that is locked.
inline constexpr const char* lock_name = "lock";

/// A locked slot directory. The lock is held as long as the object lives, or a forked child that has not called
/// `forget`.
///
/// Thread rule: one thread at a time; what is const, any.
class spool_slot {
public:
    /// Takes over the descriptors of the directory and of the locked file. That of the quarantine, or -1, stays the
    /// spool's, which outlives the slot.
    spool_slot(operating_system& os, unsigned number, int directory, int lock, int quarantine) noexcept;
    ~spool_slot();
    spool_slot(const spool_slot&) = delete;
    spool_slot& operator=(const spool_slot&) = delete;

    [[nodiscard]] operating_system& os() const noexcept { return os_; }
    [[nodiscard]] unsigned number() const noexcept { return number_; }
    [[nodiscard]] int directory() const noexcept { return directory_; }

    /// All names but the lock's: 0 or an errno value with its sign changed. Throws `std::bad_alloc`.
    int list(std::vector<std::string>& names) const;
    /// A descriptor, after checks that the file is regular, ours, and has one name; or an errno value with its sign
    /// changed (`-EPERM` when it is not such a file).
    [[nodiscard]] int open(const char* name) const noexcept;
    [[nodiscard]] int create(const char* name) const noexcept;
    int remove(const char* name) const noexcept;

    /// Moves a file to the quarantine, under a new name that ends in `reason` (letters and hyphens); when that would
    /// hold more than `most_bytes` then (a file counts for 4 KiB at least), or cannot take it, the file is removed.
    enum class quarantined : std::uint8_t { kept, removed, later };
    /// `later` when the process lacks what it takes; then nothing has happened.
    quarantined quarantine(const char* name, std::string_view reason, std::uint64_t most_bytes) const noexcept;

    /// In a forked child: lets go of the descriptors, which are the child's own, and of nothing else.
    /// Async-signal-safe.
    void forget() noexcept;

private:
    /// 0, or an errno value with its sign changed.
    int move_to_quarantine(const char* name, std::string_view reason, std::uint64_t most_bytes) const;

    operating_system& os_;
    unsigned number_;
    int directory_;
    int lock_;
    int quarantine_;
};

/// Why a spool cannot be used.
struct spool_problem {
    /// One line for a person, without the path; empty when there is none.
    std::string text;
    /// It may go away by itself: no room, no descriptors, a read-only file system. The others are mistakes in the
    /// configuration: not ours, writable by others, a symbolic link, on another machine.
    bool passing = false;
};

struct spool_place {
    std::string path;
    /// Use it though another machine serves it.
    bool network_allowed = false;
};

/// Thread rule: one thread at a time.
class spool_directory {
public:
    /// Opens the directory, or makes it (its parent must exist). Null with a problem.
    [[nodiscard]] static std::unique_ptr<spool_directory> open(operating_system& os, const spool_place& place,
                                                               spool_problem& problem);
    ~spool_directory();
    spool_directory(const spool_directory&) = delete;
    spool_directory& operator=(const spool_directory&) = delete;

    /// The first slot that nobody lives in; a new one when there is none. Null with a problem.
    [[nodiscard]] std::unique_ptr<spool_slot> take_slot(spool_problem& problem);

    /// The first slot from number `from` on that nobody lives in and that holds anything but its lock; null when there
    /// is none. Slots that this process lives in are locked like any other.
    [[nodiscard]] std::unique_ptr<spool_slot> adopt_orphan(unsigned from = 0);

    /// Slots there may be.
    static constexpr unsigned most_slots = 4096;

    /// In a forked child: lets go of the descriptors, which are the child's own. Async-signal-safe.
    void forget() noexcept;

private:
    struct refusal {
        /// An errno value with its sign changed; `-EWOULDBLOCK` when somebody lives in the slot.
        int error = 0;
        /// It was not there, and could not be made; or locks are refused.
        bool of_all = false;
    };

    spool_directory(operating_system& os, int directory, int quarantine) noexcept;
    [[nodiscard]] std::unique_ptr<spool_slot> try_slot(unsigned number, refusal& why);

    operating_system& os_;
    int directory_;
    int quarantine_;
};

}  // namespace logferry::journal
