// The text of record `id`: made from the id alone, so that both ends know it without telling each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace logferry::fault {

/// One step of SplitMix64, which makes a number as good as random out of any other.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t number) noexcept {
    number += 0x9E3779B97F4A7C15u;
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9u;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EBu;
    return number ^ (number >> 31);
}

/// What the program is told to log.
struct payload_kind {
    std::size_t bytes = 64;
    /// Each record is longer by any number up to this.
    std::size_t spread = 0;
    /// Bytes that are no UTF-8: a vendor gets U+FFFD for them.
    bool raw = false;
    /// Too much for the vendor: it gets the beginning and a mark.
    bool cut = false;

    [[nodiscard]] std::size_t bytes_of(std::uint64_t id) const noexcept { return bytes + mixed(~id) % (spread + 1); }
};

/// Letters, what JSON escapes, and characters of every length in UTF-8; at least `bytes` long.
[[nodiscard]] inline std::string payload_of(std::uint64_t id, std::size_t bytes) {
    constexpr std::string_view pieces[] = {"a", "b", "7",  "Z", " ", "\"", "\\",      "/",  "\n",  "\t", "\x01", "\x7f",
                                           "é", "ß", "漢", "€", "🐛", "{}", "\\u0000", "%s", "<b>", "'",  ",",    "="};
    std::string text = "p";
    for (std::uint64_t at = 0; text.size() < bytes; ++at)
        text += pieces[mixed(id * 1'000'003 + at) % std::size(pieces)];
    return text;
}

/// Any bytes but NUL, most of them no UTF-8.
[[nodiscard]] inline std::string raw_payload_of(std::uint64_t id, std::size_t bytes) {
    constexpr std::string_view pieces[] = {"\xED\xA0\x80", "\xC0\xAF",         "\xFF",
                                           "\xF0\x9F\x90", "\xF4\x90\x80\x80", "\xE6\xBC"};
    std::string text = "p";
    for (std::uint64_t at = 0; text.size() < bytes; ++at) {
        const auto number = mixed(id * 1'000'003 + at);
        text += static_cast<char>(number % 255 + 1);
        text += pieces[number / 255 % std::size(pieces)];
    }
    return text;
}

/// The message of record `id`.
[[nodiscard]] inline std::string message_of(std::uint64_t id, std::size_t bytes) {
    return payload_of(id, bytes) + " id=" + std::to_string(id);
}

/// The same as the path of a web request, for a vendor that takes nothing else.
[[nodiscard]] inline std::string path_of(std::uint64_t id, std::size_t bytes) {
    std::string path = "/" + std::to_string(id) + "/";
    for (const char c : payload_of(id, bytes)) {
        path += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        path += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return path;
}

}  // namespace logferry::fault
