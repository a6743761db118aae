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
    after_close,  ///< logged after `close`
    reentrant,    ///< logged by logferry's own thread or callbacks
    at_close,     ///< still pending when the close budget ran out
    forked,       ///< logged in a child process through a shipper of its parent
};
inline constexpr std::size_t drop_reason_count = 8;

[[nodiscard]] constexpr std::string_view to_string(drop_reason reason) noexcept {
    constexpr std::string_view names[] = {"full",        "expired",   "gave_up",  "ambiguous",
                                          "after_close", "reentrant", "at_close", "forked"};
    const auto index = static_cast<std::size_t>(reason);
    return index < drop_reason_count ? names[index] : std::string_view("unknown");
}

/// One destination's ledger. At every moment
/// `accepted == delivered + pending + filtered + rejected + dropped_total()`.
struct destination_stats {
    std::string name;
    /// Records that log calls handed to logferry, those dropped at the door included.
    std::uint64_t accepted = 0;
    /// The vendor confirmed them.
    std::uint64_t delivered = 0;
    /// In the buffer or in flight.
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

/// The ledgers of all destinations, and what concerns the log calls.
struct shipper_stats {
    std::vector<destination_stats> destinations;
    /// Records whose message was cut or whose last fields were left out because they exceeded `max_record`.
    std::uint64_t clipped_records = 0;
    /// Records that crossed an asynchronous logger and so carry no thread context.
    std::uint64_t async_hops = 0;

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

/// The figures as one line of JSON: an object with `destinations` (an array), `clipped_records` and `async_hops`. Each
/// destination has the members of `destination_stats` under their own names, `dropped` as an object by reason, and
/// `balanced`. Throws `std::bad_alloc` only.
[[nodiscard]] std::string to_json(const shipper_stats& stats);

}  // namespace logferry
