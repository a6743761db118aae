// A small HTTP/1.1 server on loopback. cpp-httplib reads requests and writes answers; listening, connections and their
// threads are done here, because the emulator must be able to hang up without an answer, must not run out of threads
// while kept-alive connections idle, and must end at once whatever its clients do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace logferry::emulation {

struct http_request {
    std::string method;
    /// Without the query.
    std::string path;
    /// Pairs of the query, decoded.
    std::vector<std::pair<std::string, std::string>> query = {};
    /// In no particular order but that repeated ones stay in theirs.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};

struct http_reply {
    int status = 200;
    std::string body = {};
    /// A `Content-Type` among them replaces `application/json`.
    std::vector<std::pair<std::string, std::string>> headers = {};
    /// Close the connection instead of answering.
    bool hang_up = false;
};

/// Listens on 127.0.0.1 from construction to destruction, keeps connections alive for as long as their clients like,
/// and serves each by a thread of its own. The handler is called from those threads, several at a time; the destructor
/// waits for handlers that run, and for nothing else.
class http_server {
public:
    using handler = std::function<http_reply(const http_request&)>;

    /// Port 0 chooses a free one. Throws `std::runtime_error` when the port cannot be had.
    http_server(std::uint16_t port, handler answer);
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

private:
    struct core;
    std::unique_ptr<core> core_;
};

}  // namespace logferry::emulation
