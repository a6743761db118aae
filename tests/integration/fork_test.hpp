// Programs that fork, and log on both sides.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "world.hpp"

namespace logferry::test {

// Not under the sanitizers of g++ 12: in a child of a process with threads, AddressSanitizer's allocator may stay
// locked for ever, and ThreadSanitizer ends a child that starts a thread.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/// What a child ends with when `check` is false there. A test's expectations would stay in the child.
inline constexpr int failed = 1;

/// Forks; the child ends at once with 0 if `body` returns true.
template <typename Body>
[[nodiscard]] pid_t fork_child(Body body) {
    const auto child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : failed);
    return child;
}

/// Its wait status.
[[nodiscard]] inline int end_of(pid_t child) {
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

template <typename Body>
[[nodiscard]] int in_child(Body body) {
    return end_of(fork_child(std::move(body)));
}

#endif

class fork_test : public world {
protected:
    [[nodiscard]] shipper& shared() const { return *sink->get_shipper(); }

    /// In a child: all that it logged itself has been delivered.
    [[nodiscard]] bool delivers(std::uint64_t records) const {
        const auto stats = shared().drain(seconds(30));
        return stats.balanced() && stats.pending() == 0 && stats.destinations.size() == 1 &&
               stats.destinations[0].accepted == records && stats.delivered() == records;
    }
    /// What the vendor has, message by message.
    [[nodiscard]] std::map<std::string, int> messages() const {
        std::map<std::string, int> found;
        for (const auto& request : server.received("logsfori")) {
            if (request.problem.empty()) ++found[json::parse(request.body)["message"].get<std::string>()];
        }
        return found;
    }
};

}  // namespace logferry::test
