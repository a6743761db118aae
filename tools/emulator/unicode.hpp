// UTF-8 read by code points, for rules that count as the vendors count. It is the emulator's own, apart from the
// library's, so that a mistake in one does not hide in the other. All text here is known to be well-formed.
#pragma once

#include <cstddef>
#include <string_view>

namespace logferry::emulation {

/// Takes the first code point off `text`, which must not be empty.
[[nodiscard]] char32_t take_code_point(std::string_view& text);

/// The length as JavaScript counts it.
[[nodiscard]] std::size_t utf16_units(std::string_view text);

/// Without white space at both ends, as JavaScript's `trim` sees white space.
[[nodiscard]] std::string_view js_trim(std::string_view text);

}  // namespace logferry::emulation
