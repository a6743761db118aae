// A port of loopback that nobody else gets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace logferry::support {

/// A free port that nobody else is given while no emulator listens on it.
class kept_port {
public:
    kept_port() {
        const int on = 1;
        ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        socklen_t size = sizeof address_;
        auto* const address = reinterpret_cast<sockaddr*>(&address_);
        if (::bind(socket_, address, size) != 0 || ::getsockname(socket_, address, &size) != 0) {
            throw std::system_error(errno, std::generic_category(), "a port");
        }
    }
    ~kept_port() { ::close(socket_); }
    kept_port(const kept_port&) = delete;
    kept_port& operator=(const kept_port&) = delete;
    [[nodiscard]] std::uint16_t number() const { return ntohs(address_.sin_port); }

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

}  // namespace logferry::support
