#include <gtest/gtest.h>

#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "simulation.hpp"

namespace logferry::test {
namespace {

using namespace std::chrono_literals;
using delivery::concurrency;

std::string two_digits(double x) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(2) << x;
    return text.str();
}

/// Prints the figures and keeps them in the test's report. Returns the goodput as a part of the best possible one.
double report(const sim_figures& f, double best, const std::string& what = "") {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    const auto part = f.goodput / best;
    std::cout << test->name() << (what.empty() ? "" : " (" + what + ")") << ": goodput " << two_digits(f.goodput)
              << "/s = " << two_digits(part) << " of the best, in flight " << two_digits(f.mean_in_flight) << " (mean) "
              << f.most_in_flight << " (most), limit " << f.lowest_limit << " (lowest) " << f.limit
              << " (at the end), failed " << f.failed << "\n";
    const auto prefix = what.empty() ? "" : what + " ";
    ::testing::Test::RecordProperty(prefix + "goodput_part", two_digits(part));
    ::testing::Test::RecordProperty(prefix + "mean_in_flight", two_digits(f.mean_in_flight));
    return part;
}

/// The latency of a server that does `capacity` requests at once and lets all of them share when there are more.
sim_time shared(sim_time service, std::size_t in_flight, std::size_t capacity) {
    return in_flight <= capacity
               ? service
               : service * static_cast<sim_time::rep>(in_flight) / static_cast<sim_time::rep>(capacity);
}

/// A server with `workers` and one queue before them.
class queue_server {
public:
    explicit queue_server(std::size_t workers) : free_at_(workers) {}

    sim_time serve(sim_time now, sim_time service) {
        auto& first = *std::min_element(free_at_.begin(), free_at_.end());
        first = std::max(first, now) + service;
        return first - now;
    }

private:
    std::vector<sim_time> free_at_;
};

// Round by round.

/// A destination whose requests are answered in the order in which they left.
class rounds {
public:
    explicit rounds(std::size_t most) : limit_(most) {}

