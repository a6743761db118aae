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

/// A value as text: a string as it is, a JSON string or the first string of a JSON array unpacked (OpenTelemetry gives
/// headers as arrays), a number in digits. Empty for what access logs write when there is nothing: `-` and blanks.
[[nodiscard]] std::string_view http_text(const value& v, std::string& scratch);

/// A value as a number: a number, or text that is one as a whole. Nothing for what is not finite.
[[nodiscard]] std::optional<double> http_number(const value& v) noexcept;

/// Rounded to a whole number from 0 to 2^53 - 1, or nothing.
[[nodiscard]] std::optional<std::uint64_t> whole_number(double number) noexcept;

/// A token of RFC 9110 section 5.6.2: not empty, and nothing in it needs escaping.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// The bare host of `host`, `host:port`, `user@host` or `[v6]:port`, without trailing dot, in lower case. Empty when
/// that is no host.
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
