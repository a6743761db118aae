#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <text/scan.hpp>
#include <text/utf8.hpp>

namespace logferry::text {
namespace {

constexpr std::string_view cut_mark = "...";

struct code_point_range {
    char32_t first;
    char32_t last;
};

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The length of the well-formed sequence that `lead` begins.
std::size_t length_of(char lead) noexcept {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The code point at `at` of well-formed `in`.
char32_t code_point_at(std::string_view in, std::size_t at) noexcept {
    const std::size_t length = length_of(in[at]);
    if (length > in.size() - at) return 0xFFFD;
    const auto lead = static_cast<unsigned char>(in[at]);
    char32_t code_point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = at + 1; i < at + length; ++i) {
        code_point = code_point << 6 | (static_cast<unsigned char>(in[i]) & 0x3FU);
    }
    return code_point;
}

/// Where the code point begins that `at`, greater than 0 and at most in.size(), is behind or within.
std::size_t previous(std::string_view in, std::size_t at) noexcept {
    do {
        --at;
    } while (at > 0 && is_continuation(in[at]));
    return at;
}

constexpr char32_t zero_width_joiner = 0x200D;

bool modifies_the_previous(char32_t code_point) noexcept {
    constexpr std::array<code_point_range, 7> modifiers = {{{0x0300, 0x036F},
                                                            {0x1AB0, 0x1AFF},
                                                            {0x1DC0, 0x1DFF},
                                                            {zero_width_joiner, zero_width_joiner},
                                                            {0x20D0, 0x20FF},
                                                            {0xFE0F, 0xFE0F},
                                                            {0xFE20, 0xFE2F}}};
    return std::any_of(modifiers.begin(), modifiers.end(),
                       [=](const auto& m) { return code_point >= m.first && code_point <= m.last; });
}

/// True if a cut at `at`, within `in` and on a boundary, would tear one character as a reader sees it.
bool tears(std::string_view in, std::size_t at) noexcept {
    return modifies_the_previous(code_point_at(in, at)) || code_point_at(in, previous(in, at)) == zero_width_joiner;
}

/// Moves a cut on a boundary back to where it tears nothing, if there is such a place near.
std::size_t move_off_modifiers(std::string_view in, std::size_t cut) noexcept {
    constexpr int most_in_a_row = 30;  // Unicode's own bound for marks in a row: the Stream-Safe Text Format, UAX #15
    std::size_t at = cut;
    for (int moved = 0; at > 0 && moved <= most_in_a_row; ++moved) {
        if (!tears(in, at)) return at;
        at = previous(in, at);
    }
    return cut;
}

/// How many bytes of `in`, which has more than `limit` bytes, fit into `limit` units.
std::size_t fitting_bytes(std::string_view in, std::size_t limit, length_unit unit) noexcept {
    if (unit == length_unit::bytes) {
        std::size_t at = limit;
        while (at > 0 && is_continuation(in[at])) --at;
        return at;
    }
    std::size_t at = 0;
    for (std::size_t used = 0; at < in.size();) {
        const std::size_t length = length_of(in[at]);
        used += unit == length_unit::utf16 && length == 4 ? 2 : 1;
        if (used > limit) break;
        at += length;
    }
    return std::min(at, in.size());
}

bool is_white_space(char32_t c) noexcept {
    constexpr std::u32string_view alone = U" \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF";
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x2000 && c <= 0x200A) || alone.find(c) != std::u32string_view::npos;
}

/// How many bytes at the front of `in` need no change. Stops looking soon after `enough` bytes.
std::size_t clean_prefix(std::string_view in, std::size_t enough) noexcept {
    const char* const begin = in.data();
    const char* const end = begin + in.size();
    const char* const window = begin + std::min(in.size(), enough);
    const char* p = begin;
    while ((p = skip<ascii_but_nul>(p, std::max(p, window))) < window) {
        const sequence s = read_sequence(p, end);
        if (!s.well_formed || *p == '\0') break;
        p += s.length;
    }
    return static_cast<std::size_t>(p - begin);
}

/// Appends what `in` is without NUL and repaired, until `out` has `enough` bytes or more.
void append_clean(std::string_view in, std::string& out, std::size_t enough) {
    while (!in.empty() && out.size() < enough) {
        const std::size_t clean = clean_prefix(in, enough - out.size());
        out += in.substr(0, clean);
        in.remove_prefix(clean);
        if (in.empty() || out.size() >= enough) return;
        if (in.front() == '\0') {
            in.remove_prefix(1);
            continue;
        }
        out += replacement_character;
        in.remove_prefix(read_sequence(in.data(), in.data() + in.size()).length);
    }
}

}  // namespace

