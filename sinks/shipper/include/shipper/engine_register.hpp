// The engines of this process, for what concerns them all: its end (exit_guard.hpp), and a fork.
//
// A forked child has a copy of every engine and none of their threads; what those threads were doing stands still in
// the middle. So a child leaves these engines alone. It closes its copies of their descriptors, by which it would
// keep the parent's connections open and its spool locked, and makes engines of its own when it logs (incarnation.hpp).
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include <shipper/engine.hpp>
#include <shipper/worker_thread.hpp>

namespace logferry::shipping {

/// No fork happens while it lives: a child finds whole whatever is only changed under it. One thread at a time, and for
/// a moment only: a fork waits for it.
class no_fork {
public:
    no_fork();
    ~no_fork();
    no_fork(const no_fork&) = delete;
    no_fork& operator=(const no_fork&) = delete;
};

/// True for a thread that is about to fork: a handler of the program's own that logs at that moment must not wait for
/// what is locked until the fork is over.
[[nodiscard]] bool is_forking() noexcept;

struct registered_engine {
    std::weak_ptr<engine> works;
    std::shared_ptr<worker_thread> thread;
    std::chrono::milliseconds close_budget;
};

/// Adds an engine that was made in the process gate, and is added there: no child has its descriptors without knowing
/// of them. Throws `std::bad_alloc`, and `transport::process_gate::shut_for_good` when the program is ending.
void add_engine(const no_fork& held, registered_engine added);

/// All that may still live, or whose thread may.
[[nodiscard]] const std::vector<registered_engine>& registered_engines(const no_fork& held) noexcept;

}  // namespace logferry::shipping