    void send(std::size_t in_flight) {
        for (std::size_t i = 1; i <= in_flight; ++i) limit_.left(++newest_, i);
    }
    void answer(std::size_t count, delivery::duration latency) {
        for (; count > 0; --count) limit_.delivered(++answered_, latency);
    }
    void fail(std::size_t count) {
        for (; count > 0; --count) limit_.failed(++answered_);
    }
    /// Rounds in which the limit is reached and everything answered. Returns the limit after them.
    std::size_t pass(int times, delivery::duration latency) {
        for (; times > 0; --times) {
            const auto count = limit();
            send(count);
            answer(count, latency);
        }
        return limit();
    }
    [[nodiscard]] std::size_t limit() const { return limit_.limit(); }

private:
    concurrency limit_;
    std::uint64_t newest_ = 0;
    std::uint64_t answered_ = 0;
};

TEST(concurrency, begins_at_a_few_and_doubles_each_round_until_most) {
    rounds r(40);
    EXPECT_EQ(r.limit(), 4U);
    EXPECT_EQ(r.pass(1, 50ms), 8U);
    EXPECT_EQ(r.pass(1, 50ms), 16U);
    EXPECT_EQ(r.pass(1, 50ms), 32U);
    EXPECT_EQ(r.pass(1, 50ms), 40U);
    EXPECT_EQ(r.pass(9, 50ms), 40U);
}

TEST(concurrency, is_never_outside_of_its_bounds) {
    EXPECT_EQ(rounds(0).limit(), 1U);
    EXPECT_EQ(rounds(3).limit(), 3U);
    rounds one(1);
    EXPECT_EQ(one.pass(20, 50ms), 1U);
    one.send(1);
    one.fail(1);
    EXPECT_EQ(one.limit(), 1U);
    EXPECT_EQ(one.pass(20, 50ms), 1U);
}

TEST(concurrency, a_failure_halves_it_and_what_was_in_flight_then_changes_nothing) {
    rounds r(64);
    r.pass(3, 50ms);
    ASSERT_EQ(r.limit(), 32U);
    r.send(32);
    r.fail(1);
    EXPECT_EQ(r.limit(), 16U);
    r.fail(15);
    r.answer(16, 50ms);
    EXPECT_EQ(r.limit(), 16U) << "neither the other failures nor the deliveries of that time";
    r.send(16);
    r.fail(16);
    EXPECT_EQ(r.limit(), 8U) << "the first failure of a later request";
}

TEST(concurrency, after_a_decrease_a_round_adds_one) {
    rounds r(64);
    r.pass(3, 50ms);
    r.send(1);
    r.fail(1);
    EXPECT_EQ(r.limit(), 16U);
    EXPECT_EQ(r.pass(1, 50ms), 17U);
    EXPECT_EQ(r.pass(10, 50ms), 27U);
}

TEST(concurrency, a_limit_that_is_not_reached_does_not_grow) {
    rounds r(64);
    for (int i = 0; i < 100; ++i) {
        r.send(3);
        r.answer(3, 50ms);
    }
    EXPECT_EQ(r.limit(), 4U);
    EXPECT_EQ(r.pass(1, 50ms), 8U);
}

TEST(concurrency, one_late_round_ends_the_growth_and_a_second_one_halves) {
    rounds r(64);
    r.pass(2, 50ms);
    ASSERT_EQ(r.limit(), 16U);
    EXPECT_EQ(r.pass(1, 150ms), 16U);
    EXPECT_EQ(r.pass(1, 50ms), 32U) << "once is chance";
    EXPECT_EQ(r.pass(1, 150ms), 32U);
    EXPECT_EQ(r.pass(1, 150ms), 16U);
    EXPECT_EQ(r.pass(1, 50ms), 17U);
}

TEST(concurrency, the_slowest_of_a_round_does_not_count) {
    rounds r(8);
    r.pass(2, 50ms);
    for (int i = 0; i < 20; ++i) {
        r.send(8);
        r.answer(3, 50ms);
        r.answer(1, 5s);
        r.answer(4, 50ms);
        EXPECT_EQ(r.limit(), 8U);
    }
}

TEST(concurrency, differences_of_less_than_5_ms_are_noise) {
    rounds r(64);
    r.pass(4, 100us);
    EXPECT_EQ(r.pass(50, 5ms), 64U);
    rounds late(64);
    late.pass(4, 100us);
    EXPECT_LT(late.pass(2, 6ms), 64U);
}

TEST(concurrency, a_latency_that_no_decrease_improves_becomes_the_usual_one) {
    rounds r(64);
    r.pass(4, 50ms);
    EXPECT_LT(r.pass(2, 5s), 64U);
    std::size_t lowest = 64;
    for (int i = 0; i < 200; ++i) lowest = std::min(lowest, r.pass(1, 5s));
    EXPECT_GE(lowest, 4U);
    EXPECT_EQ(r.limit(), 64U);
}

// Scenarios, each with the figures it is judged by. The first seconds are left out where only the long run matters.

TEST(concurrency_scenario, constant_latency) {
    for (const std::size_t most : {1, 2, 3, 8, 64, 256}) {
        simulation sim([](sim_time, std::size_t) { return sim_answer{50ms}; });
        sim.add(most);
        sim.run(1s);
        sim.run(60s);
        const auto f = sim.figures();
        EXPECT_GE(report(f, static_cast<double>(most) / 0.05, "most " + std::to_string(most)), 0.99);
        EXPECT_GE(f.mean_in_flight, 0.99 * static_cast<double>(most));
    }
}

TEST(concurrency_scenario, local_server_whose_latency_grows_from_a_tenth_to_two_milliseconds) {
    dice chance(1);
    simulation sim([&](sim_time, std::size_t n) {
        return sim_answer{100us + scaled(1900us, static_cast<double>(n) / 64 * chance.in(0.5, 1.5))};
    });
    sim.add(64);
    sim.run(100ms);
    sim.run(20s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 64 / 0.002), 0.95);
    EXPECT_EQ(f.lowest_limit, 64U);
}

