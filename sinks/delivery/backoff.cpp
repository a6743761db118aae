#include <algorithm>

#include <delivery/backoff.hpp>
#include <text/time.hpp>

namespace logferry::delivery {
namespace {

constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);

duration part_of(duration whole, double chance) noexcept {
    const auto part = std::clamp(chance, 0.0, 1.0) * static_cast<double>(whole.count());
    return duration(static_cast<duration::rep>(part));
}

duration after(duration asked, const delivery_options& options, double chance) noexcept {
    return asked + part_of(bounded(options.backoff_min), chance);
}

}  // namespace

duration bounded(std::chrono::milliseconds t) noexcept { return std::clamp(t, std::chrono::milliseconds(0), longest); }

duration doubled(std::chrono::milliseconds first, std::chrono::milliseconds most, std::uint32_t times) noexcept {
    const auto limit = bounded(most);
    auto t = std::min(bounded(first), limit);
    for (; times > 0 && t < limit && t > duration::zero(); --times) t = std::min(t * 2, limit);
    return t;
}

std::optional<duration> asked_for(std::string_view retry_after, wall_time now,
                                  const delivery_options& options) noexcept {
    const auto epoch = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    const auto asked = text::parse_retry_after(retry_after, epoch);
    if (!asked) return std::nullopt;
    const auto most = bounded(options.retry_after_max);
    // Compared in seconds first: the vendor's number may be too large for any finer unit.
    if (*asked > std::chrono::floor<std::chrono::seconds>(most)) return most;
    return std::max(duration(*asked), duration::zero());
}

duration retry_wait(const delivery_options& options, std::uint32_t failures, std::optional<duration> asked,
                    double chance) noexcept {
    const auto own = part_of(doubled(options.backoff_min, options.backoff_max, failures), chance);
    return asked ? std::max(own, after(*asked, options, chance)) : own;
}

duration rest_wait(const delivery_options& options, std::uint32_t rests, std::optional<duration> asked,
                   double chance) noexcept {
    const auto own = doubled(options.pause_min, options.pause_max, rests);
    return asked ? std::max(own, after(*asked, options, chance)) : own;
}

}  // namespace logferry::delivery
