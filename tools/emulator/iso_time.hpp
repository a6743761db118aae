// Reads ISO 8601 date and time, the form that JavaScript and Python read alike.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace logferry::emulation {

/// `YYYY-MM-DDTHH:MM:SS`, up to nine decimals, and `Z` or `+HH:MM` or `-HH:MM`. Nothing for anything else, a date that
/// does not exist and a time without zone included. Whole seconds since 1970, decimals dropped.
[[nodiscard]] std::optional<std::chrono::sys_seconds> read_iso_time(std::string_view text);

}  // namespace logferry::emulation
