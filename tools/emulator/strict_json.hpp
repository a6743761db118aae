// JSON read as the strictest of the vendors' readers would read it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace logferry::emulation {

using json = nlohmann::json;
/// For answers: keeps the order of the vendors' documents.
using ordered_json = nlohmann::ordered_json;

/// PHP's `json_decode` goes no deeper unless told to.
inline constexpr std::size_t deepest_json = 512;

struct strict_json {
    json value;
    /// Why the text is no JSON at all (ill-formed UTF-8, a byte order mark and a lone surrogate included); empty when
    /// it is.
    std::string malformed = {};
    /// The first thing that readers of JSON take differently, or not at all: a key given twice in an object, a number
    /// that a double cannot hold or would round, nesting deeper than `deepest_json`.
    std::string flaw = {};
    /// U+0000 in a string or a key. PostgreSQL cannot store it.
    bool holds_nul = false;

    /// `flaw`, or a sentence on U+0000, or nothing.
    [[nodiscard]] std::string objection() const;
};

[[nodiscard]] strict_json read_strictly(std::string_view text);

}  // namespace logferry::emulation
