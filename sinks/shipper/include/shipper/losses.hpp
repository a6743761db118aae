// What a destination has lost: how much, why, of which levels, and from when to when.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <logferry/level.hpp>
#include <logferry/stats.hpp>

namespace logferry::shipping {

struct losses {
    std::array<std::uint64_t, drop_reason_count> dropped{};
    std::uint64_t rejected = 0;
    std::array<std::uint64_t, level_count> by_level{};
    /// The records' own times, nanoseconds since the Unix epoch; 0 when there are none.
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;

    [[nodiscard]] std::uint64_t total() const noexcept;

    void drop(drop_reason why, level lvl, std::int64_t time_ns, std::uint64_t records = 1) noexcept;
    /// Of records of which nothing is known any more.
    void drop_unknown(drop_reason why, std::uint64_t records) noexcept;
    void reject(level lvl, std::int64_t time_ns) noexcept;
    void add(const losses& more) noexcept;

    /// "12 records: 10 full, 2 rejected", reasons without records left out.
    [[nodiscard]] std::string by_reason() const;
    /// "9 info, 3 debug"; those of which nothing is known are left out.
    [[nodiscard]] std::string levels() const;

private:
    void count(level lvl, std::int64_t time_ns, std::uint64_t records) noexcept;
    void widen(std::int64_t first, std::int64_t last) noexcept;
};

}  // namespace logferry::shipping
