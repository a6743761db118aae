// How long to wait after a failure. Pure functions of the options, of how often it failed, and of a random number.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <delivery/moment.hpp>
#include <logferry/options.hpp>

namespace logferry::delivery {

/// An option as a wait: not negative, and short enough (a year) that no sum of a time and a wait overflows.
[[nodiscard]] duration bounded(std::chrono::milliseconds t) noexcept;

/// `first` doubled `times` times, at most `most`, never negative. No number of times overflows.
[[nodiscard]] duration doubled(std::chrono::milliseconds first, std::chrono::milliseconds most,
                               std::uint32_t times) noexcept;

/// What the vendor asks for in its `Retry-After` header (raw text, either form), cut to `retry_after_max`. Nothing when
/// the header is absent or malformed.
[[nodiscard]] std::optional<duration> asked_for(std::string_view retry_after, wall_time now,
                                                const delivery_options& options) noexcept;

/// The wait before the next try when `failures` came in a row before this one: a random part (`chance`, in [0, 1)) of
/// `backoff_min` doubled each time up to `backoff_max`. The random part is the whole of it ("full jitter"), so that
/// clients that failed together do not come back together. Never earlier than `asked`, and then a random part of
/// `backoff_min` later.
[[nodiscard]] duration retry_wait(const delivery_options& options, std::uint32_t failures,
                                  std::optional<duration> asked, double chance) noexcept;

/// How long a destination rests when `rests` came in a row before this one: `pause_min` doubled each time up to
/// `pause_max`, and not shorter than `asked` with its random part.
[[nodiscard]] duration rest_wait(const delivery_options& options, std::uint32_t rests, std::optional<duration> asked,
                                 double chance) noexcept;

}  // namespace logferry::delivery
