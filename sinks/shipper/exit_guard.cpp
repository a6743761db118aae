#include <shipper/exit_guard.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>
#include <span>
#include <vector>

#include <shipper/fork_generation.hpp>
#include <transport/process_gate.hpp>

namespace logferry::shipping {

namespace {

// What those may take to leave libcurl that are in there. They wait for no network there, but each may have a thousand
// certificates to read, on a machine that has other things to do.
constexpr auto longest_stay = std::chrono::seconds(30);

// Those that were not waited for may have left libcurl for the last time just before nobody got in any more.
constexpr auto longest_end_of_late_ones = std::chrono::milliseconds(50);

constexpr unsigned never = ~0u;
constinit unsigned began_in = never;  // a fork generation: a child's life goes on

std::vector<registered_engine> begin_end() {
    const no_fork held;
    began_in = fork_generation.load();
    return registered_engines(held);
}

void begin_close(const std::vector<registered_engine>& all) noexcept {
    for (const auto& each : all) {
        const auto works = each.works.lock();
        // A forked child has the objects but not the threads.
        if (works && !works->forked()) works->begin_close(each.close_budget);
    }
}

bool has_closed(const registered_engine& one) {
    const auto works = one.works.lock();
    if (!works || works->forked()) return true;
    if (works->on_worker_thread()) works->give_up_worker();
    return works->close(engine::longest_budget);
}

void join(std::span<const registered_engine> some, std::chrono::milliseconds longest) noexcept {
    const auto until = std::chrono::steady_clock::now() + longest;
    for (const auto& each : some) each.thread->join(until);
}

}  // namespace

void close_all() noexcept {
    std::vector<registered_engine> all;
    try {
        all = begin_end();
    } catch (const std::bad_alloc&) {
        // What is left is not sent.
    }
    begin_close(all);
    const auto late = std::partition(all.begin(), all.end(), has_closed);
    join({all.begin(), late}, worker_thread::longest_end);
    transport::process_gate::shut_for_good_after(longest_stay);
    join({late, all.end()}, longest_end_of_late_ones);
}

void close_all_at_exit() {
    static const int registered = std::atexit([] { close_all(); });
    static_cast<void>(registered);
}

bool exit_began(const no_fork&) noexcept { return began_in == fork_generation.load(); }

}  // namespace logferry::shipping
