#include <transport/waker.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace logferry::transport {

waker::waker() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "no descriptor to wake the log shipper with");
}

waker::~waker() { ::close(fd_); }

void waker::wake() noexcept {
    // The interrupted code of a signal handler, and a log call's caller, keep their errno.
    const int caller_errno = errno;
    const std::uint64_t one = 1;
    // The only failure is a full counter, and then the descriptor is readable, which is all that is wanted.
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
    errno = caller_errno;
}

void waker::clear() noexcept {
    std::uint64_t count = 0;
    // Nothing to read is no failure: it was clear already.
    [[maybe_unused]] const auto taken = ::read(fd_, &count, sizeof count);
}

}  // namespace logferry::transport
