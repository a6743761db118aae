#include <shipper/engine_register.hpp>

#include <mutex>
#include <utility>

#include <pthread.h>

#include <shipper/exit_guard.hpp>
#include <shipper/fork_generation.hpp>
#include <transport/process_gate.hpp>

namespace logferry::shipping {

namespace {

constinit std::mutex one_fork;
constinit std::mutex forks_and_engines;
constinit thread_local bool forking = false;

// Never destroyed: threads may open and close shippers until the very end.
std::vector<registered_engine>& all() noexcept {
    static auto* const engines = new std::vector<registered_engine>;
    return *engines;
}

// The gate first: whoever is inside may yet need the lock, and nobody who has the lock goes through the gate.
void before_fork() noexcept {
    one_fork.lock();
    forking = true;
    transport::process_gate::shut();
    forks_and_engines.lock();
}

void after_fork_in_parent() noexcept {
    forks_and_engines.unlock();
    transport::process_gate::open();
    forking = false;
    one_fork.unlock();
}

/// Nothing here allocates or frees, for the fork may have come from anywhere.
void after_fork_in_child() noexcept {
    fork_generation.fetch_add(1, std::memory_order_relaxed);
    transport::process_gate::open_in_child();
    for (const auto& each : all()) {
        // Never the last owner: those that there were before the fork are never seen to let go.
        if (const auto works = each.works.lock()) works->forget_descriptors();
    }
    forks_and_engines.unlock();
    forking = false;
    one_fork.unlock();
}

// Handlers run in the child in the order in which they were registered, so that of the program's own, which may log,
// run after this.
[[maybe_unused]] const int handlers_registered = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);

}  // namespace

bool is_forking() noexcept { return forking; }

no_fork::no_fork() { forks_and_engines.lock(); }

no_fork::~no_fork() { forks_and_engines.unlock(); }

void add_engine(const no_fork& held, registered_engine added) {
    if (exit_began(held)) throw transport::process_gate::shut_for_good();
    std::erase_if(all(), [](const registered_engine& e) {
        return e.works.expired() && e.thread->join(std::chrono::steady_clock::time_point::min());
    });
    all().push_back(std::move(added));
}

const std::vector<registered_engine>& registered_engines(const no_fork&) noexcept { return all(); }

}  // namespace logferry::shipping
