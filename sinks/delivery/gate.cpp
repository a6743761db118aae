#include <algorithm>
#include <utility>

#include <delivery/gate.hpp>

namespace logferry::delivery {
namespace {

/// Ten seconds or so, with the default backoff: a restart of the vendor is nobody's business.
constexpr std::uint32_t failures_to_tell = 6;

}  // namespace

std::optional<steady_time> gate::next_probe() const noexcept {
    if (open_ || probe_ != 0) return std::nullopt;
    return until_;
}

void gate::left(std::uint64_t tag) noexcept {
    newest_ = tag;
    if (!open_) probe_ = tag;
}

void gate::returned(std::uint64_t tag) noexcept {
    if (probe_ == tag) probe_ = 0;
}

bool gate::back_off(std::uint64_t tag, std::optional<duration> asked, double chance, steady_time now) noexcept {
    if (straggler(tag)) {
        if (asked) until_ = std::max(until_, now + *asked);
        return false;
    }
    shut(now + retry_wait(options_, failures_, asked, chance));
    if (failures_ < UINT32_MAX) ++failures_;
    return failures_ == failures_to_tell;
}

bool gate::rest(std::uint64_t tag, outcome::pause why, std::uint32_t at_first_rate, std::optional<duration> asked,
                double chance, steady_time now) noexcept {
    if (straggler(tag) && resting_ == why) {
        if (asked) until_ = std::max(until_, now + *asked);
        return false;
    }
    shut(now + wait_for(why, rests_ < at_first_rate, asked, chance));
    if (rests_ < UINT32_MAX) ++rests_;
    const bool news = told_ != why;
    resting_ = told_ = why;
    return news;
}

/// Too many requests: the vendor's own date or the common backoff is enough. A quota comes back when the vendor says
/// so; without a word from it only patience helps, as with credentials and addresses, which somebody may be mending
/// now.
duration gate::wait_for(outcome::pause why, bool as_rate, std::optional<duration> asked, double chance) const noexcept {
    const bool quota = why == outcome::pause::quota;
    if (as_rate || why == outcome::pause::rate || (quota && asked)) return retry_wait(options_, rests_, asked, chance);
    return quota ? bounded(options_.pause_max) : rest_wait(options_, rests_, asked, chance);
}

void gate::knock(steady_time now) noexcept {
    until_ = now;
    probe_ = 0;  // it does not know of the change
    last_before_ = newest_;
    failures_ = 0;
    rests_ = 0;
    told_ = outcome::pause::none;
}

outcome::pause gate::deliver(std::uint64_t tag) noexcept {
    if (straggler(tag) && !trusting_) return outcome::pause::none;
    open_ = true;
    failures_ = 0;
    rests_ = 0;
    probe_ = 0;
    told_ = outcome::pause::none;
    return std::exchange(resting_, outcome::pause::none);
}

void gate::shut(steady_time until) noexcept {
    until_ = open_ ? until : std::max(until_, until);
    open_ = false;
    last_before_ = newest_;
}

}  // namespace logferry::delivery
