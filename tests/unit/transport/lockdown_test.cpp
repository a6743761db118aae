// Nothing that a server or the environment says moves a request, and with it the credentials, to another place.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "endpoint.hpp"
#include "exchange.hpp"
#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class lockdown_test : public transport_test {};

class redirect_test : public lockdown_test, public ::testing::WithParamInterface<int> {};

TEST_P(redirect_test, is_reported_and_never_followed) {
    raw_server elsewhere(always(answer(200)));
    raw_server server(always(answer(GetParam(), "", "Location: " + elsewhere.url() + "\r\n")));
    const auto to = add({server.url(), {{"X-Api-Key", "secret"}}});

    EXPECT_EQ(post(to, "x").status, GetParam());

    EXPECT_EQ(server.requests().size(), 1u);
    EXPECT_EQ(elsewhere.connections(), 0u);
}

INSTANTIATE_TEST_SUITE_P(with_status, redirect_test, ::testing::Values(301, 302, 303, 307, 308),
                         [](const auto& p) { return std::to_string(p.param); });

TEST_F(lockdown_test, challenge_is_reported_and_never_answered) {
    raw_server server(always(answer(401, "", "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=x\r\n")));
    EXPECT_EQ(post(endpoint(server.url()), "x").status, 401);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(lockdown_test, cookies_are_forgotten) {
    raw_server server(always(answer(200, "", "Set-Cookie: a=b; Path=/\r\n")));
    const auto to = endpoint(server.url());
    post(to, "x");
    post(to, "x");
    EXPECT_EQ(server.requests()[1].head, server.requests()[0].head);
}

TEST_F(lockdown_test, proxies_of_the_environment_are_ignored) {
    raw_server proxy(always(answer(200)));
    raw_server server(always(answer(204)));
    ASSERT_EQ(::setenv("http_proxy", proxy.url().c_str(), 1), 0);
    ASSERT_EQ(::setenv("ALL_PROXY", proxy.url().c_str(), 1), 0);
    const int status = post(endpoint(server.url()), "x").status;
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
    EXPECT_EQ(status, 204);
    EXPECT_EQ(proxy.connections(), 0u);
}

TEST_F(lockdown_test, netrc_is_ignored) {
    std::string home = ::testing::TempDir() + "netrc_XXXXXX";
    ASSERT_NE(::mkdtemp(home.data()), nullptr);
    std::ofstream(home + "/.netrc") << "machine 127.0.0.1 login somebody password something\n";
    const std::string home_before = std::getenv("HOME") ? std::getenv("HOME") : "";
    ::setenv("HOME", home.c_str(), 1);
    raw_server server(always(answer(200)));
    post(endpoint(server.url()), "x");
    ::setenv("HOME", home_before.c_str(), 1);
    ::unlink((home + "/.netrc").c_str());
    ::rmdir(home.c_str());
    EXPECT_THAT(server.requests().at(0).head, Not(HasSubstr("Authorization")));
}

TEST_F(lockdown_test, user_name_in_the_url_is_refused_unsent_and_unsaid) {
    raw_server server(always(answer(200)));
    const http_response got =
        post(endpoint("http://somebody:hush@127.0.0.1:" + std::to_string(server.port()) + "/"), "x");
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_EQ(server.connections(), 0u);
    EXPECT_THAT(got.error, Not(HasSubstr("hush")));
    EXPECT_THAT(got.error, Not(HasSubstr("somebody")));
}

TEST_F(lockdown_test, endpoint_speaks_http_or_https_only) {
    for (const char* url : {"ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:80", "httpx://127.0.0.1/", ""}) {
        EXPECT_THROW(add({url, {}}), std::runtime_error) << url;
    }
    EXPECT_NO_THROW(add({"HTTPS://127.0.0.1/", {}}));
}

TEST_F(lockdown_test, endpoint_takes_no_header_that_leaves_its_line) {
    const std::string nul("a\0b", 3);
    for (const http_header& header : std::vector<http_header>{
             {"X", "a\r\nY: b"}, {"X", "a\nY: b"}, {"X", "a\r"}, {"X", nul}, {"X\r\nY", "b"}, {nul, "b"}, {"", "b"}}) {
        EXPECT_THROW(add({"http://127.0.0.1/", {header}}), std::runtime_error) << header.value;
    }
}

/// A prepared handle that is told to go to another address, as a flaw elsewhere might.
CURLcode perform_misled(const char* configured, const std::string& url) {
    const http_options options;
    gzip_encoder encoder;
    const connection_cache apart;
    lines all;
    descriptor_list open;
    exchange misled(0, std::make_shared<const endpoint>(http_endpoint{configured, {}}), options, apart, all, open);
    misled.load({.body = "x"}, encoder);
    curl_easy_setopt(misled.handle(), CURLOPT_URL, url.c_str());
    return curl_easy_perform(misled.handle());
}

TEST_F(lockdown_test, handle_for_http_speaks_nothing_else) {
    for (const char* url : {"https://127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/hostname", "gopher://127.0.0.1/"}) {
        EXPECT_EQ(perform_misled("http://127.0.0.1/", url), CURLE_UNSUPPORTED_PROTOCOL) << url;
    }
}

TEST_F(lockdown_test, handle_for_https_does_not_fall_back_on_http) {
    raw_server server(always(answer(200)));
    EXPECT_EQ(perform_misled("https://127.0.0.1/", server.url()), CURLE_UNSUPPORTED_PROTOCOL);
    EXPECT_EQ(server.connections(), 0u);
}

}  // namespace
}  // namespace logferry::transport
