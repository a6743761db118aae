// UTF-8: finding and repairing what is not, and cutting what is. What asks for well-formed text gives some answer for
// any other too, and never reads past its end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace logferry::text {

/// U+FFFD, which stands for what was not UTF-8.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// How a vendor counts the length of a string.
enum class length_unit { bytes, code_points, utf16 };

/// True if `in` is well-formed UTF-8 (Unicode 15, table 3-7: no overlong form, no surrogate, nothing past U+10FFFF).
[[nodiscard]] bool valid_utf8(std::string_view in) noexcept;

/// Appends `in` to `out` with each maximal ill-formed subsequence replaced by one U+FFFD ("substitution of maximal
/// subparts", Unicode section 3.9). Returns the number of replacements.
std::size_t append_repaired(std::string_view in, std::string& out);

/// The length of well-formed `in` in `unit`.
[[nodiscard]] std::size_t measure(std::string_view in, length_unit unit) noexcept;

/// How many bytes of well-formed `in` fit into `limit` units. The cut is on a code point's boundary, and where possible
/// not before U+FE0F, U+200D or a combining mark (U+0300..U+036F, U+1AB0..U+1AFF, U+1DC0..U+1DFF, U+20D0..U+20FF,
/// U+FE20..U+FE2F), nor after U+200D, so that no character is torn from what modifies it. It is not possible when
/// nothing would be left, or when more than 30 code points in a row cling together, which no real text does.
[[nodiscard]] std::size_t clip(std::string_view in, std::size_t limit, length_unit unit) noexcept;

/// `in` without the white space that JavaScript's `trim` removes at both ends (tab, LF, VT, FF, CR, space, U+00A0,
/// U+1680, U+2000..U+200A, U+2028, U+2029, U+202F, U+205F, U+3000, U+FEFF). `in` must be well-formed.
[[nodiscard]] std::string_view trim(std::string_view in) noexcept;

/// What `fit` made of a text.
struct fitted {
    std::string_view text;
    bool cut = false;  ///< something was left out because of the limit
};

/// Repairs `in`, removes NUL, and clips it to `limit` units, marking a cut with `...` where the limit leaves room for
/// four units or more. The result is in `scratch`, or is a part of `in` if nothing had to be changed; it lives as long
/// as both. `in` may not be a part of `scratch`. Of a long text only as much is read as the limit calls for.
[[nodiscard]] fitted fit(std::string_view in, std::size_t limit, length_unit unit, std::string& scratch);

}  // namespace logferry::text
