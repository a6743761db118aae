// What a destination says in words: for `last_error` and for events. Nothing from a record comes in but what a vendor
// quotes in its answer, as `outcome::detail` gives it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <delivery/moment.hpp>
#include <logferry/vendor.hpp>

namespace logferry::delivery {

/// The outcome in one line, also for a vendor that gives no detail.
[[nodiscard]] std::string describe(const outcome& verdict, const http_response& response);

/// `next_try`: how long the destination rests; nothing when it is closing and there is no further try.
[[nodiscard]] std::string paused_text(std::string_view vendor, outcome::pause why, std::string_view detail,
                                      std::optional<duration> next_try);
/// An outage has lasted for a while.
[[nodiscard]] std::string unavailable_text(std::string_view vendor, std::string_view detail);
[[nodiscard]] std::string resumed_text(std::string_view vendor, outcome::pause why);
[[nodiscard]] std::string rejected_text(std::string_view vendor, std::size_t records, std::string_view detail);
[[nodiscard]] std::string gave_up_text(std::string_view vendor, std::string_view detail);
[[nodiscard]] std::string gzip_text(std::string_view vendor, std::string_view detail);
[[nodiscard]] std::string ambiguous_text(std::string_view vendor, std::size_t records, std::string_view detail);

}  // namespace logferry::delivery
