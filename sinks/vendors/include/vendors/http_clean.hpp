// The parts of an HTTP request, cleaned of what an access log does not want. Texts come back as parts of what went in,
// or of `scratch`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <logferry/record.hpp>

namespace logferry::vendors {

/// `text` without white space and NUL around it; empty for `-`, which access logs write when there is nothing.
[[nodiscard]] std::string_view given(std::string_view text) noexcept;

/// A value as text, without white space and NUL around it: a string as it is, a JSON string or the first string of a
/// JSON array unpacked (OpenTelemetry gives headers as arrays), a number in digits.
[[nodiscard]] std::string_view written(const value& v, std::string& scratch);

/// The same, but empty for `-`.
[[nodiscard]] std::string_view http_text(const value& v, std::string& scratch);

/// A value as a number: a number, or text (`written`) that is one as a whole. Nothing for what is not finite.
[[nodiscard]] std::optional<double> http_number(const value& v, std::string& scratch);

/// Rounded to a whole number from 0 to 2^53 - 1, or nothing.
[[nodiscard]] std::optional<std::uint64_t> whole_number(double number) noexcept;

/// A token of RFC 9110 section 5.6.2: not empty, and nothing in it needs escaping.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// The bare host of `host`, `host:port`, `user@host`, `[v6]:port` or a URL, without trailing dot, in lower case. Empty
/// when that is no host: a port that is no number, an empty label, more than one colon without an IPv6 address.
[[nodiscard]] std::string_view clean_host(std::string_view text, std::string& scratch);

/// What a request's target splits into. `path` is empty when the target has none (`*`, or the authority of CONNECT).
struct http_target {
    std::string_view path;
    std::string_view query;      ///< without `?`
    std::string_view authority;  ///< of the absolute form, `http://host/path`
};
[[nodiscard]] http_target split_target(std::string_view target) noexcept;

/// A URL or its path of at most `limit` UTF-16 units, without a broken percent-escape at the cut. `cut` is set if it
/// was cut.
[[nodiscard]] std::string_view clip_url(std::string_view url, std::size_t limit, std::string& scratch, bool& cut);

}  // namespace logferry::vendors
