// A TLS server of the openssl program with a certificate that nobody has signed but itself.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace logferry::support {

/// Listens on 127.0.0.1 from construction to destruction, and dies with the test program too.
class self_signed_server {
public:
    self_signed_server();
    ~self_signed_server();
    self_signed_server(const self_signed_server&) = delete;
    self_signed_server& operator=(const self_signed_server&) = delete;

    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + port_ + "/"; }
    /// Ends the server and gives all that it printed: its handshakes and what clients sent.
    [[nodiscard]] std::string stop();

private:
    void make_certificate();
    void launch();
    void await_port();

    std::string directory_;
    std::string port_;
    std::string printed_;
    pid_t pid_ = -1;
    int output_ = -1;
};

}  // namespace logferry::support
