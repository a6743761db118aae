#include "http_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace logferry::emulation {

ssize_t http_stream::read_ahead() {
    if (next_ < end_) return 1;
    // A client that waits for "100 Continue" sends nothing more until it has seen it.
    if (!flush()) return -1;
    ssize_t got = 0;
    do {
        got = ::recv(socket_, ahead_.data(), ahead_.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return got;
    next_ = 0;
    end_ = static_cast<std::size_t>(got);
    return got;
}

ssize_t http_stream::read(char* to, std::size_t size) {
    if (const auto got = read_ahead(); got <= 0) return got;
    const auto taken = std::min(size, end_ - next_);
    std::copy_n(ahead_.data() + next_, taken, to);
    next_ += taken;
    return static_cast<ssize_t>(taken);
}

int http_stream::peek() { return read_ahead() > 0 ? static_cast<unsigned char>(ahead_[next_]) : -1; }

ssize_t http_stream::write(const char* from, std::size_t size) {
    unsent_.append(from, size);
    return static_cast<ssize_t>(size);
}

bool http_stream::flush() {
    for (std::string_view rest = unsent_; !rest.empty();) {
        const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    unsent_.clear();
    return true;
}

// Nobody asks who the peer is; it is on this machine.
void http_stream::get_remote_ip_and_port(std::string& ip, int& port) const {
    ip = "127.0.0.1";
    port = 0;
}

void http_stream::get_local_ip_and_port(std::string& ip, int& port) const { get_remote_ip_and_port(ip, port); }

}  // namespace logferry::emulation
