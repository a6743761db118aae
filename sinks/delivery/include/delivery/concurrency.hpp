// How many requests may be in flight: found out by trying, as TCP finds its window.
#pragma once

#include <cstddef>
#include <cstdint>

#include <delivery/moment.hpp>

namespace logferry::delivery {

/// Additive increase while answers come as fast as before, multiplicative decrease when they come later or not at all;
/// always within [1, most]. It begins at a few and doubles with each round trip until the first decrease.
///
/// Requests are known by their tags, which grow and begin at 1. What was in flight at a decrease tells of the time
/// before it, and causes no further one.
///
/// Thread rule: one thread at a time. Allocates nothing.
class concurrency {
public:
    /// 0 counts as 1.
    explicit concurrency(std::size_t most) noexcept;

    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

    /// A request leaves; `in_flight` counts it.
    void left(std::uint64_t tag, std::size_t in_flight) noexcept;
    /// It was answered well after `latency`.
    void delivered(std::uint64_t tag, duration latency) noexcept;
    /// It failed in a way that a smaller number in flight may help: a timeout, a reset, 429, 5xx.
    void failed(std::uint64_t tag) noexcept;

private:
    /// The deliveries of about one round trip.
    struct round {
        std::size_t deliveries = 0;
        duration sum{};
        duration slowest{};
        duration last{};
        duration changes{};  ///< from each latency to the next, added up without their signs

        void add(duration latency) noexcept;
        /// The mean of all but the slowest, which is often an accident.
        [[nodiscard]] duration mean() const noexcept;
        /// How much the mean varies by chance.
        [[nodiscard]] duration noise() const noexcept;
    };

    [[nodiscard]] std::size_t round_length() const noexcept;
    void judge(const round& r) noexcept;
    void learn(duration latency) noexcept;
    void increase() noexcept;
    void decrease() noexcept;

    std::size_t most_;
    std::size_t limit_;
    round round_;
    bool slow_start_ = true;
    bool used_ = false;              ///< the limit was reached since it last changed
    bool late_ = false;              ///< the last round was late
    duration baseline_{};            ///< a round's latency without congestion; zero until the first round
    duration before_decrease_{};     ///< what made the last decrease, until the round after it; else zero
    std::uint64_t newest_ = 0;       ///< the last request that left
    std::uint64_t last_before_ = 0;  ///< the last request that left before the last decrease
};

}  // namespace logferry::delivery
