// What an answer means: rows of a table, first those of the vendor, then those that hold for all.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <logferry/vendor.hpp>

namespace logferry::vendors {

/// What an answer must say besides its status for a row to hold.
enum class answer_says : std::uint8_t {
    anything,
    no_retry_after,    ///< the header `Retry-After` is missing
    validation_error,  ///< the body is a JSON object whose `name` is `validation_error`
    nothing,           ///< the body is empty
    web_page,          ///< the body begins like HTML
    no_object,         ///< the body is anything but a JSON object
};

/// One row of a table of answers.
struct answer_row {
    int first;  ///< the range of statuses, both ends included
    int last;
    answer_says says;
    outcome::verdict what;
    outcome::pause why;
    std::uint32_t tries;      ///< as `outcome::tries`
    std::string_view advice;  ///< what is wrong, and what to do where somebody can do something
};

/// After this many tries a request that the server fails on is taken for poison.
inline constexpr std::uint32_t poison_tries = 3;

/// The outcome of an answer: by the first row of `own` that holds, else by the first of the common table
/// (docs/delivery.md). The detail gives the status, the advice and the beginning of the body; with `delivered` it is
/// empty. `credential` is kept out of the detail, should the server have echoed it.
[[nodiscard]] outcome judge_by_table(const http_response& response, std::string_view credential,
                                     std::span<const answer_row> own = {});

}  // namespace logferry::vendors