TEST(concurrency_scenario, jitter_of_half_the_latency) {
    for (const std::size_t most : {2, 4, 8, 64}) {
        for (const auto typical : {50ms, 500ms}) {
            dice chance(2);
            simulation sim([&](sim_time, std::size_t) { return sim_answer{scaled(typical, chance.in(0.5, 1.5))}; });
            sim.add(most);
            sim.run(5s);
            sim.run(600s);
            const auto f = sim.figures();
            const auto what = "most " + std::to_string(most) + ", " + std::to_string(typical.count()) + " ms";
            EXPECT_GE(report(f, static_cast<double>(most) / seconds(typical), what), 0.9);
            EXPECT_GE(f.mean_in_flight, 0.9 * static_cast<double>(most));
        }
    }
}

TEST(concurrency_scenario, exponential_latency) {
    for (const std::size_t most : {4, 8, 64}) {
        dice chance(3);
        simulation sim([&](sim_time, std::size_t) { return sim_answer{scaled(200ms, -std::log(chance.in(1e-9, 1)))}; });
        sim.add(most);
        sim.run(10s);
        sim.run(600s);
        const auto f = sim.figures();
        EXPECT_GE(report(f, static_cast<double>(most) / 0.2, "most " + std::to_string(most)), 0.8);
        EXPECT_GE(f.mean_in_flight, 0.8 * static_cast<double>(most));
    }
}

TEST(concurrency_scenario, latency_rises_with_each_request_in_flight) {
    // 5 % more for each: 64 in flight give 1.5 times what 20 give, and make everybody wait more than twice as long.
    simulation sim(
        [](sim_time, std::size_t n) { return sim_answer{scaled(100ms, 1 + 0.05 * static_cast<double>(n - 1))}; });
    sim.add(64);
    sim.run(20s);
    sim.run(600s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 64 / 0.415), 0.7);
    EXPECT_GE(f.mean_in_flight, 15);
    EXPECT_LE(f.mean_in_flight, 45);
}

TEST(concurrency_scenario, a_server_that_does_one_thing_at_a_time) {
    simulation sim([](sim_time, std::size_t n) { return sim_answer{shared(100ms, n, 1)}; });
    sim.add(64);
    sim.run(20s);
    sim.run(600s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 10), 0.95);
    EXPECT_LE(f.mean_in_flight, 4);
}

TEST(concurrency_scenario, knee) {
    for (const std::size_t capacity : {5, 16, 64}) {
        simulation sim([=](sim_time, std::size_t n) { return sim_answer{shared(100ms, n, capacity)}; });
        sim.add(256);
        sim.run(20s);
        sim.run(600s);
        const auto f = sim.figures();
        const auto k = static_cast<double>(capacity);
        EXPECT_GE(report(f, k / 0.1, "capacity " + std::to_string(capacity)), 0.95);
        EXPECT_GE(f.mean_in_flight, 0.8 * k);
        EXPECT_LE(f.mean_in_flight, 1.6 * k);
        EXPECT_LE(f.most_in_flight, 2 * capacity);
    }
}

TEST(concurrency_scenario, shallow_knee_beyond_which_goodput_falls) {
    simulation sim([](sim_time, std::size_t n) {
        return sim_answer{n <= 10 ? 100ms : scaled(100ms, std::pow(1.1, static_cast<double>(n - 10)))};
    });
    sim.add(64);
    sim.run(20s);
    sim.run(600s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 100), 0.85);
    EXPECT_GE(f.mean_in_flight, 8);
    EXPECT_LE(f.mean_in_flight, 15);
}

TEST(concurrency_scenario, a_queue_before_workers_of_changing_speed) {
    dice chance(4);
    queue_server server(16);
    simulation sim(
        [&](sim_time now, std::size_t) { return sim_answer{server.serve(now, scaled(100ms, chance.in(0.5, 1.5)))}; });
    sim.add(256);
    sim.run(20s);
    sim.run(600s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 160), 0.9);
    EXPECT_GE(f.mean_in_flight, 12);
    EXPECT_LE(f.mean_in_flight, 26);
}

