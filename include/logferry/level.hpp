// The severity of a record, as both frameworks know it.
//
// Adapters translate their framework's level into this enum with a table; vendors translate this enum into the
// vendor's word with another. Nothing else in logferry compares levels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace logferry {

/// Severity, least severe first, so that `<` means "less severe". `off` never belongs to a record: it is a threshold
/// that nothing reaches.
enum class level : std::uint8_t { trace, debug, info, warn, err, critical, off };

/// Number of levels that a record can have (`off` not counted).
inline constexpr std::size_t level_count = 6;

/// The level's name as logferry writes it into records, configuration and statistics.
[[nodiscard]] constexpr std::string_view to_string(level lvl) noexcept {
    constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error", "critical", "off"};
    const auto index = static_cast<std::size_t>(lvl);
    return index < 7 ? names[index] : std::string_view("off");
}

/// Reads a level from text, ignoring ASCII case. Besides the names of `to_string` it knows what people write:
/// `warning`, `err`, `fatal`, `crit`, `notice`, `alert`, `emergency`, `information`, `informational`.
/// Returns nothing for any other word.
[[nodiscard]] std::optional<level> level_from_string(std::string_view text) noexcept;

}  // namespace logferry
