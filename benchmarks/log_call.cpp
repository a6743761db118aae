// What a log call costs: spdlog with a null sink, the same with logferry's sink, and spdlog's asynchronous logger in
// front of a null sink. The variants take turns in one run, in bursts small enough for every buffer, and what each adds
// to the null sink is compared.
//
// The vendor behind logferry's sink reads every record and filters it (filtering_vendor.hpp). A run in which a record
// was dropped counts for nothing and fails.
//
//     bench_log_call [DIRECTORY ...]   also with a spool in each of the directories
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <logferry/spdlog_sink.hpp>

#include "bursts.hpp"
#include "filtering_vendor.hpp"

namespace {

constexpr std::size_t queue = 8192;
static_assert(bench::burst < static_cast<int>(queue));

auto runs(std::shared_ptr<spdlog::logger> logger) {
    return [logger = std::move(logger)](int threads) {
        const auto make_call = [&log = *logger] {
            return [&log](int i) { log.info("request {} took {} ms, status {}", i, 12.5, 200); };
        };
        return bench::run_burst(make_call, threads);
    };
}

std::shared_ptr<spdlog::sinks::sink> null_sink() { return std::make_shared<spdlog::sinks::null_sink_st>(); }

bench::variant asynchronous(const std::string& name) {
    // The pool must outlive the logger; both end with the variant.
    auto pool = std::make_shared<spdlog::details::thread_pool>(queue, 1);
    auto logger = std::shared_ptr<spdlog::logger>(
        new spdlog::async_logger(name, null_sink(), pool, spdlog::async_overflow_policy::block),
        [pool](spdlog::logger* l) { delete l; });
    return {name, runs(logger), [pool] {
                while (pool->queue_size() > 0) std::this_thread::yield();
            }};
}

bench::variant ferry(const std::string& name, const std::string& spool) {
    const auto sink = std::make_shared<logferry::spdlog_sink>(bench::filtering(spool));
    return {name, runs(std::make_shared<spdlog::logger>(name, sink)),
            [sink] { sink->get_shipper()->drain(std::chrono::seconds(10)); }, sink->get_shipper()};
}

void measure(int threads, const std::vector<std::string>& spools) {
    std::vector<bench::variant> variants;
    variants.push_back({"null sink", runs(std::make_shared<spdlog::logger>("null", null_sink())), [] {}});
    variants.push_back(asynchronous("async"));
    variants.push_back(ferry("logferry", {}));
    for (const auto& spool : spools) variants.push_back(ferry("spool in " + spool, spool));
    bench::compare(variants, threads, "", "async");
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> spools(argv + 1, argv + argc);
    for (const int threads : {1, 2, 4}) measure(threads, spools);
}
