// Times as text and back. No locale, no time zone database, no allocation beyond the string appended to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logferry::text {

/// Appends `YYYY-MM-DDTHH:MM:SS.mmmZ` with `decimals` (0 to 9) digits, for nanoseconds since the Unix epoch, UTC.
/// Decimals are cut, not rounded, so that a time never moves forward. Works for the whole range of int64.
void append_rfc3339(std::string& out, std::int64_t time_ns, int decimals = 3);

/// Reads an HTTP date in any of the three forms of RFC 9110 section 5.6.7, as seconds since the Unix epoch. One of them
/// has a year of two digits, which means the last year past that ends so if it would be more than 50 years ahead of
/// `now_epoch_seconds`. Space and tab around the date are allowed; the name of the day need not be the right one.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text,
                                                          std::int64_t now_epoch_seconds) noexcept;

/// Reads a `Retry-After` value, delta seconds or HTTP date (RFC 9110 section 10.2.3). Negative, fractional or
/// malformed: nothing. A date in the past is 0; a number too large to hold is the largest number of seconds that fits.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                                    std::int64_t now_epoch_seconds) noexcept;

}  // namespace logferry::text
