// How long single log calls take, the rare ones included: median, p99, p99.9 and maximum of calls that come at a steady
// pace, through logferry in memory, with a spool, and through spdlog's asynchronous logger, one after the other.
//
//     bench_log_tail SECONDS [DIRECTORY ...]          with a spool in each of the directories
//     bench_log_tail SECONDS --noise FILE [DIRECTORY ...]   while a thread writes to FILE and syncs it, again and again
#include <fcntl.h>
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <logferry/spdlog_sink.hpp>

#include "filtering_vendor.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

// Records of all threads in a millisecond: 100,000 in a second.
constexpr int pace = 100;

/// Writes 64 MiB pieces until 512 MiB are there, syncs, and begins anew.
class disk_noise {
public:
    explicit disk_noise(const char* file) : file_(::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
        if (file_ < 0) std::exit(2);
        ::unlink(file);
        thread_ = std::thread([this] { run(); });
    }
    ~disk_noise() {
        over_ = true;
        thread_.join();
        ::close(file_);
    }
    disk_noise(const disk_noise&) = delete;
    disk_noise& operator=(const disk_noise&) = delete;

private:
    void run() {
        const std::string piece(std::size_t{1} << 20, 'n');
        for (off_t at = 0; !over_; at = (at + 1) % 512) {
            if (::pwrite(file_, piece.data(), piece.size(), at * static_cast<off_t>(piece.size())) < 0) std::exit(2);
            if (at % 64 == 63) ::fdatasync(file_);
        }
    }

    int file_;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

/// One thread's calls, each with its time.
std::vector<std::uint32_t> log_for(spdlog::logger& log, int each_ms, int seconds) {
    std::vector<std::uint32_t> times;
    times.reserve(static_cast<std::size_t>(each_ms * seconds) * 1000);
    auto next = clock_type::now();
    for (int ms = 0; ms < seconds * 1000; ++ms) {
        for (int i = 0; i < each_ms; ++i) {
            const auto start = clock_type::now();
            log.info("request {} took {} ms, status {}", i, 12.5, 200);
            const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(clock_type::now() - start).count();
            times.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took, UINT32_MAX)));
        }
        next += std::chrono::milliseconds(1);
        std::this_thread::sleep_until(next);
    }
    return times;
}

void measure(const std::string& name, spdlog::logger& log, int threads, int seconds) {
    std::vector<std::vector<std::uint32_t>> of_thread(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    for (auto& times : of_thread) running.emplace_back([&] { times = log_for(log, pace / threads, seconds); });
    for (auto& thread : running) thread.join();
    std::vector<std::uint32_t> all;
    for (const auto& times : of_thread) all.insert(all.end(), times.begin(), times.end());
    std::sort(all.begin(), all.end());
    const auto at = [&all](double share) {
        return all[std::min(all.size() - 1, static_cast<std::size_t>(share * static_cast<double>(all.size())))];
    };
    std::printf("%d thread%s  %-28s median %5u  p99 %6u  p99.9 %7u  max %9u ns\n", threads, threads == 1 ? " " : "s",
                name.c_str(), at(0.5), at(0.99), at(0.999), all.back());
}

void through_async(int threads, int seconds) {
    auto pool = std::make_shared<spdlog::details::thread_pool>(8192, 1);
    // Shared, for it passes itself on to its pool.
    const auto log = std::make_shared<spdlog::async_logger>("async", std::make_shared<spdlog::sinks::null_sink_st>(),
                                                            pool, spdlog::async_overflow_policy::block);
    measure("async", *log, threads, seconds);
}

void through_ferry(const std::string& name, const std::string& spool, int threads, int seconds) {
    const auto sink = std::make_shared<logferry::spdlog_sink>(bench::filtering(spool));
    spdlog::logger log(name, sink);
    measure(name, log, threads, seconds);
    const auto stats = sink->get_shipper()->close();
    if (stats.dropped() == 0 && stats.spool.unspooled == 0) return;
    std::printf("%lu dropped, %lu not in the spool: the figures count for nothing\n",
                static_cast<unsigned long>(stats.dropped()), static_cast<unsigned long>(stats.spool.unspooled));
    std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const int seconds = std::atoi(argv[1]);
    std::unique_ptr<disk_noise> noise;
    int next = 2;
    if (argc > 3 && std::string_view(argv[2]) == "--noise") {
        noise = std::make_unique<disk_noise>(argv[3]);
        next = 4;
    }
    for (const int threads : {1, 4}) {
        through_async(threads, seconds);
        through_ferry("logferry", {}, threads, seconds);
        for (int i = next; i < argc; ++i) {
            through_ferry(std::string("spool in ") + argv[i], argv[i], threads, seconds);
        }
    }
}