TEST(concurrency_scenario, hard_limit) {
    for (const std::size_t capacity : {5, 10, 40}) {
        simulation sim([=](sim_time, std::size_t n) {
            return n <= capacity ? sim_answer{100ms} : sim_answer{10ms, false};
        });
        sim.add(256);
        sim.run(20s);
        sim.run(600s);
        const auto f = sim.figures();
        const auto k = static_cast<double>(capacity);
        EXPECT_GE(report(f, k / 0.1, "capacity " + std::to_string(capacity)), 0.7);
        EXPECT_GE(f.mean_in_flight, 0.6 * k);
        EXPECT_LE(f.mean_in_flight, k);
        EXPECT_LE(f.failed * 15, f.delivered) << "the vendor is asked too much too often";
    }
}

TEST(concurrency_scenario, the_server_slows_down_over_minutes) {
    simulation sim([](sim_time now, std::size_t) { return sim_answer{100ms + now / 1000}; });
    sim.add(32);
    sim.run(1s);
    sim.run(300s);
    const auto f = sim.figures();
    const double best = 32 * 1000 * std::log((100 + 301) / (100 + 1.0)) / 300;
    EXPECT_GE(report(f, best), 0.9);
    EXPECT_GE(f.mean_in_flight, 0.9 * 32);
}

TEST(concurrency_scenario, latency_is_three_times_as_long_for_a_while) {
    const auto slow = [](sim_time now) { return now >= 30s && now < 90s; };
    simulation sim([=](sim_time now, std::size_t) { return sim_answer{slow(now) ? 150ms : 50ms}; });
    sim.add(32);
    sim.run(30s);
    sim.run(60s);
    const auto during = sim.figures();
    EXPECT_GE(report(during, 32 / 0.15, "during"), 0.9);
    EXPECT_GE(during.mean_in_flight, 0.9 * 32);
    EXPECT_EQ(during.limit, 32U);
    sim.run(60s);
    const auto after = sim.figures();
    EXPECT_GE(report(after, 32 / 0.05, "after"), 0.99);
}

TEST(concurrency_scenario, capacity_falls_to_a_quarter_for_a_while) {
    const auto capacity = [](sim_time now) { return now >= 60s && now < 120s ? 10U : 40U; };
    simulation sim([=](sim_time now, std::size_t n) { return sim_answer{shared(100ms, n, capacity(now))}; });
    sim.add(256);
    sim.run(60s);
    sim.run(60s);
    const auto during = sim.figures();
    EXPECT_GE(report(during, 100, "during"), 0.95);
    EXPECT_LE(during.mean_in_flight, 25);
    sim.run(60s);
    const auto after = sim.figures();
    EXPECT_GE(report(after, 400, "after"), 0.85);
    EXPECT_LE(after.mean_in_flight, 1.6 * 40);
}

TEST(concurrency_scenario, latency_halves) {
    simulation sim([](sim_time now, std::size_t n) { return sim_answer{shared(now < 60s ? 200ms : 100ms, n, 20)}; });
    sim.add(256);
    sim.run(60s);
    sim.run(60s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 200), 0.9);
    EXPECT_GE(f.mean_in_flight, 0.8 * 20);
    EXPECT_LE(f.mean_in_flight, 1.6 * 20);
}

TEST(concurrency_scenario, outage_and_recovery) {
    const auto down = [](sim_time now) { return now >= 30s && now < 60s; };
    simulation sim([=](sim_time now, std::size_t) { return down(now) ? sim_answer{20ms, false} : sim_answer{50ms}; });
    sim.add(32);
    sim.run(30s);
    sim.run(30s);
    const auto during = sim.figures();
    report(during, 32 / 0.05, "during");
    EXPECT_LE(during.mean_in_flight, 1.1);
    EXPECT_EQ(during.limit, 1U);
    sim.run(30s);
    const auto after = sim.figures();
    EXPECT_GE(report(after, 32 / 0.05, "after"), 0.95);
    EXPECT_GE(after.mean_in_flight, 0.95 * 32);
}

