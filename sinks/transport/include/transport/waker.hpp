// An eventfd of our own: libcurl's wake-up was broken in two different releases (curl #21547, #22272).
#pragma once

#include <sys/types.h>

#include <atomic>

namespace logferry::transport {

/// Wakes a thread that polls `fd()`.
///
/// Thread rule: `wake` from any thread and from a signal handler, `clear` by the thread that polls.
class waker {
public:
    /// Throws `std::system_error` when there is no descriptor to be had.
    waker();
    ~waker();
    waker(const waker&) = delete;
    waker& operator=(const waker&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    void wake() noexcept;
    void clear() noexcept;

    /// The program has closed the descriptor, and may have something of its own under the number: that is left alone
    /// from now on, and nobody is woken any more. Known once `clear` has met it.
    [[nodiscard]] bool lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] bool still_there() const noexcept;

    const int fd_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    std::atomic<bool> lost_{false};
};

}  // namespace logferry::transport
