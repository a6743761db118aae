#include "wakeup_descriptors.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace logferry::transport {

namespace {

namespace fs = std::filesystem;

// The program's own may be busy meanwhile, or come and go in the same way once by chance.
constexpr int most_tries = 10;
constexpr int rounds = 3;

/// Half of a pair as older versions of libcurl open it.
bool is_inheritable_socket(int fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0) return false;
    sockaddr address{};
    socklen_t size = sizeof address;
    return ::getsockname(fd, &address, &size) == 0 && address.sa_family == AF_UNIX;
}

bool is_eventfd(int fd) {
    std::error_code none;
    return fs::read_symlink("/proc/self/fd/" + std::to_string(fd), none) == "anon_inode:[eventfd]";
}

/// Descriptors of this process. None where /proc is not there.
std::vector<int> descriptors(bool (*wanted)(int)) {
    std::vector<int> found;
    std::error_code none;
    for (fs::directory_iterator each("/proc/self/fd", none), end; !none && each != end; each.increment(none)) {
        const auto name = each->path().filename().string();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (wanted(fd)) found.push_back(fd);
    }
    return found;
}

/// Something waits to be read from it, or at a socket's other end.
bool busy(int fd) noexcept {
    pollfd readable{fd, POLLIN, 0};
    int unread = 0;
    return ::poll(&readable, 1, 0) != 0 || (::ioctl(fd, SIOCOUTQ, &unread) == 0 && unread != 0);
}

bool quiet(int fd) noexcept { return !busy(fd); }

/// libcurl does not tell which they are. But when it wakes itself up, something waits in them, and when it polls, that
/// is gone. Leaves those of `some` with which it is always so.
std::vector<int> woken(multi_handle& multi, std::vector<int> some) {
    for (int round = 0; round < rounds && !some.empty(); ++round) {
        std::erase_if(some, busy);
        if (curl_multi_wakeup(multi.get()) != CURLM_OK) return {};
        std::erase_if(some, quiet);
        curl_multi_poll(multi.get(), nullptr, 0, 0, nullptr);
        std::erase_if(some, busy);
    }
    return some;
}

/// Empty when others of the program's came and went in the same way.
std::vector<int> wakeup_descriptors(multi_handle& multi) {
    auto pair = woken(multi, descriptors(is_inheritable_socket));
    if (pair.size() == 2) return pair;
    auto one = woken(multi, descriptors(is_eventfd));
    if (one.size() == 1) return one;
    return {};
}

}  // namespace

void keep_wakeup_descriptors(multi_handle& multi, descriptor_list& open) {
    std::vector<int> found;
    for (int tries = 0; found.empty() && tries < most_tries; ++tries) found = wakeup_descriptors(multi);
    for (const int fd : found) {
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        // A list without room costs a child two descriptors, and nobody else anything.
        static_cast<void>(open.add(fd));
    }
}

}  // namespace logferry::transport
