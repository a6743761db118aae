// A server that does to a client whatever a test asks for, byte by byte: it answers, stalls, drips, resets. It listens
// on 127.0.0.1, plays a script for each connection, and remembers what it was sent. No TLS, no HTTP of its own making.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace logferry::support {

/// A request as it came over the wire.
struct raw_request {
    /// Request line and headers with their line ends, the empty line included.
    std::string head;
    std::string body;
    /// Number of the connection it came on, from 0.
    std::size_t connection = 0;

    [[nodiscard]] bool operator==(const raw_request&) const = default;
};

/// What a server does about one request, decided when it came.
struct reaction {
    enum class ending { go_on, close, reset, hold };
    /// Sent as they are, after the delay.
    std::string bytes = {};
    std::chrono::milliseconds delay{0};
    /// What becomes of the connection then.
    ending then = ending::go_on;
};

/// One thing a connection does before it goes on to the next. Made by the functions below.
struct step {
    enum class kind { read_request, read_bytes, respond, drip, decide, flood, hold, close, reset, again };
    kind what = kind::close;
    std::string bytes = {};
    std::size_t count = 0;
    std::chrono::milliseconds pause{0};
    std::function<std::string(const raw_request&)> make = {};
    std::function<reaction(const raw_request&)> choose = {};
};

/// Reads a whole request, its body as long as Content-Length says, and remembers it.
[[nodiscard]] step read_request();
/// Reads until `count` bytes of a request are there, or all of a shorter one. That request is not remembered.
[[nodiscard]] step read_bytes(std::size_t count);
/// Sends these bytes as they are.
[[nodiscard]] step send(std::string bytes);
/// Sends what `make` says to the request read last. Runs on the server's thread.
[[nodiscard]] step respond(std::function<std::string(const raw_request&)> make);
/// Does what `choose` says about the request read last. Runs on the server's thread.
[[nodiscard]] step decide(std::function<reaction(const raw_request&)> choose);
/// Sends these bytes one by one, with a pause before each.
[[nodiscard]] step drip(std::string bytes, std::chrono::milliseconds pause);
/// Sends these bytes again and again until the client goes away.
[[nodiscard]] step flood(std::string bytes);
/// Neither reads nor sends until the client goes away.
[[nodiscard]] step hold();
/// Closes the connection. With unread bytes the system turns this into a reset. Also what the end of a script does.
[[nodiscard]] step close_connection();
/// Closes with a reset.
[[nodiscard]] step reset_connection();
/// Goes back to the first step.
[[nodiscard]] step again();

using script = std::vector<step>;

/// A complete HTTP/1.1 response with Content-Length; `headers` are whole lines with their line ends.
[[nodiscard]] std::string answer(int status, const std::string& body = "", const std::string& headers = "");

/// Answers every request in the same way, on kept-alive connections.
[[nodiscard]] script always(std::string response);

/// A port of 127.0.0.1 that nobody else gets. Connections to it are refused until a server takes it over.
class reserved_port {
public:
    reserved_port();
    ~reserved_port();
    reserved_port(const reserved_port&) = delete;
    reserved_port& operator=(const reserved_port&) = delete;

    [[nodiscard]] std::uint16_t number() const noexcept { return number_; }
    /// "http://127.0.0.1:<port><path>"
    [[nodiscard]] std::string url(const std::string& path = "/") const;
    /// Listens, but lets nobody in any more: the system leaves further SYNs without an answer.
    void swallow_connections();
    /// The socket, which is the caller's from now on.
    [[nodiscard]] int release() noexcept;

private:
    int socket_ = -1;
    std::vector<int> fillers_;
    std::uint16_t number_ = 0;
};

/// Thread rule: all members from any thread. The destructor closes all connections and ends the server's thread.
class raw_server {
public:
    /// The n-th connection plays the n-th script; the last one serves all that come after it.
    explicit raw_server(std::vector<script> scripts, reserved_port&& at = reserved_port());
    explicit raw_server(script for_all, reserved_port&& at = reserved_port())
        : raw_server(std::vector<script>{std::move(for_all)}, std::move(at)) {}
    ~raw_server();
    raw_server(const raw_server&) = delete;
    raw_server& operator=(const raw_server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// "http://127.0.0.1:<port><path>"
    [[nodiscard]] std::string url(const std::string& path = "/") const;

    /// All requests so far, in the order of their last bytes.
    [[nodiscard]] std::vector<raw_request> requests() const;
    /// Connections accepted so far.
    [[nodiscard]] std::size_t connections() const;

    /// Wait, at most 20 seconds, until so many connections or requests have come or connections have ended.
    [[nodiscard]] bool wait_for_connections(std::size_t count) const;
    [[nodiscard]] bool wait_for_requests(std::size_t count) const;
    [[nodiscard]] bool wait_for_ended(std::size_t count) const;

private:
    class connection;

    void run();
    void accept_one();
    void note_request(const raw_request& request);

    const std::vector<script> scripts_;
    int listener_ = -1;
    int stop_ = -1;
    std::uint16_t port_ = 0;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<raw_request> requests_;
    std::size_t accepted_ = 0;
    std::size_t ended_ = 0;

    // Of the server's thread alone.
    std::vector<std::unique_ptr<connection>> open_;
    std::thread thread_;
};

}  // namespace logferry::support
