// A real TLS and HTTP/2 server with certificates made for the test.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace logferry::support {

/// A directory with an authority and what it has signed, made by the openssl program. It goes with the object.
class test_certificates {
public:
    test_certificates();
    ~test_certificates();
    test_certificates(const test_certificates&) = delete;
    test_certificates& operator=(const test_certificates&) = delete;

    /// `ca.pem`; `ca/` with its hash; `server.pem` and `.key` for 127.0.0.1; the same as `expired`, as `elsewhere` for
    /// another host, as `self`, signed by itself, and as `unknown`, signed by another authority, `stranger.pem`;
    /// `client.pem` and `.key`; `client.both`, the two in one; `client.locked`, the key with the password "hush".
    [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

private:
    std::string directory_;
};

/// What nginx is to do; directives in its own language.
struct nginx_setup {
    /// One of the names for 127.0.0.1 in `test_certificates`.
    std::string certificate = "server";
    bool http2 = true;
    /// Into the server's block.
    std::string directives = "";
    /// How a request is answered.
    std::string answer = "return 200 '$connection $server_protocol';";
    /// Port on 127.0.0.1 of a server that is asked instead of `answer`, over connections that are kept; 0 for none.
    std::uint16_t upstream = 0;
};

/// What nginx took for a request.
struct nginx_request {
    /// Its number, the same for all requests of a connection.
    std::string connection;
    /// "HTTP/1.1" or "HTTP/2.0"
    std::string protocol;
    int status = 0;
};

/// nginx with one https server. It listens on 127.0.0.1 from construction to destruction, and dies with the test
/// program too.
class nginx_server {
public:
    explicit nginx_server(const test_certificates& certificates, const nginx_setup& setup = {});
    ~nginx_server();
    nginx_server(const nginx_server&) = delete;
    nginx_server& operator=(const nginx_server&) = delete;

    [[nodiscard]] std::string url() const { return "https://" + authority() + "/"; }
    /// "127.0.0.1:<port>"
    [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

    /// Returns once a new worker serves. The old one takes its leave from its connections as nginx does in production.
    void reload(const nginx_setup& setup);
    /// Ends it. From then on `requests` is complete.
    void stop();
    /// The requests that were answered so far; the newest may be missing while it runs.
    [[nodiscard]] std::vector<nginx_request> requests() const;

private:
    void reserve_port();
    void configure(const nginx_setup& setup) const;
    void launch();
    void listen_to(int output);
    void await_worker(std::size_t number);

    const test_certificates& certificates_;
    const std::string directory_;
    std::uint16_t port_ = 0;
    int reservation_ = -1;
    pid_t pid_ = -1;
    std::size_t workers_ = 0;

    std::mutex mutex_;
    std::condition_variable heard_;
    std::string said_;
    bool silent_ = false;
    std::thread listener_;
};

}  // namespace logferry::support
