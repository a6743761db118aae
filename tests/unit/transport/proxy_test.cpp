// Requests that go through somebody else's hands.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>

#include "support/nginx_server.hpp"
#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A variable of the environment for the length of a test.
class environment_variable {
public:
    environment_variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~environment_variable() { ::unsetenv(name_); }
    environment_variable(const environment_variable&) = delete;
    environment_variable& operator=(const environment_variable&) = delete;

private:
    const char* name_;
};

class proxy_test : public transport_test {
protected:
    void use_proxy(const std::string& url, const std::string& credential = "shop:hush") {
        use({.proxy = url, .proxy_credential = secret(credential)});
    }

    http_response post_with_key(const std::string& url) {
        return post(add({url, {{"Authorization", "Bearer vendor-token"}, {"X-Api-Key", "vendor-key"}}}), "x");
    }
};

const std::string https_url = "https://vendor.invalid:8443/logs";

TEST_F(proxy_test, is_asked_for_plain_http_by_the_whole_address) {
    raw_server proxy(always(answer(202)));
    use_proxy(proxy.url());
    EXPECT_EQ(post_with_key("http://vendor.invalid/logs").status, 202);
    const std::string head = proxy.requests().at(0).head;
    EXPECT_THAT(head, StartsWith("POST http://vendor.invalid/logs HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nProxy-Authorization: Basic c2hvcDpodXNo\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nX-Api-Key: vendor-key\r\n"));
}

TEST_F(proxy_test, gets_any_password_as_it_is) {
    raw_server proxy(always(answer(202)));
    use_proxy(proxy.url(), "shop:p%41s:s@/ #");
    EXPECT_EQ(post_with_key("http://vendor.invalid/").status, 202);
    EXPECT_THAT(proxy.requests().at(0).head, HasSubstr("Proxy-Authorization: Basic c2hvcDpwJTQxczpzQC8gIw==\r\n"));
}

