// What a log call costs: spdlog with a null sink, the same with logferry's sink, and spdlog's asynchronous logger in
// front of a null sink. The variants take turns in one run, in bursts small enough for every buffer, and what each adds
// to the null sink is compared.
//
// The vendor behind logferry's sink reads every record and filters it, so that the worker does its work beside the
// producers, and no network decides the figure. A run in which a record was dropped counts for nothing and fails.
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

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

#include <logferry/spdlog_sink.hpp>

namespace {

using clock_type = std::chrono::steady_clock;

// Fits spdlog's default queue, so that the asynchronous logger never has to wait for its consumer.
constexpr int burst = 8'000;
constexpr std::size_t queue = 8192;
constexpr int rounds = 301;

/// Takes no record, but looks at all of them.
class filtering_vendor final : public logferry::vendor {
public:
    std::string_view name() const noexcept override { return "filtering"; }
    const logferry::vendor_limits& limits() const noexcept override { return limits_; }
    const logferry::http_endpoint& endpoint() const noexcept override { return endpoint_; }
    logferry::encoded encode(const logferry::record_view& record, clock_type::time_point, std::string&) override {
        bytes_ += record.message.size();
        logferry::encoded result;
        result.what = logferry::encoded::result::filtered;
        return result;
    }
    logferry::outcome judge(const logferry::http_response&, std::size_t) const override { return {}; }

private:
    logferry::vendor_limits limits_;
    logferry::http_endpoint endpoint_{"http://127.0.0.1:9/", {}};
    std::size_t bytes_ = 0;
};

struct variant {
    std::string name;
    std::shared_ptr<spdlog::logger> logger;
    /// Waits until the burst has been worked off.
    std::function<void()> settle;
    std::vector<double> samples = {};

    [[nodiscard]] double median() const {
        auto sorted = samples;
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

/// Nanoseconds of one call, as the slowest thread of the burst saw it.
double run_burst(spdlog::logger& log, int threads) {
    std::vector<double> cost(static_cast<std::size_t>(threads));
    std::barrier start(threads);
    std::vector<std::thread> running;
    const int each = burst / threads;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            start.arrive_and_wait();
            const auto begin = clock_type::now();
            for (int i = 0; i < each; ++i) log.info("request {} took {} ms, status {}", i, 12.5, 200);
            cost[static_cast<std::size_t>(t)] =
                std::chrono::duration<double, std::nano>(clock_type::now() - begin).count() / each;
        });
    }
    for (auto& thread : running) thread.join();
    return *std::max_element(cost.begin(), cost.end());
}

std::shared_ptr<spdlog::sinks::sink> null_sink() { return std::make_shared<spdlog::sinks::null_sink_st>(); }

variant asynchronous(const std::string& name) {
    // The pool must outlive the logger; both end with the variant.
    auto pool = std::make_shared<spdlog::details::thread_pool>(queue, 1);
    auto logger = std::shared_ptr<spdlog::logger>(
        new spdlog::async_logger(name, null_sink(), pool, spdlog::async_overflow_policy::block),
        [pool](spdlog::logger* l) { delete l; });
    return {name, logger, [pool] {
                while (pool->queue_size() > 0) std::this_thread::yield();
            }};
}

void measure(int threads) {
    logferry::options options;
    options.destinations.push_back({std::static_pointer_cast<logferry::vendor>(std::make_shared<filtering_vendor>())});
    const auto sink = std::make_shared<logferry::spdlog_sink>(std::move(options));
    const auto& shipper = *sink->get_shipper();

    std::vector<variant> variants;
    variants.push_back({"null sink", std::make_shared<spdlog::logger>("null", null_sink()), [] {}});
    variants.push_back({"logferry", std::make_shared<spdlog::logger>("ferry", sink),
                        [&sink] { sink->get_shipper()->drain(std::chrono::seconds(10)); }});
    variants.push_back(asynchronous("async"));

    for (int round = 0; round < rounds; ++round) {
        for (auto& v : variants) {
            const auto cost = run_burst(*v.logger, threads);
            v.settle();
            if (round > 0) v.samples.push_back(cost);  // the first round warms up
        }
    }
    const auto ledger = shipper.stats();
    const auto& d = ledger.destinations.front();
    if (d.dropped_total() > 0 || d.pending > 0) {
        std::printf("%lu records were dropped; the figures count for nothing\n",
                    static_cast<unsigned long>(d.dropped_total()));
        std::exit(1);
    }
    const auto base = variants[0].median();
    for (const auto& v : variants) {
        std::printf("%d thread%s  %-20s %7.1f ns a call, adds %7.1f ns\n", threads, threads == 1 ? " " : "s",
                    v.name.c_str(), v.median(), v.median() - base);
    }
    const auto peer = variants[2].median() - base;
    std::printf("%d thread%s  ratio: logferry adds %.3f of what spdlog's async logger adds\n\n", threads,
                threads == 1 ? " " : "s", (variants[1].median() - base) / peer);
}

}  // namespace

int main() {
    for (const int threads : {1, 2, 4}) measure(threads);
}
