// A real TLS and HTTP/2 server with certificates made for the test.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace logferry::support {

/// A directory with an authority and what it has signed, made by the openssl program. It goes with the object.
class test_certificates {
public:
    test_certificates();
    ~test_certificates();
    test_certificates(const test_certificates&) = delete;
    test_certificates& operator=(const test_certificates&) = delete;

    /// `ca.pem`; `ca/` with its hash; `server.pem` and `.key` for 127.0.0.1; `client.pem` and `.key`; `client.both`,
    /// the two in one; `client.locked`, the key with the password "hush"; `stranger.pem`, another authority.
    [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

private:
    std::string directory_;
};

/// nginx with one https server and HTTP/2. It listens on 127.0.0.1 from construction to destruction, and dies with the
/// test program too.
class nginx_server {
public:
    /// `directives` go into the server's block. It answers each request with `answer`, in which nginx's variables may
    /// be used.
    nginx_server(const test_certificates& certificates, const std::string& directives,
                 const std::string& answer = "$connection $server_protocol");
    ~nginx_server();
    nginx_server(const nginx_server&) = delete;
    nginx_server& operator=(const nginx_server&) = delete;

    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }
    /// "127.0.0.1:<port>"
    [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
    /// What it was sent so far that it took for a request, one a line.
    [[nodiscard]] std::string access_log() const;

private:
    void reserve_port();
    void configure(const test_certificates& certificates, const std::string& directives, const std::string& answer);
    void launch();
    void await_start();

    std::string directory_;
    std::uint16_t port_ = 0;
    int reservation_ = -1;
    int output_ = -1;
    pid_t pid_ = -1;
};

}  // namespace logferry::support
