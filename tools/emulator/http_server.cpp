#include "http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <list>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "http_stream.hpp"

namespace logferry::emulation {
namespace {

constexpr std::size_t max_body = std::size_t{64} * 1024 * 1024;
constexpr int backlog = 512;
constexpr const char* loopback_ip = "127.0.0.1";

// Set by the handler of the request that this connection's thread serves. cpp-httplib offers no way from a handler to
// the connection, but it calls the handler in the connection's own thread.
thread_local bool hang_up_wanted = false;

http_request translate(const httplib::Request& from) {
    http_request to{.method = from.method, .path = from.path, .body = from.body};
    to.query.assign(from.params.begin(), from.params.end());
    for (const auto& header : from.headers) {
        // cpp-httplib's own additions.
        const bool added = header.first.starts_with("REMOTE_") || header.first.starts_with("LOCAL_");
        if (!added) to.headers.push_back(header);
    }
    return to;
}

void translate(const http_reply& from, httplib::Response& to) {
    to.status = from.status;
    to.body = from.body;
    for (const auto& [name, value] : from.headers) to.set_header(name, value);
    if (!to.has_header("Content-Type")) to.set_header("Content-Type", "application/json");
}

// A request without either header has no body (RFC 9112, section 6.3); cpp-httplib would read on to the connection's
// end.
void complete(httplib::Request& request) {
    if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
        request.set_header("Content-Length", "0");
    }
}

// cpp-httplib's server reduced to its protocol part: request in, handler, answer out.
class protocol : private httplib::Server {
public:
    explicit protocol(const http_server::handler& answer) {
        const auto serve = [&answer](const httplib::Request& request, httplib::Response& response) {
            const auto reply = answer(translate(request));
            hang_up_wanted = reply.hang_up;
            if (!reply.hang_up) translate(reply, response);
        };
        const std::string anything = ".*";
        Get(anything, serve).Post(anything, serve).Put(anything, serve).Patch(anything, serve);
        Delete(anything, serve).Options(anything, serve);
        set_payload_max_length(max_body);
        // Only announced, in the header Keep-Alive of each answer.
        set_keep_alive_max_count(1'000'000).set_keep_alive_timeout(3600);
    }

    /// False when the connection is to be closed.
    bool serve_one(http_stream& stream) {
        // Not a method, TLS for one. cpp-httplib would wait for the end of the line.
        if (std::isgraph(stream.peek()) == 0) return false;
        hang_up_wanted = false;
        bool last = false;
        const bool served = process(&protocol::process_request, stream, last);
        return served && !hang_up_wanted && stream.flush() && !last;
    }

private:
    using setup = std::function<void(httplib::Request&)>;
    // From some version on cpp-httplib wants to be told the addresses of both ends; before, it asked the stream.
    using asking = bool (httplib::Server::*)(httplib::Stream&, bool, bool&, const setup&);
    using told = bool (httplib::Server::*)(httplib::Stream&, const std::string&, int, const std::string&, int, bool,
                                           bool&, const setup&);

    bool process(asking one_request, http_stream& stream, bool& last) {
        return (this->*one_request)(stream, false, last, complete);
    }
    bool process(told one_request, http_stream& stream, bool& last) {
        return (this->*one_request)(stream, loopback_ip, 0, loopback_ip, 0, false, last, complete);
    }
};

// The constructor of cpp-httplib's server makes the whole process ignore SIGPIPE. That is for the application to
// decide; the emulator itself sends with MSG_NOSIGNAL.
class sigpipe_as_it_was {
public:
    sigpipe_as_it_was() { ::sigaction(SIGPIPE, nullptr, &before_); }
    ~sigpipe_as_it_was() { ::sigaction(SIGPIPE, &before_, nullptr); }

private:
    struct sigaction before_ {};
};

std::unique_ptr<protocol> make_protocol(const http_server::handler& answer) {
    const sigpipe_as_it_was guard;
    return std::make_unique<protocol>(answer);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

class unique_socket {
public:
    explicit unique_socket(int fd) : fd_(fd) {}
    ~unique_socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    unique_socket(const unique_socket&) = delete;
    unique_socket& operator=(const unique_socket&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

[[noreturn]] void fail(const char* what, std::uint16_t port) {
    throw std::runtime_error("emulator: cannot " + std::string(what) + " 127.0.0.1:" + std::to_string(port) + ": " +
                             std::system_category().message(errno));
}

void listen_on(int fd, std::uint16_t port) {
    const int on = 1;
    // Not SO_REUSEPORT, with which two emulators would share a port without a word.
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
    const auto address = loopback(port);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind to", port);
    if (::listen(fd, backlog) != 0) fail("listen on", port);
}

std::uint16_t bound_port(int fd) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace

struct http_server::core {
    core(std::uint16_t wanted, handler given)
        : answer(std::move(given)),
          http(make_protocol(answer)),
          listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        listen_on(listener.get(), wanted);
        port = bound_port(listener.get());
        acceptor = std::thread([this] { accept_all(); });
    }

    ~core() {
        stopping = true;
        ::shutdown(listener.get(), SHUT_RDWR);  // wakes the acceptor
        acceptor.join();
        {
            const std::lock_guard lock(mutex);
            for (auto& one : connections) {
                if (!one.finished) ::shutdown(one.socket.get(), SHUT_RDWR);  // wakes its thread
            }
        }
        for (auto& one : connections) one.thread.join();
    }

    struct connection {
        explicit connection(int fd) : socket(fd) {}
        unique_socket socket;
        bool finished = false;  // guarded by `mutex`
        std::thread thread;
    };

    void accept_all() {
        while (!stopping) {
            const int fd = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
            if (fd >= 0) {
                start(fd);
            } else if (errno == EMFILE || errno == ENFILE) {
                // Out of descriptors: the client waits in the backlog until one comes free.
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
            reap();
        }
    }

    void start(int fd) {
        const std::lock_guard lock(mutex);
        auto& added = connections.emplace_back(fd);
        try {
            added.thread = std::thread([this, &added] { serve(added); });
        } catch (const std::system_error&) {
            connections.pop_back();  // no thread to be had: hang up
        }
    }

    void serve(connection& one) {
        http_stream stream(one.socket.get());
        while (http->serve_one(stream)) {
        }
        const std::lock_guard lock(mutex);
        ::shutdown(one.socket.get(), SHUT_RDWR);  // the client is told now, the descriptor closed when reaped
        one.finished = true;
    }

    void reap() {
        std::list<connection> done;
        {
            const std::lock_guard lock(mutex);
            for (auto one = connections.begin(); one != connections.end();) {
                const auto next = std::next(one);
                if (one->finished) done.splice(done.end(), connections, one);
                one = next;
            }
        }
        for (auto& one : done) one.thread.join();
    }

    handler answer;
    std::unique_ptr<protocol> http;
    unique_socket listener;
    std::uint16_t port = 0;
    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::list<connection> connections;  // grown and shrunk by the acceptor only
    std::thread acceptor;
};

http_server::http_server(std::uint16_t port, handler answer) : core_(std::make_unique<core>(port, std::move(answer))) {}
http_server::~http_server() = default;
std::uint16_t http_server::port() const noexcept { return core_->port; }

}  // namespace logferry::emulation
