// Durations and sizes as text with a unit.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace logferry::config {

/// What was wrong with a text, with the remedy: the second half of a sentence about it.
struct complaint {
    std::string text;
};

template <class Value>
using reading = std::variant<Value, complaint>;

/// Whatever a computation adds up or converts, it stays far from overflow.
inline constexpr std::chrono::milliseconds longest_duration = std::chrono::hours(24) * 3650;

/// Every number up to here is exact also for readers of JSON that have only `double`.
inline constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;

/// Of a whole number with `ms`, `s`, `min`, `h` or `d` behind it. The pattern is that of a JSON Schema.
[[nodiscard]] reading<std::chrono::milliseconds> duration_from(std::string_view text);
inline constexpr std::string_view duration_pattern = "^[0-9]+(ms|s|min|h|d)$";
inline constexpr std::string_view whole_seconds_pattern = "^[0-9]+(s|min|h|d)$";

/// Of a whole number with `KiB`, `MiB` or `GiB` behind it.
[[nodiscard]] reading<std::uint64_t> size_from(std::string_view text);
inline constexpr std::string_view size_pattern = "^[0-9]+(KiB|MiB|GiB)$";

/// With the largest unit that leaves a whole number. REQUIRES: not negative.
[[nodiscard]] std::string to_text(std::chrono::milliseconds duration);
/// The same. REQUIRES: a multiple of 1024 that is not 0.
[[nodiscard]] std::string size_to_text(std::uint64_t bytes);

}  // namespace logferry::config
