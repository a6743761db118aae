#include <gtest/gtest.h>

#include <limits>

#include <delivery/backoff.hpp>

namespace logferry::delivery {
namespace {

using namespace std::chrono_literals;

constexpr double almost_one = 0.999'999'999;
const wall_time wednesday{std::chrono::seconds(1'742'396'226)};  // 2025-03-19 14:57:06 UTC

TEST(backoff, doubles_from_the_first_wait_to_the_longest) {
    EXPECT_EQ(doubled(500ms, 60'000ms, 0), 500ms);
    EXPECT_EQ(doubled(500ms, 60'000ms, 1), 1s);
    EXPECT_EQ(doubled(500ms, 60'000ms, 6), 32s);
    EXPECT_EQ(doubled(500ms, 60'000ms, 7), 60s);
    EXPECT_EQ(doubled(500ms, 60'000ms, std::numeric_limits<std::uint32_t>::max()), 60s);
}

TEST(backoff, odd_options_give_no_odd_waits) {
    EXPECT_EQ(doubled(0ms, 60'000ms, 1'000'000'000), 0ms);
    EXPECT_EQ(doubled(-5ms, 60'000ms, 3), 0ms);
    EXPECT_EQ(doubled(10s, 1s, 0), 1s);
    EXPECT_EQ(doubled(std::chrono::milliseconds::max(), std::chrono::milliseconds::max(), 40), 24h * 365);
    EXPECT_EQ(bounded(std::chrono::milliseconds::min()), 0ms);
}

TEST(backoff, jitter_is_full) {
    const delivery_options options;
    EXPECT_EQ(retry_wait(options, 0, {}, 0.0), 0ms);
    EXPECT_EQ(retry_wait(options, 0, {}, 0.5), 250ms);
    EXPECT_EQ(retry_wait(options, 3, {}, 0.5), 2s);
    EXPECT_EQ(retry_wait(options, 30, {}, 0.5), 30s);
    EXPECT_LT(retry_wait(options, 30, {}, almost_one), 60s);
    EXPECT_GT(retry_wait(options, 30, {}, almost_one), 59'999ms);
}

TEST(backoff, what_the_vendor_asks_for_is_the_least_and_gets_a_little_jitter) {
    const delivery_options options;
    EXPECT_EQ(retry_wait(options, 0, 5s, 0.0), 5s);
    EXPECT_EQ(retry_wait(options, 0, 5s, 0.5), 5'250ms);
    EXPECT_EQ(retry_wait(options, 0, 0s, 0.5), 250ms);
    EXPECT_EQ(retry_wait(options, 6, 5s, 0.5), 16s) << "our own wait is longer";
}

TEST(backoff, a_rest_doubles_and_is_not_jittered) {
    const delivery_options options;
    EXPECT_EQ(rest_wait(options, 0, {}, 0.9), 60s);
    EXPECT_EQ(rest_wait(options, 1, {}, 0.9), 120s);
    EXPECT_EQ(rest_wait(options, 4, {}, 0.9), 900s);
    EXPECT_EQ(rest_wait(options, 0, 5s, 0.5), 60s);
    EXPECT_EQ(rest_wait(options, 0, 100s, 0.5), 100'250ms);
}

TEST(retry_after, is_read_in_both_forms) {
    const delivery_options options;
    EXPECT_EQ(asked_for("120", wednesday, options), 120s);
    EXPECT_EQ(asked_for("0", wednesday, options), 0s);
    EXPECT_EQ(asked_for("Wed, 19 Mar 2025 14:58:06 GMT", wednesday, options), 60s);
    EXPECT_EQ(asked_for("Wed, 19 Mar 2025 14:00:00 GMT", wednesday, options), 0s) << "a date in the past";
}

TEST(retry_after, is_cut_to_the_longest_that_is_obeyed) {
    delivery_options options;
    EXPECT_EQ(asked_for("86400", wednesday, options), 15min);
    EXPECT_EQ(asked_for("999999999999999999999999999", wednesday, options), 15min);
    EXPECT_EQ(asked_for("Thu, 01 Jan 2099 00:00:00 GMT", wednesday, options), 15min);
    options.retry_after_max = 1'500ms;
    EXPECT_EQ(asked_for("1", wednesday, options), 1s);
    EXPECT_EQ(asked_for("2", wednesday, options), 1'500ms);
}

TEST(retry_after, garbage_is_no_wish) {
    const delivery_options options;
    for (const auto* text : {"", "-1", "5.5", "soon", "1e12"}) {
        EXPECT_EQ(asked_for(text, wednesday, options), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace logferry::delivery
