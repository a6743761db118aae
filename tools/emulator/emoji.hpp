// The emoji that Logsh takes for an icon.
#pragma once

#include <string_view>

namespace logferry::emulation {

/// True for exactly one emoji of those that Logsh's server knows: a single code point of Emoji 11 or older, a keycap,
/// or a country's flag; the variation selector U+FE0F is optional. Skin tones, joined sequences and newer emoji are not
/// known there, and of its shortcodes (`fire`) Logsh's document does not speak.
[[nodiscard]] bool is_known_emoji(std::string_view text);

}  // namespace logferry::emulation
