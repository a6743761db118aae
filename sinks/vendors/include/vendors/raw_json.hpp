// Raw JSON of a caller's, brought to where all parsers agree on it.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace logferry::vendors {

/// Reads what `text::valid_json` has found valid. Of a key that comes twice the last is kept; an integer outside
/// +-(2^53 - 1) becomes a string of its digits.
[[nodiscard]] nlohmann::json read_raw_json(std::string_view valid);

/// Appends the same as compact JSON, with U+2028 and U+2029 escaped and the keys in alphabetical order.
void append_unambiguous(std::string& out, std::string_view valid);

}  // namespace logferry::vendors
