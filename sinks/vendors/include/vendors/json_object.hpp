// Text from a caller as a JSON object of a bounded size.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace logferry::vendors {

/// Appends `text` as a JSON object of at most `limit` bytes (64 or more): as it is when it is one (or rewritten by
/// `append_unambiguous` where parsers would differ), else as `{"id":text}`. An object that is too long loses members
/// from the end and gains `"_truncated":true` unless it has such a member. Nothing is appended for an empty object.
/// Returns true if something was cut. `scratch` saves allocations.
bool append_object(std::string& out, std::string_view text, std::size_t limit, std::string& scratch);

}  // namespace logferry::vendors
