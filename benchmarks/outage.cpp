// A vendor that is away for a while: what the program pays meanwhile, and how long the backlog takes afterwards.
// Nothing listens at the URL while this waits; whoever runs it starts the server when told to.
//
//     bench_outage URL SECONDS RECORDS_A_SECOND
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <logferry/shipper.hpp>

namespace {

using clock_type = std::chrono::steady_clock;

double processor_milliseconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto ms = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
    };
    return ms(used.ru_utime) + ms(used.ru_stime);
}

double resident_mib() {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double seconds_since(clock_type::time_point start) {
    return std::chrono::duration<double>(clock_type::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const auto seconds = std::strtol(argv[2], nullptr, 10);
    const auto a_second = std::strtol(argv[3], nullptr, 10);
    logferry::options options;
    options.destinations.push_back({logferry::logsh{"shop", logferry::secret("key"), argv[1]}});
    options.on_event = [](const logferry::event&) {};
    const auto shipper = logferry::shipper::open(std::move(options));
    const auto before = resident_mib();
    const auto start = clock_type::now();
    for (long second = 0; second < seconds; ++second) {
        for (long i = 0; i < a_second; ++i) {
            logferry::record_input record;
            record.logger = "shop.checkout";
            record.message = "payment of order 4711 declined by the bank, code 51, try again later";
            shipper->submit(record);
        }
        std::this_thread::sleep_until(start + std::chrono::seconds(second + 1));
    }
    const auto waiting = shipper->stats().destinations[0];
    const auto backlog = waiting.pending;
    std::printf(
        "outage of %ld s at %ld records/s: %.2f ms of processor time a second, %lu tries, resident %.1f -> %.1f MiB "
        "for %lu records, dropped %lu\n",
        seconds, a_second, processor_milliseconds() / static_cast<double>(seconds),
        static_cast<unsigned long>(waiting.requests), before, resident_mib(), static_cast<unsigned long>(backlog),
        static_cast<unsigned long>(waiting.dropped_total()));
    std::puts("server, please");
    std::fflush(stdout);
    const auto back = clock_type::now();
    auto first = back;
    while (shipper->stats().pending() == backlog) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        first = clock_type::now();
    }
    const auto used = processor_milliseconds();
    const auto done = shipper->drain(std::chrono::minutes(10)).destinations[0];
    std::printf(
        "back: first delivery after %.1f s (backoff), then %.2f s for the rest, %.1f us of processor time a record; "
        "delivered %lu, %s\n",
        std::chrono::duration<double>(first - back).count(), seconds_since(first),
        (processor_milliseconds() - used) * 1e3 / static_cast<double>(backlog),
        static_cast<unsigned long>(done.delivered), done.balanced() ? "balanced" : "NOT BALANCED");
}
