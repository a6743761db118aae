// The ledger: what became of every record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logferry {

/// Why a record was given up without the vendor refusing it.
enum class drop_reason : std::uint8_t {
    full,         ///< the buffer had no room
    expired,      ///< older than `delivery_options::max_age`
    gave_up,      ///< the vendor failed on it again and again (poison)
    ambiguous,    ///< it would page a person and may already have arrived
    after_close,  ///< logged after `close`, or to a shipper opened when the program was ending
    reentrant,    ///< logged by logferry's own thread or callbacks
    at_close,     ///< still pending when the close budget ran out, and not in a spool
    forked,       ///< logged in a child process that could not have a shipper of its own
    corrupt,      ///< its bytes in the spool were damaged
};
inline constexpr std::size_t drop_reason_count = 9;

[[nodiscard]] constexpr std::string_view to_string(drop_reason reason) noexcept {
    constexpr std::string_view names[] = {"full",      "expired",  "gave_up", "ambiguous", "after_close",
                                          "reentrant", "at_close", "forked",  "corrupt"};
    const auto index = static_cast<std::size_t>(reason);
    return index < drop_reason_count ? names[index] : std::string_view("unknown");
}

/// One destination's ledger. At every moment
/// `accepted == delivered + pending + filtered + rejected + dropped_total()`.
struct destination_stats {
    std::string name;
    /// Records that log calls handed to logferry, those dropped at the door included, and those recovered.
    std::uint64_t accepted = 0;
    /// Records of earlier processes that were read from the spool so far. What is still to be read stands under no
    /// heading: see `spool_stats::backlog_segments`.
    std::uint64_t recovered = 0;
    /// The vendor confirmed them.
    std::uint64_t delivered = 0;
    /// In the buffer or in flight: logged by this process, or recovered. After `close`: in the spool, for the next
    /// process. 0 does not mean that the spool is empty, as long as there are `spool_stats::backlog_segments`.
    std::uint64_t pending = 0;
    /// Below `min_level`, or not of the vendor's kind.
    std::uint64_t filtered = 0;
    /// The vendor refused them for good, or their content can never meet its rules.
    std::uint64_t rejected = 0;
    /// Given up, by `drop_reason`.
    std::array<std::uint64_t, drop_reason_count> dropped{};
    /// Parts of records that were cut, renamed or left out to meet the vendor's limits.
    std::uint64_t clipped = 0;
    /// Of those rejected or given up as poison: written to the dead-letter file, and not, for want of one or of room.
    std::uint64_t dead_lettered = 0;
    std::uint64_t dead_letters_lost = 0;
    /// Requests sent, and those of them that were sent again.
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    /// Loss reports that the vendor took. They are records of logferry's own and counted nowhere else.
    std::uint64_t loss_reports = 0;
    /// Requests in flight now, and how many there may be.
    std::size_t in_flight = 0;
    std::size_t in_flight_limit = 0;
    /// The last thing that went wrong; empty if nothing did.
    std::string last_error;

    [[nodiscard]] std::uint64_t dropped_total() const noexcept {
        std::uint64_t sum = 0;
        for (const auto n : dropped) sum += n;
        return sum;
    }
    [[nodiscard]] bool balanced() const noexcept {
        return accepted == delivered + pending + filtered + rejected + dropped_total();
    }
};

/// What became of the spool. All zero without one.
struct spool_stats {
    /// Records go to the disk. False without a spool, and while the disk cannot be used.
    bool in_use = false;
    /// Records that lay in memory only, because the disk could not be used when they were logged.
    std::uint64_t unspooled = 0;
    /// Segment files of earlier processes with anything that some destination has not got: waiting, being read, or read
    /// and not settled. 0 here and `pending()` 0: all that was found has been sent.
    std::uint64_t backlog_segments = 0;
    /// Slots of processes that ended, whose records this one has taken over.
    std::uint64_t adopted_slots = 0;
    /// Records that a process had not finished writing when it ended: their log calls never returned.
    std::uint64_t unfinished_records = 0;
    /// Places in files where bytes were damaged so that nobody can tell how many records they were.
    std::uint64_t damaged_places = 0;
    /// Segment files that should lie between two others and do not.
    std::uint64_t missing_segments = 0;
    /// Damaged files that were moved to the quarantine, and those it had no room for.
    std::uint64_t quarantined_files = 0;
    std::uint64_t discarded_files = 0;
    /// Why the disk could not be used the last time; empty if it always could.
    std::string last_error;
};

/// The ledgers of all destinations, and what concerns the log calls.
struct shipper_stats {
    std::vector<destination_stats> destinations;
    /// Records whose message was cut or whose last fields were left out because they exceeded `max_record`.
    std::uint64_t clipped_records = 0;
    /// Records that crossed an asynchronous logger and so carry no thread context.
    std::uint64_t async_hops = 0;
    /// Records whose framework's severity could not be told: they went out as info.
    std::uint64_t unmapped_severities = 0;
    /// Attributes of Boost.Log records that were left out, for nobody has said how their type becomes a value.
    std::uint64_t unsent_attributes = 0;
    spool_stats spool;

    [[nodiscard]] bool balanced() const noexcept {
        for (const auto& d : destinations) {
            if (!d.balanced()) return false;
        }
        return true;
    }
    /// Sums over all destinations. A record that goes to two destinations counts twice.
    [[nodiscard]] std::uint64_t delivered() const noexcept { return sum_of(&destination_stats::delivered); }
    [[nodiscard]] std::uint64_t pending() const noexcept { return sum_of(&destination_stats::pending); }
    [[nodiscard]] std::uint64_t rejected() const noexcept { return sum_of(&destination_stats::rejected); }
    [[nodiscard]] std::uint64_t dropped() const noexcept {
        std::uint64_t sum = 0;
        for (const auto& d : destinations) sum += d.dropped_total();
        return sum;
    }

private:
    [[nodiscard]] std::uint64_t sum_of(std::uint64_t destination_stats::*member) const noexcept {
        std::uint64_t sum = 0;
        for (const auto& d : destinations) sum += d.*member;
        return sum;
    }
};

/// The figures as one line of JSON: an object with `destinations` (an array), `clipped_records`, `async_hops`,
/// `unmapped_severities`, `unsent_attributes` and `spool`. Each destination has the members of `destination_stats`
/// under their own names, `dropped` as an object by reason, and `balanced`. Throws `std::bad_alloc` only.
[[nodiscard]] std::string to_json(const shipper_stats& stats);

}  // namespace logferry
