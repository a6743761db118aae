// The thread of an engine, which is waited for to its very end.
//
// A thread still works when its function has returned: objects of its own are destroyed, and libraries clean up what
// they keep for each thread. OpenSSL does, with what OpenSSL frees when the program ends. So "the worker has nothing
// left to do" is not enough at the end of the program; the thread has to be gone.
#pragma once

#include <pthread.h>

#include <chrono>
#include <functional>
#include <mutex>

#include <shipper/fork_generation.hpp>

namespace logferry::shipping {

/// Thread rule: any thread.
class worker_thread {
public:
    /// What a thread may take to end that has left its engine's work: microseconds, but for what the program has it
    /// destroy, a callback or objects of the thread's own.
    static constexpr auto longest_end = std::chrono::seconds(1);

    worker_thread() = default;

    /// A thread that nobody has waited for to its end goes on, and ends when it can.
    ~worker_thread();
    worker_thread(const worker_thread&) = delete;
    worker_thread& operator=(const worker_thread&) = delete;

    /// Once: runs `life` with all signals blocked but those of faults. Throws `std::system_error`, `std::bad_alloc`.
    void start(std::function<void()> life);

    /// Waits for the end of the thread until then: it may be in a callback, or in the destructor of an object of its
    /// own. False when it is not over by then, and at once on the thread itself. True when there is no such thread any
    /// more, or never was in this process.
    bool join(std::chrono::steady_clock::time_point until) noexcept;

private:
    const birthplace home_;
    std::mutex mutex_;
    bool joinable_ = false;
    pthread_t thread_{};
};

}  // namespace logferry::shipping
