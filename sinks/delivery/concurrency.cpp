#include <algorithm>
#include <chrono>
#include <utility>

#include <delivery/concurrency.hpp>

namespace logferry::delivery {
namespace {

using namespace std::chrono_literals;

/// The limit to begin with.
constexpr std::size_t a_few = 4;
/// The fewest deliveries that are judged: with fewer, chance decides.
constexpr std::size_t shortest_round = 4;
/// Differences of latency below this are the scheduler's.
constexpr duration slack = 5ms;

/// The latency beyond which a round is late, chance aside. The factor is below 2 on purpose: half as many requests as
/// made the latency this long are fewer than the server does at once, so that a decrease empties the server's queue and
/// shows the latency without it.
constexpr duration bearable(duration baseline) noexcept { return baseline * 3 / 2 + slack; }

/// What half as many requests in flight achieve at least if the latency was of their own making.
constexpr duration improved(duration latency) noexcept { return latency * 15 / 16; }

}  // namespace

concurrency::concurrency(std::size_t most) noexcept
    : most_(std::max<std::size_t>(most, 1)), limit_(std::min(most_, a_few)) {}

void concurrency::left(std::uint64_t tag, std::size_t in_flight) noexcept {
    newest_ = tag;
    if (in_flight >= limit_) used_ = true;
}

void concurrency::delivered(std::uint64_t tag, duration latency) noexcept {
    if (tag <= last_before_) return;
    round_.add(latency);
    if (round_.deliveries >= round_length()) judge(std::exchange(round_, {}));
}

void concurrency::failed(std::uint64_t tag) noexcept {
    if (tag <= last_before_) return;
    decrease();
    before_decrease_ = {};
}

/// One late round may be chance, or new connections after a pause: it only halts the growth. Two in a row are
/// congestion.
void concurrency::judge(const round& r) noexcept {
    const auto latency = r.mean();
    learn(latency);
    const bool was_late = std::exchange(late_, latency > bearable(baseline_) + r.noise());
    if (!late_) {
        increase();
    } else if (was_late) {
        decrease();
        before_decrease_ = latency;
    }
}

/// The baseline goes down fast. It goes up slowly, over several times the rounds in which the limit doubles, lest it
/// follow a queue of our own making. But a latency that a decrease did not improve is not of our making, and is learnt
/// faster.
void concurrency::learn(duration latency) noexcept {
    const auto before = std::exchange(before_decrease_, duration::zero());
    if (baseline_ == duration::zero()) baseline_ = latency;
    const auto gap = latency - baseline_;
    if (gap < duration::zero()) {
        baseline_ += gap / 2;
    } else if (before != duration::zero() && latency > improved(before)) {
        baseline_ += gap / 4;
    } else {
        baseline_ += gap / static_cast<duration::rep>(8 * round_length());
    }
}

void concurrency::increase() noexcept {
    if (!used_ || limit_ == most_) return;
    limit_ = slow_start_ ? std::min(limit_ * 2, most_) : limit_ + 1;
    used_ = false;
}

void concurrency::decrease() noexcept {
    limit_ = std::max<std::size_t>(limit_ / 2, 1);
    slow_start_ = used_ = late_ = false;
    round_ = {};
    last_before_ = newest_;
}

std::size_t concurrency::round_length() const noexcept { return std::max(limit_, shortest_round); }

void concurrency::round::add(duration latency) noexcept {
    if (deliveries > 0) changes += std::chrono::abs(latency - last);
    ++deliveries;
    sum += latency;
    slowest = std::max(slowest, latency);
    last = latency;
}

duration concurrency::round::mean() const noexcept {
    return (sum - slowest) / static_cast<duration::rep>(deliveries - 1);
}

/// A third of the mean change is about the standard deviation of the mean of eight. Congestion shows little of it: it
/// makes all latencies of a round longer.
duration concurrency::round::noise() const noexcept { return changes / static_cast<duration::rep>(deliveries - 1) / 3; }

}  // namespace logferry::delivery
