// A descriptor of an `operating_system`, closed when it goes out of scope.
#pragma once

#include <utility>

#include <journal/operating_system.hpp>

namespace logferry::journal {

class descriptor {
public:
    /// Takes what an opening call returned: a descriptor, or an errno value with its sign changed.
    descriptor(operating_system& os, int fd) noexcept : os_(os), fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) os_.close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }
    /// 0 while it is open.
    [[nodiscard]] int error() const noexcept { return fd_ < 0 ? fd_ : 0; }
    /// It is the caller's now.
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    operating_system& os_;
    int fd_;
};

}  // namespace logferry::journal
