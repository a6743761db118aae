// Tells a forked child from its parent at the price of one load, where getpid would cost a log call a system call.
#pragma once

#include <atomic>

namespace logferry::shipping {

/// How many forks lie between the first process and this one. Counted in the child by engine_register.cpp.
inline constinit std::atomic<unsigned> fork_generation{0};

/// The process in which something was made.
class birthplace {
public:
    /// False in a forked child of it. Async-signal-safe.
    [[nodiscard]] bool is_here() const noexcept {
        return generation_ == fork_generation.load(std::memory_order_relaxed);
    }

private:
    unsigned generation_ = fork_generation.load(std::memory_order_relaxed);
};

}  // namespace logferry::shipping
