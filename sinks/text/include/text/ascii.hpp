// Classes of ASCII characters, untouched by any locale.
#pragma once

#include <algorithm>
#include <string>

namespace logferry::text {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept { return is_lower(c) || is_upper(c); }

/// A capital letter made small, and every other character as it is.
[[nodiscard]] constexpr char to_lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

inline void make_lower(std::string& text) noexcept { std::transform(text.begin(), text.end(), text.begin(), to_lower); }

}  // namespace logferry::text
