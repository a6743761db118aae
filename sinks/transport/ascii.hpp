// What HTTP needs of text, untouched by any locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace logferry::transport {

/// Whether both are the same but for the case of ASCII letters.
[[nodiscard]] inline bool same_word(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Without white space and line ends around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace logferry::transport
