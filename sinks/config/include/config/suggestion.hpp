// What somebody meant who wrote a word that is not known.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logferry::config {

using word_list = std::vector<std::string_view>;

/// The known word that is nearest, by letters missing, added, changed or swapped with their neighbour; upper case,
/// `_` and `-` make no difference. Nothing when none is near enough.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view written, const word_list& known);

/// `a, b or c`.
[[nodiscard]] std::string alternatives(const word_list& words);

/// `choose a, b or c (did you mean b?)`.
[[nodiscard]] std::string choose_among(const word_list& known, std::string_view written);

/// A key or a path as it may be shown: short, in quotes unless it is a plain word, and on one line.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace logferry::config
