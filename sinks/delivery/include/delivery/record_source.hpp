// A destination's neighbours on the other side: where its records come from, and where those go that no vendor takes.
#pragma once

#include <cstdint>
#include <string_view>

#include <logferry/level.hpp>
#include <logferry/record.hpp>
#include <logferry/stats.hpp>

namespace logferry::delivery {

/// The end of one record's way.
struct settlement {
    enum class fate : std::uint8_t { delivered, filtered, rejected, dropped };

    std::uint64_t token = 0;
    fate what = fate::delivered;
    /// With `dropped`.
    drop_reason why = drop_reason::full;
    level lvl = level::info;
    /// The record's own time, nanoseconds since the Unix epoch.
    std::int64_t time_ns = 0;
};

/// A token with this bit names a record of logferry's own, such as a loss report: it is sent and settled like any other
/// but stands under no heading of the destination's ledger.
inline constexpr std::uint64_t own_record = std::uint64_t{1} << 63;
[[nodiscard]] constexpr bool is_own(std::uint64_t token) noexcept { return (token & own_record) != 0; }

/// Where a destination's records come from, in order.
class record_source {
public:
    virtual ~record_source() = default;

    /// The next record, or false when there is none now. The view is valid until the next call of `next`. Every record
    /// taken must be settled once.
    virtual bool next(record_view& record, std::uint64_t& token) = 0;

    enum class again : std::uint8_t {
        here,
        gone,   ///< the buffer needed the room
        later,  ///< it cannot be read now: no descriptor, no memory
    };
    /// A record that was taken and is not settled, once more. The view is valid until the next call of any member.
    virtual again read_again(std::uint64_t token, record_view& record) = 0;

    /// The record's fate is known; the source may forget it.
    virtual void settle(const settlement& done) = 0;
};

/// A record that its vendor will never take.
struct dead_letter {
    /// Null when its bytes are gone.
    const record_view* record = nullptr;
    /// 0 when no answer but our own check refused it.
    int status = 0;
    /// Holds no credential.
    std::string_view reason;
};

/// Where dead letters are kept.
class dead_letters {
public:
    virtual ~dead_letters() = default;
    /// False when it could not be kept. Does not throw.
    virtual bool keep(const dead_letter& letter) noexcept = 0;
};

}  // namespace logferry::delivery
