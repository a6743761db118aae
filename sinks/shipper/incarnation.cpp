#include <shipper/incarnation.hpp>

#include <cstdlib>
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include <unistd.h>

#include <shipper/exit_guard.hpp>
#include <shipper/fork_generation.hpp>
#include <transport/process_gate.hpp>

namespace logferry::shipping {

namespace {

/// Ends a child that was forked in a callback and comes back from it: as a copy of the worker, it would go on with its
/// parent's work. What it logged is sent. But the program's own handlers of the end are for a thread that knows what
/// they do.
struct ends_a_child {
    ~ends_a_child() {
        if (home.is_here()) return;
        close_all();
        ::_exit(EXIT_SUCCESS);
    }
    birthplace home;
};

std::function<void(const event&)> at_home(std::function<void(const event&)> callback) {
    if (!callback) return callback;
    return [callback = std::move(callback)](const event& what) {
        const ends_a_child guard;
        callback(what);
    };
}

options at_home(options opts) {
    opts.on_event = at_home(std::move(opts.on_event));
    return opts;
}

/// In the gate, so that a child knows of every descriptor that it inherits, and no host's thread is left at the door
/// with an engine that did not come to be.
std::shared_ptr<engine> start_engine(const checked_options& checked, const options& opts,
                                     const std::shared_ptr<worker_thread>& thread, std::shared_ptr<blueprint> plan) {
    using transport::process_gate;
    const process_gate::in_libcurl descriptors(process_gate::manners::polite);
    if (exit_began(no_fork())) throw process_gate::shut_for_good();
    auto works = std::make_shared<engine>(checked, at_home(opts));
    add_engine(no_fork(), {works, thread, opts.close_budget});
    thread->start([works, plan = std::move(plan)] {
        works->run();
        plan->forget();
        // Even a worker that has no more to do with libcurl has not ended while OpenSSL cleans up.
        const process_gate::in_libcurl last_door;
    });
    return works;
}

}  // namespace

incarnation::incarnation(const checked_options& checked, const options& opts, std::shared_ptr<blueprint> plan)
    : thread_(std::make_shared<worker_thread>()), works_(start_engine(checked, opts, thread_, std::move(plan))) {}

shipper_stats incarnation::close(std::chrono::milliseconds budget) {
    if (works_->close(budget)) thread_->join(std::chrono::steady_clock::now() + worker_thread::longest_end);
    return works_->stats();
}

void leave_for_ever(const no_fork&, const incarnation* inherited) noexcept {
    // Kept where it can be found, so that it is not taken for a leak.
    static auto* const left = new (std::nothrow) std::vector<const incarnation*>;
    try {
        if (left != nullptr) left->push_back(inherited);
    } catch (const std::bad_alloc&) {
        // Then it is taken for one.
    }
}

}  // namespace logferry::shipping
