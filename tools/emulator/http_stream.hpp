// One connection as cpp-httplib wants to see it.
#pragma once

#include <httplib.h>

#include <array>
#include <cstddef>
#include <string>

namespace logferry::emulation {

/// Reads ahead, and gathers what is written until `flush`, so that an answer leaves in one piece. Does not own the
/// socket.
class http_stream final : public httplib::Stream {
public:
    explicit http_stream(int socket) : socket_(socket) {}

    [[nodiscard]] bool is_readable() const override { return true; }
    [[nodiscard]] bool is_writable() const override { return true; }
    /// Waits for bytes; 0 at the end, -1 on failure.
    ssize_t read(char* to, std::size_t size) override;
    /// The byte that the next `read` begins with, waited for; -1 at the end or on failure.
    int peek();
    ssize_t write(const char* from, std::size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    [[nodiscard]] socket_t socket() const override { return socket_; }

    /// Sends what was written; false when the connection is gone.
    bool flush();

private:
    /// Waits for bytes when none were read ahead. Positive, or what `read` returns then.
    ssize_t read_ahead();

    int socket_;
    std::string unsent_;
    std::array<char, 16 * 1024> ahead_;
    std::size_t next_ = 0;
    std::size_t end_ = 0;
};

}  // namespace logferry::emulation
