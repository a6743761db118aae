// libcurl's transfers, advanced when their own sockets are ready or their own time has come. curl_multi_perform would
// look at every transfer whenever one of them has something to do, and make a system call for each.
#pragma once

#include <poll.h>

#include <chrono>
#include <span>
#include <vector>

#include <transport/waker.hpp>

#include "curl_handles.hpp"

namespace logferry::transport {

/// The sockets that are waited for. poll and not epoll: libcurl lets go of a socket after each request and takes it up
/// with the next, which would be two system calls each time, and there are hundreds of sockets at most. Nor does a
/// forked child share anything with us here.
class poll_set {
public:
    /// Watches for these events and no others from now on. False: there is no memory for that.
    [[nodiscard]] bool watch(int fd, short events) noexcept;
    void forget(int fd) noexcept;
    /// What is ready; nothing after so long a time. Lasts until the next `wait`, whatever is watched or forgotten.
    [[nodiscard]] std::span<const pollfd> wait(int milliseconds);

private:
    [[nodiscard]] pollfd* find(int fd) noexcept;

    std::vector<pollfd> watched_;
    std::vector<pollfd> ready_;
};

/// Thread rule: one thread at a time. Its address is known to libcurl, so it stays where it is.
class event_loop {
public:
    using clock = std::chrono::steady_clock;

    /// Waits for `wake_up` too, which must outlive it. Throws `std::bad_alloc`, and `std::runtime_error` when libcurl
    /// refuses.
    explicit event_loop(waker& wake_up);
    event_loop(const event_loop&) = delete;
    event_loop& operator=(const event_loop&) = delete;

    [[nodiscard]] multi_handle& multi() noexcept { return multi_; }

    /// Lets libcurl do what it wanted to be called for by now. A transfer that was added begins here.
    void run_due();

    /// Waits until something is ready, libcurl's own time has come, or it is `until`, rounded up to a millisecond; then
    /// lets libcurl handle what is ready. True: it was woken, and the waker is clear again; or the waker is lost, and
    /// this was 100 ms at most.
    [[nodiscard]] bool wait(clock::time_point until);

private:
    void act(curl_socket_t socket, int events) noexcept;

    static int on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void*) noexcept;
    static int on_timer(CURLM*, long milliseconds, void* self) noexcept;

    waker& wake_up_;
    // The multi handle calls back until it is gone, so what the callbacks use stands before it.
    poll_set sockets_;
    clock::time_point due_ = clock::time_point::max();
    bool out_of_memory_ = false;
    multi_handle multi_;
};

}  // namespace logferry::transport
