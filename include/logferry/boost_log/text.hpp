// Wide strings to UTF-8, and any bytes to a string of JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <logferry/boost_log/scratch.hpp>

namespace logferry::detail::boost_log {

inline constexpr char32_t replacement_character = 0xFFFD;

/// Writes a code point, which is valid, and returns the byte behind it: at most 4 bytes.
inline char* put_utf8(char* out, char32_t c) noexcept {
    const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6);
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    }
    return out;
}

/// Reads one code point of UTF-16 or UTF-32 and moves `at` behind it. A surrogate without its other half, and what is
/// no code point, become U+FFFD.
template <typename Char>
char32_t next_code_point(const Char*& at, const Char* end) noexcept {
    const auto is_surrogate = [](char32_t c, char32_t first) { return c >= first && c < first + 0x400; };
    const auto c = static_cast<char32_t>(static_cast<std::make_unsigned_t<Char>>(*at++));
    if (sizeof(Char) == 2 && is_surrogate(c, 0xD800) && at != end) {
        const auto low = static_cast<char32_t>(static_cast<std::make_unsigned_t<Char>>(*at));
        if (is_surrogate(low, 0xDC00)) {
            ++at;
            return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return c > 0x10FFFF || is_surrogate(c, 0xD800) || is_surrogate(c, 0xDC00) ? replacement_character : c;
}

template <typename Char>
[[nodiscard]] std::string_view utf8_of(std::basic_string_view<Char> wide, scratch& memory) {
    // A unit of UTF-16 takes three bytes at most, a pair of them four.
    char* const begin = memory.reserve(wide.size() * (sizeof(Char) == 2 ? 3 : 4));
    char* out = begin;
    const auto* const end = wide.data() + wide.size();
    for (const auto* at = wide.data(); at != end;) out = put_utf8(out, next_code_point(at, end));
    return memory.take(static_cast<std::size_t>(out - begin));
}

/// The length of the UTF-8 character that begins at `at` (Unicode, table 3-7); 0 when none does.
inline std::size_t utf8_length(const char* at, const char* end) noexcept {
    const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    const auto room = static_cast<std::size_t>(end - at);
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > room) return 0;
    // What would be too long a form, a surrogate, or beyond U+10FFFF shows in the second byte.
    const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < least || byte(1) > most) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    return length;
}

/// Appends `text` in quotes. Each byte that is no UTF-8 becomes U+FFFD; NUL is left out, as from every text that is
/// sent.
inline void append_json_string(growing_text& out, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    out.append('"');
    const auto* const end = text.data() + text.size();
    for (const auto* at = text.data(); at != end;) {
        const auto length = utf8_length(at, end);
        const auto byte = static_cast<unsigned char>(*at);
        if (length == 0) {
            out.append("\xEF\xBF\xBD");
        } else if (byte == '"' || byte == '\\') {
            out.append('\\');
            out.append(*at);
        } else if (byte < ' ' && byte != 0) {
            out.append("\\u00");
            out.append(digits[byte >> 4]);
            out.append(digits[byte & 15]);
        } else if (byte != 0) {
            out.append(std::string_view(at, length));
        }
        at += length == 0 ? 1 : length;
    }
    out.append('"');
}

/// UTF-8 as a string of wider characters; a byte that belongs to no character becomes U+FFFD.
template <typename Char>
[[nodiscard]] std::basic_string<Char> wide_of(std::string_view text) {
    std::basic_string<Char> wide;
    wide.reserve(text.size());
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end;) {
        const auto length = utf8_length(at, end);
        char32_t c = static_cast<unsigned char>(*at);
        if (length == 0) c = replacement_character;
        if (length > 1) c &= 0x7FU >> length;
        for (std::size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<unsigned char>(at[i]) & 0x3FU);
        if (sizeof(Char) == 2 && c > 0xFFFF) {
            wide += static_cast<Char>(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        wide += static_cast<Char>(c);
        at += length == 0 ? 1 : length;
    }
    return wide;
}

}  // namespace logferry::detail::boost_log
