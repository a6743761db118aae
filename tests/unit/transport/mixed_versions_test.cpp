// One name behind which some servers speak HTTP/2 and some do not, as during a rollout: libcurl then mixes answers up.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <support/nginx_server.hpp>

#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

/// Hands each new connection on to the next of several ports, byte by byte.
class balancer {
public:
    explicit balancer(std::vector<std::uint16_t> ports) : ports_(std::move(ports)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto at = loopback(0);
        ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at);
        ::listen(listener_, 128);
        socklen_t size = sizeof at;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~balancer() {
        stop_ = true;
        thread_.join();
        for (const auto& [from, to] : peers_) ::close(from);
        ::close(listener_);
    }
    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }

private:
    void run() {
        while (!stop_) {
            std::vector<pollfd> fds = {{listener_, POLLIN, 0}};
            for (const auto& [from, to] : peers_) fds.push_back({from, POLLIN, 0});
            if (::poll(fds.data(), fds.size(), 50) <= 0) continue;
            for (std::size_t i = 1; i < fds.size(); ++i) {
                if (fds[i].revents != 0 && peers_.count(fds[i].fd) != 0) hand_on(fds[i].fd);
            }
            if (fds[0].revents != 0) accept_one();
        }
    }
    void accept_one() {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto at = loopback(ports_[next_++ % ports_.size()]);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) std::abort();
        peers_[client] = server;
        peers_[server] = client;
    }
    void hand_on(int from) {
        std::array<char, 16384> bytes;
        const int to = peers_.at(from);
        const auto n = ::recv(from, bytes.data(), bytes.size(), 0);
        if (n > 0 && ::send(to, bytes.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL) == n) return;
        ::close(from);
        ::close(to);
        peers_.erase(from);
        peers_.erase(to);
    }

    std::vector<std::uint16_t> ports_;
    std::size_t next_ = 0;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::map<int, int> peers_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

std::uint16_t port_of(const support::nginx_server& server) {
    const auto authority = server.authority();
    return static_cast<std::uint16_t>(std::stoi(authority.substr(authority.find(':') + 1)));
}

class mixed_versions : public transport_test {};

TEST_F(mixed_versions, no_request_gets_the_answer_of_another) {
    constexpr std::uint64_t in_flight = 16;
    constexpr std::uint64_t requests = 6000;
    support::test_certificates certificates;
    support::nginx_setup setup{.directives = "keepalive_requests 100;", .answer = "return 200 '$request_uri';"};
    const support::nginx_server with(certificates, setup);
    setup.http2 = false;
    const support::nginx_server without(certificates, setup);
    const balancer both({port_of(with), port_of(without)});

    use({.ca_file = certificates.path("ca.pem")});
    const std::array to = {endpoint(both.url() + "/even"), endpoint(both.url() + "/odd")};
    std::uint64_t started = 0;
    while (started < in_flight) start(to[started % 2], "x", started), ++started;
    std::uint64_t in_doubt = 0;
    for (std::uint64_t ended = 0; ended < requests;) {
        std::vector<completion> some;
        transport_->drive(30s, some);
        ASSERT_FALSE(some.empty());
        for (const auto& done : some) {
            ++ended;
            if (done.response.failure != http_failure::none) {
                ++in_doubt;
            } else {
                ASSERT_EQ(done.response.body, done.tag % 2 == 0 ? "/even" : "/odd");
            }
            if (started < requests) start(to[started % 2], "x", started), ++started;
        }
    }
    EXPECT_LE(in_doubt, 10 * in_flight) << "only until it was noticed, and what servers that end connections leave";
}

}  // namespace
}  // namespace logferry::transport
