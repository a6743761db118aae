// Writing values into a body whose size is bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <logferry/record.hpp>
#include <text/utf8.hpp>

namespace logferry::vendors {

/// The key of an entry.
struct entry_key {
    std::string_view text;
    /// Known to need no escape.
    bool plain = false;

    operator std::string_view() const noexcept { return text; }
};

/// Appends `in` as a JSON string of at most `limit` units, and returns true if it had to be cut. `scratch` saves
/// allocations.
bool append_clipped(std::string& out, std::string_view in, std::size_t limit, text::length_unit unit,
                    std::string& scratch);

/// Appends a value as JSON of its own type: strings clipped to `limit` UTF-8 bytes, raw JSON when it is valid and no
/// longer than `limit` (else as a string), integers past 2^53 as strings. Raw JSON goes in as it is, or rewritten by
/// `append_unambiguous` where parsers would differ. Returns true if it had to be cut.
bool append_value(std::string& out, const value& v, std::size_t limit, std::string& scratch);

/// Shortens the JSON string that begins with its quote at `start` and ends `out` to at most `limit` bytes, quotes
/// included (8 or more), without splitting an escape or a code point. True if it had to. Escaping can make six bytes of
/// one, so only the encoded text tells whether a body's limit is met.
bool cut_encoded(std::string& out, std::size_t start, std::size_t limit);

/// Most UTF-8 bytes of one value in a free-form place (our bound, so that one field does not take the room of all).
inline constexpr std::size_t max_value_bytes = 16 * 1024;

/// Appends `"key":` to the object that ends `out` and is still open, with a comma in front where one is due.
void append_key(std::string& out, const entry_key& key);

/// Appends `"key":value` to the object that ends `out` and is still open, as `append_key` does, so that `out`
/// ends up with at most `most` bytes: text is cut, anything else that does not fit is left out. True if either
/// happened.
bool append_entry(std::string& out, const entry_key& key, const value& v, std::size_t most, std::string& scratch);

}  // namespace logferry::vendors
