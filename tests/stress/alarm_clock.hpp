// The consumer's bed in the journal's stress tests: a real eventfd, as the shipper has. Who oversleeps has missed a
// wake-up.
#pragma once

#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace logferry::stress {

class alarm_clock {
public:
    alarm_clock() = default;
    ~alarm_clock() { ::close(fd_); }
    alarm_clock(const alarm_clock&) = delete;
    alarm_clock& operator=(const alarm_clock&) = delete;

    /// For `journal::settings`.
    static void ring(void* clock) noexcept {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(static_cast<alarm_clock*>(clock)->fd_, &one, sizeof one);
    }

    /// False when it did not ring for far longer than any scheduler needs.
    [[nodiscard]] bool sleep() {
        pollfd watched{fd_, POLLIN, 0};
        if (::poll(&watched, 1, 30'000) != 1) return false;
        std::uint64_t count = 0;
        return ::read(fd_, &count, sizeof count) == sizeof count;
    }

private:
    int fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
};

/// How much work a test does: all of it, or a part under ThreadSanitizer, which is that much slower.
constexpr std::uint64_t rounds(std::uint64_t all) {
#if defined(__SANITIZE_THREAD__)
    return all / 4;
#else
    return all;
#endif
}

}  // namespace logferry::stress
