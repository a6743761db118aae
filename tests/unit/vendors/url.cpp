// Which addresses and credentials are accepted, and that no message shows what it complains about.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vendors/url.hpp>

namespace logferry::vendors {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string complaint_about(std::string_view url, bool allow_insecure = false) {
    std::vector<config_problem> problems;
    check_base_url(url, allow_insecure, "base_url", problems);
    EXPECT_LE(problems.size(), 1U);
    if (problems.empty()) return {};
    EXPECT_EQ(problems[0].field, "base_url");
    EXPECT_FALSE(problems[0].message.empty());
    return problems[0].message;
}

std::string complaint_about(const secret& credential) {
    std::vector<config_problem> problems;
    check_secret(credential, "token", problems);
    EXPECT_LE(problems.size(), 1U);
    return problems.empty() ? std::string() : problems[0].message;
}

TEST(join_url, puts_one_slash_between) {
    EXPECT_EQ(join_url("https://api.example.org", "/push"), "https://api.example.org/push");
    EXPECT_EQ(join_url("https://api.example.org/", "/push"), "https://api.example.org/push");
    EXPECT_EQ(join_url("https://api.example.org///", "/push"), "https://api.example.org/push");
    EXPECT_EQ(join_url("https://example.org/logs/", "/push"), "https://example.org/logs/push");
}

TEST(join_url, does_not_repeat_what_the_base_has) {
    EXPECT_EQ(join_url("https://h/api/event", "/api/event"), "https://h/api/event");
    EXPECT_EQ(join_url("https://h/api/event/", "/api/event"), "https://h/api/event");
    EXPECT_EQ(join_url("https://h/api/v1", "/api/v1/log/create"), "https://h/api/v1/log/create");
    EXPECT_EQ(join_url("https://h/x/api", "/api/v1/log/create"), "https://h/x/api/v1/log/create");
}

TEST(join_url, takes_neither_the_host_nor_half_a_name_for_the_path) {
    EXPECT_EQ(join_url("https://api", "/api/event"), "https://api/api/event");
    EXPECT_EQ(join_url("https://h/my-api", "/api/event"), "https://h/my-api/api/event");
    EXPECT_EQ(join_url("https://h/ap", "/api/event"), "https://h/ap/api/event");
}

TEST(base_url, may_be_any_https_address) {
    for (const auto* url : {"https://logs.example.org", "HTTPS://Logs.Example.org", "https://h", "https://h:8443/x/y",
                            "https://10.0.0.7/", "https://[2001:db8::1]", "https://[2001:db8::1]:8443/x", "https://h./",
                            "https://log_collector:443", "https://h/%7Euser"}) {
        EXPECT_EQ(complaint_about(url), "") << url;
    }
}

TEST(base_url, may_be_http_to_loopback_only) {
    for (const auto* url : {"http://localhost", "http://LOCALHOST:80/x", "http://127.0.0.1:8080", "http://127.9.9.9",
                            "http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]"}) {
        EXPECT_EQ(complaint_about(url), "") << url;
    }
    for (const auto* url : {"http://example.org", "http://128.0.0.1", "http://127.0.0.1.example.org", "http://127.1",
                            "http://[::2]", "http://localhost.example.org", "http://[::ffff:127.0.0.1]"}) {
        EXPECT_THAT(complaint_about(url), HasSubstr("use https://")) << url;
        EXPECT_EQ(complaint_about(url, true), "") << url;
    }
}

TEST(base_url, refuses_what_is_not_an_address) {
    EXPECT_THAT(complaint_about(""), HasSubstr("empty"));
    EXPECT_THAT(complaint_about("logs.example.org"), HasSubstr("no scheme"));
    EXPECT_THAT(complaint_about("ftp://example.org"), HasSubstr("unknown scheme"));
    EXPECT_THAT(complaint_about("file:///etc/passwd"), HasSubstr("unknown scheme"));
    EXPECT_THAT(complaint_about("https://"), HasSubstr("no host"));
    EXPECT_THAT(complaint_about("https:///x"), HasSubstr("no host"));
    EXPECT_THAT(complaint_about("https://:443"), HasSubstr("no host"));
    for (const auto* url : {"https://a..b", "https://.a", "https://a,b", "https://[::1", "https://[]", "https://[::1]x",
                            "https://[fe80::1%25eth0]", "https://[h]", "https://a%62"}) {
        EXPECT_THAT(complaint_about(url), HasSubstr("host")) << url;
    }
    for (const auto* url : {"https://h:", "https://h:0", "https://h:65536", "https://h:99999999999", "https://h:8x",
                            "https://h:-1", "https://fe80::1"}) {
        EXPECT_THAT(complaint_about(url), HasSubstr("port")) << url;
    }
}

TEST(base_url, refuses_what_does_not_belong_into_a_base) {
    EXPECT_THAT(complaint_about("https://h/x?y=1"), HasSubstr("query"));
    EXPECT_THAT(complaint_about("https://h/x#y"), HasSubstr("fragment"));
    EXPECT_THAT(complaint_about("https://h\\x"), HasSubstr("backslash"));
    using namespace std::string_view_literals;
    for (const auto url : {" https://h"sv, "https://h/a b"sv, "https://h\r\nX: y"sv, "https://h\0"sv, "https://h\x7F"sv,
                           "https://h\xC3\xA4"sv}) {
        EXPECT_THAT(complaint_about(url), HasSubstr("control byte")) << url;
    }
}

TEST(base_url, never_shows_a_password) {
    const auto said = complaint_about("https://user:hunter2@example.org/x");
    EXPECT_THAT(said, HasSubstr("password"));
    EXPECT_THAT(said, Not(HasSubstr("hunter2")));
    EXPECT_THAT(complaint_about("https://user:hunter2@exa mple.org"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(complaint_about("hunter2"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(complaint_about("http://user:hunter2@example.org/x"), Not(HasSubstr("hunter2")));
}

TEST(credential, may_hold_anything_printable) {
    EXPECT_EQ(complaint_about(secret("12|aB+/=~.-_")), "");
    EXPECT_EQ(complaint_about(secret(std::string(8 * 1024, 'x'))), "");
}

TEST(credential, is_refused_with_a_remedy_when_it_cannot_work) {
    EXPECT_THAT(complaint_about(secret()), HasSubstr("missing"));
    EXPECT_THAT(complaint_about(secret("")), HasSubstr("missing"));
    EXPECT_THAT(complaint_about(secret(std::string(8 * 1024 + 1, 'x'))), HasSubstr("8 KiB"));
    for (const auto& token :
         {std::string("abc\n"), std::string("a\rb"), std::string("a\0b", 3), std::string("a\x7F")}) {
        EXPECT_THAT(complaint_about(secret(token)), HasSubstr("control byte"));
    }
    EXPECT_THAT(complaint_about(secret(" abc")), HasSubstr("blank"));
    EXPECT_THAT(complaint_about(secret("abc ")), HasSubstr("blank"));
}

TEST(credential, that_could_not_be_read_says_why) {
    const auto said = complaint_about(secret::from_env("LOGFERRY_TEST_NO_SUCH_VARIABLE"));
    EXPECT_THAT(said, HasSubstr("LOGFERRY_TEST_NO_SUCH_VARIABLE"));
}

TEST(credential, is_never_shown) {
    EXPECT_THAT(complaint_about(secret("hunter2\n")), Not(HasSubstr("hunter2")));
    EXPECT_THAT(complaint_about(secret(" hunter2")), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace logferry::vendors