bool valid_utf8(std::string_view in) noexcept {
    const char* p = in.data();
    const char* const end = p + in.size();
    while ((p = skip<ascii>(p, end)) != end) {
        const sequence s = read_sequence(p, end);
        if (!s.well_formed) return false;
        p += s.length;
    }
    return true;
}

std::size_t append_repaired(std::string_view in, std::string& out) {
    std::size_t replacements = 0;
    const char* copied = in.data();
    const char* p = copied;
    const char* const end = p + in.size();
    while ((p = skip<ascii>(p, end)) != end) {
        const sequence s = read_sequence(p, end);
        if (!s.well_formed) {
            out.append(copied, static_cast<std::size_t>(p - copied));
            out += replacement_character;
            copied = p + s.length;
            ++replacements;
        }
        p += s.length;
    }
    out.append(copied, static_cast<std::size_t>(end - copied));
    return replacements;
}

std::size_t measure(std::string_view in, length_unit unit) noexcept {
    if (unit == length_unit::bytes) return in.size();
    std::size_t units = 0;
    for (const char c : in) units += is_continuation(c) ? 0 : 1;
    if (unit == length_unit::code_points) return units;
    for (const char c : in) units += static_cast<unsigned char>(c) >= 0xF0 ? 1 : 0;
    return units;
}

std::size_t clip(std::string_view in, std::size_t limit, length_unit unit) noexcept {
    if (in.size() <= limit) return in.size();  // no code point has more units than bytes
    const std::size_t cut = fitting_bytes(in, limit, unit);
    return cut == in.size() ? cut : move_off_modifiers(in, cut);
}

std::string_view trim(std::string_view in) noexcept {
    while (!in.empty() && is_white_space(code_point_at(in, 0))) in.remove_prefix(length_of(in.front()));
    while (!in.empty()) {
        const std::size_t last = previous(in, in.size());
        if (!is_white_space(code_point_at(in, last))) break;
        in.remove_suffix(in.size() - last);
    }
    return in;
}

fitted fit(std::string_view in, std::size_t limit, length_unit unit, std::string& scratch) {
    // Any text of more bytes than this is too long in any unit, so nothing behind them matters.
    constexpr std::size_t most_bytes_each = 4;
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    const std::size_t enough = limit < unlimited / most_bytes_each ? limit * most_bytes_each + 1 : unlimited;

    const std::size_t clean = clean_prefix(in, enough);
    std::string_view text = in.substr(0, clean);
    if (clean < in.size() && clean < enough) {
        scratch.assign(text);
        append_clean(in.substr(clean), scratch, enough);
        text = scratch;
    }

    const std::size_t whole = clip(text, limit, unit);
    if (whole == text.size()) return {text, false};
    if (limit <= cut_mark.size()) return {text.substr(0, whole), true};
    const std::size_t kept = clip(text, limit - cut_mark.size(), unit);
    if (text.data() == scratch.data()) {
        scratch.resize(kept);
    } else {
        scratch.assign(text.substr(0, kept));
    }
    scratch += cut_mark;
    return {scratch, true};
}

}  // namespace logferry::text
