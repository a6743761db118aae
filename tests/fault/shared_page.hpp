// What the program under test and the test share: memory that outlives the program, whatever happens to it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <logferry/stats.hpp>

namespace logferry::fault {

/// The descriptor under which the program under test inherits the page.
inline constexpr int page_descriptor = 3;

/// What the program's name service says about every name under `.test`.
enum class name_service : int { knows_loopback, knows_nobody, hangs };

/// What the program's disk refuses, by errno value; nothing where that is 0.
struct disk_faults {
    std::atomic<int> allocating{0};
    /// Reading this sector of the file with this inode.
    std::atomic<int> reading{0};
    std::atomic<std::uint64_t> inode{0};
    std::atomic<std::uint64_t> sector_begins{0};
    static constexpr std::uint64_t sector_size = 4096;
};

/// What the spools of all of the program's shippers say.
struct spool_ledger {
    bool in_use = false;
    std::uint64_t unspooled = 0;
    std::uint64_t backlog_segments = 0;
    std::uint64_t adopted_slots = 0;
    std::uint64_t unfinished_records = 0;
    std::uint64_t damaged_places = 0;
    std::uint64_t missing_segments = 0;
    std::uint64_t quarantined_files = 0;
    std::uint64_t discarded_files = 0;
};

/// The sum of the ledgers of all destinations of all of the program's shippers.
struct ledger {
    std::uint64_t accepted = 0;
    std::uint64_t recovered = 0;
    std::uint64_t delivered = 0;
    std::uint64_t pending = 0;
    std::uint64_t filtered = 0;
    std::uint64_t rejected = 0;
    std::array<std::uint64_t, drop_reason_count> dropped{};
    std::uint64_t clipped = 0;
    std::uint64_t dead_lettered = 0;
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    std::uint64_t loss_reports = 0;
    std::uint64_t in_flight_limit = 0;
    bool balanced = true;
    std::array<char, 512> last_error{};
    spool_ledger spool;

    [[nodiscard]] std::uint64_t dropped_for(drop_reason why) const noexcept {
        return dropped[static_cast<std::size_t>(why)];
    }
    [[nodiscard]] std::uint64_t dropped_total() const noexcept {
        std::uint64_t sum = 0;
        for (const auto n : dropped) sum += n;
        return sum;
    }
    /// Every record whose fate is neither delivery nor loss.
    [[nodiscard]] std::uint64_t accounted_otherwise() const noexcept {
        return pending + filtered + rejected + dropped_total();
    }
};

enum class call : std::uint8_t { none, begun, returned };

struct shared_page {
    static constexpr std::size_t most_records = std::size_t{1} << 18;
    static constexpr std::size_t event_kinds = 8;

    /// How far the log call with that id has come.
    std::array<std::atomic<call>, most_records> calls{};
    /// The next record's id. Programs that share a page never log the same record.
    std::atomic<std::uint64_t> next_id{0};
    std::atomic<std::uint64_t> longest_call_ns{0};
    /// How long the last drain or close took.
    std::atomic<std::int64_t> waited_ms{0};
    /// Events by kind.
    std::array<std::atomic<std::uint64_t>, event_kinds> events{};
    std::atomic<name_service> names{name_service::knows_loopback};
    std::atomic<std::uint64_t> names_asked{0};
    disk_faults disk;
    /// A thread rests at the failpoint that it was told of, until it may go on.
    std::atomic<bool> rests{false};
    std::atomic<bool> go_on{false};
    /// Set when `books` is final: a log call that returns later is nobody's business.
    std::atomic<bool> over{false};
    /// Written by the program; the test reads it while the program waits for an order, or after its end.
    ledger books;
    /// The parts of that sum, of the first destinations.
    std::array<ledger, 2> of_destination;

    [[nodiscard]] std::uint64_t calls_that(call came_to) const noexcept {
        std::uint64_t sum = 0;
        for (const auto& each : calls) sum += each.load(std::memory_order_relaxed) >= came_to;
        return sum;
    }
};

static_assert(std::atomic<call>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free,
              "only lock-free atomics work between processes");

}  // namespace logferry::fault
