// An eventfd of our own: libcurl's wake-up was broken in two different releases (curl #21547, #22272).
#pragma once

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

private:
    int fd_;
};

}  // namespace logferry::transport