TEST(concurrency_scenario, one_straggler_in_a_hundred) {
    for (const std::size_t most : {8, 64}) {
        dice chance(5);
        simulation sim([&](sim_time, std::size_t) { return sim_answer{chance.once_in(100) ? 1000ms : 50ms}; });
        sim.add(most);
        sim.run(5s);
        sim.run(600s);
        const auto f = sim.figures();
        const double best = static_cast<double>(most) / (0.99 * 0.05 + 0.01 * 1);
        EXPECT_GE(report(f, best, "most " + std::to_string(most)), 0.9);
        EXPECT_GE(f.mean_in_flight, 0.9 * static_cast<double>(most));
        EXPECT_EQ(f.lowest_limit, most);
    }
}

TEST(concurrency_scenario, small_and_large_batches) {
    dice chance(6);
    const auto length = [&](sim_time now) {
        const bool runs = now % 60s < 30s;  // by turns mixed, and a run of either size
        const bool large = runs ? now % 30s < 15s : chance.in(0, 1) < 0.5;
        return scaled(large ? 200ms : 100ms, chance.in(0.9, 1.1));
    };
    simulation sim([&](sim_time now, std::size_t) { return sim_answer{length(now)}; });
    sim.add(8);
    sim.run(5s);
    sim.run(600s);
    const auto f = sim.figures();
    // Half of the time mixed, a quarter each a run of either size.
    EXPECT_GE(report(f, 8 / 0.15 / 2 + 8 / 0.2 / 4 + 8 / 0.1 / 4), 0.9);
    EXPECT_GE(f.mean_in_flight, 0.9 * 8);
}

TEST(concurrency_scenario, bursts_below_capacity) {
    simulation sim([](sim_time, std::size_t n) { return sim_answer{shared(50ms, n, 16)}; });
    sim.add(64, {6, 500ms});
    sim.run(5s);
    sim.run(100s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 12), 0.99);
    EXPECT_LE(f.limit, 8U) << "raised without need";
    EXPECT_LE(f.mean_in_flight, 1);
    EXPECT_LE(f.waiting, 6U) << "starved";
}

TEST(concurrency_scenario, slow_first_answers_after_each_pause) {
    // Every ten seconds enough work for five, then silence; each connection is made anew, which takes three times as
    // long.
    dice chance(7);
    std::size_t seen = 0;
    sim_time last{};
    simulation sim([&](sim_time now, std::size_t) {
        if (now - last > 3s) seen = 0;
        last = now;
        return sim_answer{scaled(50ms, (++seen <= 8 ? 4 : 1) * chance.in(0.8, 1.2))};
    });
    sim.add(8, {800, 10s});
    sim.run(9s);
    sim.run(600s);
    const auto f = sim.figures();
    EXPECT_GE(report(f, 80), 0.98);
    EXPECT_GE(f.lowest_limit, 4U);
    // 800 requests of 50 ms and 8 of 150 ms more keep the eight places busy for 5.15 of each 10 seconds.
    EXPECT_GE(f.mean_in_flight, 3.9);
    EXPECT_LE(f.mean_in_flight, 4.5);
    EXPECT_EQ(f.waiting, 0U);
}

TEST(concurrency_scenario, two_destinations_share_a_server) {
    for (const sim_time later : {0ms, 37ms, 1000ms, 20000ms, 60000ms}) {
        for (const double jitter : {0.0, 0.2}) {
            dice chance(8);
            simulation sim([&](sim_time, std::size_t n) {
                return sim_answer{scaled(shared(100ms, n, 20), chance.in(1 - jitter, 1 + jitter))};
            });
            const auto first = sim.add(64);
            sim.run(later);
            const auto second = sim.add(64);
            sim.run(60s);
            sim.run(600s);
            const auto a = sim.figures(first);
            const auto b = sim.figures(second);
            const auto what = two_digits(seconds(later)) + " s later, jitter " + two_digits(jitter);
            EXPECT_GE(report(a, 200, "first, " + what) + report(b, 200, "second, " + what), 0.9);
            EXPECT_LE(std::max(a.goodput, b.goodput), 3 * std::min(a.goodput, b.goodput));
            EXPECT_LE(a.mean_in_flight + b.mean_in_flight, 3.0 * 20);
        }
    }
}

}  // namespace
}  // namespace logferry::test
