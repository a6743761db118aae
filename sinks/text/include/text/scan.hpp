// Reading bytes that ought to be UTF-8, quickly: passing over runs of harmless ASCII many bytes at a time, and telling
// what the rest is. Repair, JSON escaping and JSON checking all stand on these two steps, so that each reads its input
// once.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace logferry::text {

/// The ASCII bytes that a scan passes over without a closer look: from `lowest` to 0x7F, but not `"` and `\` if
/// `stop_at_quotes`.
template <unsigned char lowest, bool stop_at_quotes>
struct harmless {
    static constexpr bool stops_at(unsigned char byte) noexcept {
        return byte < lowest || byte >= 0x80 || (stop_at_quotes && (byte == '"' || byte == '\\'));
    }

    /// The high bit of each byte of `word` at which the scan stops. No carry passes from byte to byte, so every bit is
    /// exact, whatever the byte order.
    static constexpr std::uint64_t stops(std::uint64_t word) noexcept {
        std::uint64_t passes = ((word & each(0x7F)) + each(0x80 - lowest)) & ~word;
        if constexpr (stop_at_quotes) passes &= differs(word ^ each('"')) & differs(word ^ each('\\'));
        return ~passes & each(0x80);
    }

#if defined(__SSE2__)
    /// One bit for each of the 16 bytes from `bytes` at which the scan stops.
    static unsigned stops(const char* bytes) noexcept {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
        // Compared as signed numbers, the bytes from 0x80 are negative, so one comparison finds them and those below.
        __m128i found = _mm_cmplt_epi8(block, _mm_set1_epi8(lowest));
        if constexpr (stop_at_quotes) {
            found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
            found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
        }
        return static_cast<unsigned>(_mm_movemask_epi8(found));
    }
#endif

private:
    static constexpr std::uint64_t each(unsigned byte) noexcept { return 0x0101010101010101U * byte; }
    static constexpr std::uint64_t differs(std::uint64_t x) noexcept { return ((x & each(0x7F)) + each(0x7F)) | x; }
};

using ascii = harmless<0x00, false>;
using ascii_but_nul = harmless<0x01, false>;
using plain_in_json = harmless<0x20, true>;

/// The first byte of [p, end) at which `Harmless` stops, or `end`.
template <typename Harmless>
const char* skip(const char* p, const char* end) noexcept {
#if defined(__SSE2__)
    for (; end - p >= 16; p += 16) {
        if (const unsigned found = Harmless::stops(p)) return p + std::countr_zero(found);
    }
#endif
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, sizeof word);
        if (Harmless::stops(word) != 0) break;
    }
    while (p != end && !Harmless::stops_at(static_cast<unsigned char>(*p))) ++p;
    return p;
}

/// What stands at one place of a text.
struct sequence {
    std::size_t length;  ///< bytes of the code point, or of the maximal subpart of an ill-formed one; at least 1
    bool well_formed;
};

/// The bytes that may come second after `lead`, which begins a sequence of two bytes or more. It is some leads'
/// narrower choice that excludes overlong forms, surrogates and what is past U+10FFFF.
constexpr bool may_be_second(unsigned char lead, unsigned char second) noexcept {
    switch (lead) {
        case 0xE0:
            return second >= 0xA0 && second <= 0xBF;
        case 0xED:
            return second >= 0x80 && second <= 0x9F;
        case 0xF0:
            return second >= 0x90 && second <= 0xBF;
        case 0xF4:
            return second >= 0x80 && second <= 0x8F;
        default:
            return second >= 0x80 && second <= 0xBF;
    }
}

/// Reads what starts at `p`, where `p != end`, after Unicode 15, table 3-7.
inline sequence read_sequence(const char* p, const char* end) noexcept {
    const auto available = static_cast<std::size_t>(end - p);
    const auto byte = [p](std::size_t i) { return static_cast<unsigned char>(p[i]); };
    const auto continues = [&](std::size_t i) { return i < available && (byte(i) & 0xC0) == 0x80; };

    const unsigned char lead = byte(0);
    if (lead < 0x80) return {1, true};
    if (lead < 0xC2 || lead > 0xF4 || !continues(1)) return {1, false};
    if (lead < 0xE0) return {2, true};
    if (!may_be_second(lead, byte(1))) return {1, false};
    if (!continues(2)) return {2, false};
    if (lead < 0xF0) return {3, true};
    if (!continues(3)) return {3, false};
    return {4, true};
}

/// U+2028 and U+2029 end a line in old JavaScript, also within a string.
inline bool is_line_separator(const char* p, const sequence& s) noexcept {
    return s.length == 3 && p[0] == '\xE2' && p[1] == '\x80' && (p[2] == '\xA8' || p[2] == '\xA9');
}

}  // namespace logferry::text