TEST_F(proxy_test, sees_nothing_of_the_vendors_headers_when_asked_for_a_tunnel) {
    raw_server proxy(script{read_request(), send(answer(403)), close_connection()});
    use_proxy(proxy.url());
    post_with_key(https_url);
    const std::string head = proxy.requests().at(0).head;
    EXPECT_THAT(head, StartsWith("CONNECT vendor.invalid:8443 HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nProxy-Authorization: Basic c2hvcDpodXNo\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("vendor-token")));
    EXPECT_THAT(head, Not(HasSubstr("vendor-key")));
}

class refusing_proxy_test : public proxy_test, public ::testing::WithParamInterface<int> {};

TEST_P(refusing_proxy_test, means_that_the_vendor_has_seen_nothing) {
    raw_server proxy(script{read_request(),
                            send(answer(GetParam(), "no", "Proxy-Authenticate: Basic realm=x\r\nRetry-After: 5\r\n")),
                            close_connection()});
    use_proxy(proxy.url());
    const http_response got = post_with_key(https_url);
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_EQ(got.status, 0);
    EXPECT_THAT(got.error, HasSubstr(std::to_string(GetParam())));
    EXPECT_THAT(got.error, HasSubstr("through the proxy " + proxy.url()));
    EXPECT_THAT(got.error, Not(HasSubstr("hush")));
    EXPECT_EQ(proxy.requests().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(with_status, refusing_proxy_test, ::testing::Values(403, 407, 502),
                         [](const auto& p) { return std::to_string(p.param); });

TEST_F(proxy_test, that_refuses_its_credential_for_plain_http_is_not_taken_for_the_vendor) {
    raw_server proxy(always(answer(407, "no", "Proxy-Authenticate: Basic realm=x\r\n")));
    use_proxy(proxy.url());
    const http_response got = post_with_key("http://vendor.invalid/");
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_EQ(got.status, 0);
    EXPECT_THAT(got.error, HasSubstr("407"));
}

TEST_F(proxy_test, status_407_of_a_vendor_without_a_proxy_is_the_vendors) {
    raw_server server(always(answer(407)));
    EXPECT_EQ(post(endpoint(server.url()), "x").status, 407);
}

TEST_F(proxy_test, that_is_dead_is_named) {
    const support::reserved_port closed;
    const auto gone = closed.url();
    use_proxy(gone);
    for (const std::string& url : {https_url, std::string("http://vendor.invalid/")}) {
        const http_response got = post_with_key(url);
        EXPECT_EQ(got.failure, http_failure::not_sent);
        EXPECT_THAT(got.error, HasSubstr("through the proxy " + gone));
        EXPECT_THAT(got.error, Not(HasSubstr("hush")));
    }
}

TEST_F(proxy_test, whose_tunnel_breaks_in_the_handshake_has_sent_nothing) {
    raw_server proxy(script{read_request(), send("HTTP/1.1 200 Connected\r\n\r\n"), read_bytes(1), reset_connection()});
    use_proxy(proxy.url());
    EXPECT_EQ(post_with_key(https_url).failure, http_failure::not_sent);
}

TEST_F(proxy_test, that_cannot_be_one_is_refused) {
    for (const char* url : {"socks5://127.0.0.1", "127.0.0.1:3128", "http://shop:hush@127.0.0.1"}) {
        use_proxy(url);
        try {
            endpoint("http://vendor.invalid/");
            ADD_FAILURE() << url;
        } catch (const std::runtime_error& refused) {
            EXPECT_THAT(refused.what(), StartsWith("proxy: "));
            EXPECT_THAT(refused.what(), Not(HasSubstr("hush")));
        }
    }
}

TEST_F(proxy_test, of_the_environment_is_used_when_asked_for) {
    raw_server proxy({always(answer(202)), {read_request(), send(answer(403)), close_connection()}});
    const environment_variable plain("http_proxy", proxy.url());
    const environment_variable secure("https_proxy", proxy.url());
    use({.proxy_from_environment = true});
    EXPECT_EQ(post_with_key("http://vendor.invalid/").status, 202);
    EXPECT_EQ(post_with_key(https_url).failure, http_failure::not_sent);
    EXPECT_THAT(proxy.requests().at(0).head, StartsWith("POST http://vendor.invalid/ "));
    EXPECT_THAT(proxy.requests().at(1).head, StartsWith("CONNECT vendor.invalid:8443 "));
}

TEST_F(proxy_test, of_the_environment_is_not_used_where_that_says_so) {
    raw_server proxy(always(answer(202)));
    raw_server server(always(answer(204)));
    const environment_variable plain("http_proxy", proxy.url());
    const environment_variable none("no_proxy", "127.0.0.1");
    use({.proxy_from_environment = true});
    EXPECT_EQ(post(endpoint(server.url()), "x").status, 204);
    EXPECT_EQ(proxy.connections(), 0u);
}

TEST_F(proxy_test, of_the_options_is_used_whatever_the_environment_says) {
    raw_server proxy(always(answer(202)));
    raw_server server(always(answer(204)));
    const environment_variable none("no_proxy", "*");
    use_proxy(proxy.url());
    EXPECT_EQ(post(endpoint(server.url()), "x").status, 202);
    EXPECT_EQ(server.connections(), 0u);
}

TEST_F(proxy_test, of_the_environment_that_cannot_be_read_is_not_quoted) {
    const environment_variable broken("http_proxy", "http://shop:hush@[bad");
    use({.proxy_from_environment = true});
    const http_response got = post_with_key("http://vendor.invalid/");
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_NE(got.error, "");
    EXPECT_THAT(got.error, Not(HasSubstr("hush")));
}

/// Connects the client of a CONNECT to a port of this machine and passes bytes both ways until either side ends.
class tunnel {
public:
    explicit tunnel(std::uint16_t to) : to_(to) {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 1) != 0 ||
            ::getsockname(listener_, plain, &size) != 0)
            throw std::runtime_error("no port for the proxy");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~tunnel() {
        ::shutdown(listener_, SHUT_RDWR);  // ends an accept that nobody came for
        thread_.join();
        ::close(listener_);
    }
    tunnel(const tunnel&) = delete;
    tunnel& operator=(const tunnel&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }

    void run() const {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(to_);
        char head[4096];
        const std::string connected = "HTTP/1.1 200 Connected\r\nRetry-After: 77\r\n\r\n";
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
            ::recv(client, head, sizeof head, 0) > 0 &&
            ::send(client, connected.data(), connected.size(), MSG_NOSIGNAL) > 0) {
            while (pass_on(client, server)) {
            }
        }
        ::close(server);
        ::close(client);
    }

    static bool pass_on(int client, int server) {
        pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        ::poll(both, 2, -1);
        const bool upwards = both[0].revents != 0;
        char piece[4096];
        const auto count = ::recv(upwards ? client : server, piece, sizeof piece, 0);
        return count > 0 &&
               ::send(upwards ? server : client, piece, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
    }

    std::uint16_t to_;
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port_ = 0;
    std::thread thread_;
};

TEST_F(proxy_test, passes_tls_through_its_tunnel_and_has_no_part_in_the_answer) {
    const support::test_certificates certificates;
    const support::nginx_server server(certificates);
    const std::string authority = server.authority();
    const tunnel proxy(static_cast<std::uint16_t>(std::stoul(authority.substr(authority.find(':') + 1))));
    use({.ca_file = certificates.path("ca.pem"), .proxy = proxy.url()});

    const http_response got = post(endpoint(server.url()), "x");

    EXPECT_EQ(got.status, 200) << got.error;
    EXPECT_THAT(got.body, HasSubstr("HTTP/2"));
    EXPECT_EQ(got.retry_after, "");
    transport_.reset();  // ends the tunnel
}

}  // namespace
}  // namespace logferry::transport
