// Log calls in bursts small enough for every buffer: how variants that take turns are measured.
#pragma once

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <logferry/shipper.hpp>

namespace bench {

// Fits spdlog's default queue, so that an asynchronous logger never has to wait for its consumer.
inline constexpr int burst = 8'000;
inline constexpr int rounds = 301;

struct variant {
    std::string name;
    /// Nanoseconds of one call, as the slowest of so many threads saw it.
    std::function<double(int threads)> run;
    /// Waits until the burst has been worked off.
    std::function<void()> settle;
    std::shared_ptr<logferry::shipper> shipper = nullptr;
    std::vector<double> samples = {};

    [[nodiscard]] double median() const {
        auto sorted = samples;
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

/// One burst of `make_call()(i)` by so many threads; each makes its own, as a thread has its own logger.
template <typename MakeCall>
double run_burst(const MakeCall& make_call, int threads) {
    using clock = std::chrono::steady_clock;
    std::vector<double> cost(static_cast<std::size_t>(threads));
    std::barrier start(threads);
    std::vector<std::thread> running;
    const int each = burst / threads;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            auto call = make_call();
            start.arrive_and_wait();
            const auto begin = clock::now();
            for (int i = 0; i < each; ++i) call(i);
            cost[static_cast<std::size_t>(t)] =
                std::chrono::duration<double, std::nano>(clock::now() - begin).count() / each;
        });
    }
    for (auto& thread : running) thread.join();
    return *std::max_element(cost.begin(), cost.end());
}

/// A run in which a record was lost counts for nothing.
inline void check(const variant& v) {
    if (!v.shipper) return;
    const auto stats = v.shipper->stats();
    const auto& d = stats.destinations.front();
    if (d.dropped_total() == 0 && d.pending == 0 && stats.spool.unspooled == 0) return;
    std::printf("%s: %lu records were dropped, %lu not in the spool; the figures count for nothing\n", v.name.c_str(),
                static_cast<unsigned long>(d.dropped_total()), static_cast<unsigned long>(stats.spool.unspooled));
    std::exit(1);
}

/// Lets the variants take turns, and prints what each adds to the first beside what the second, the peer, adds.
inline void compare(std::vector<variant>& variants, int threads, const std::string& about, const char* peer_name) {
    for (int round = 0; round < rounds; ++round) {
        for (auto& v : variants) {
            const auto cost = v.run(threads);
            v.settle();
            if (round > 0) v.samples.push_back(cost);  // the first round warms up
        }
    }
    const auto base = variants[0].median();
    const auto peer = variants[1].median() - base;
    for (const auto& v : variants) {
        check(v);
        const auto adds = v.median() - base;
        std::printf("%d thread%s  %s%-28s %7.1f ns a call, adds %7.1f ns, %5.3f of what %s adds\n", threads,
                    threads == 1 ? " " : "s", about.c_str(), v.name.c_str(), v.median(), adds, adds / peer, peer_name);
    }
    std::puts("");
}

}  // namespace bench
