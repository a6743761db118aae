#include <transport/waker.hpp>

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace logferry::transport {

waker::waker() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "no descriptor to wake the log shipper with");
    struct stat is {};
    if (::fstat(fd_, &is) == 0) {
        device_ = is.st_dev;
        inode_ = is.st_ino;
    }
}

waker::~waker() {
    if (!lost()) ::close(fd_);
}

/// All eventfds look alike, and so do some other things that have no name; files, sockets, pipes and devices do not.
bool waker::still_there() const noexcept {
    struct stat is {};
    return ::fstat(fd_, &is) == 0 && is.st_dev == device_ && is.st_ino == inode_;
}

void waker::wake() noexcept {
    if (lost()) return;
    // The interrupted code of a signal handler, and a log call's caller, keep their errno.
    const int caller_errno = errno;
    if (still_there()) {
        const std::uint64_t one = 1;
        // The only failure is a full counter, and then the descriptor is readable, which is all that is wanted.
        [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
    } else {
        lost_.store(true, std::memory_order_relaxed);
    }
    errno = caller_errno;
}

void waker::clear() noexcept {
    if (!still_there()) lost_.store(true, std::memory_order_relaxed);
    if (lost()) return;
    std::uint64_t count = 0;
    // Nothing to read is no failure: it was clear already.
    [[maybe_unused]] const auto taken = ::read(fd_, &count, sizeof count);
}

}  // namespace logferry::transport
