// Hosts and paths on their way to Profound. Expected values: Profound's "Custom Log Integration", RFC 9110 and RFC
// 3986.
#include "profound_request.hpp"

namespace logferry::test {
namespace {

using namespace std::string_view_literals;

TEST(profound_target, hosts_lose_all_but_the_name) {
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {"example.com:8080", "example.com"},
        {"Example.COM.", "example.com"},
        {"user:pw@example.com", "example.com"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"[::1]", "::1"},
        {"2001:db8::1", "2001:db8::1"},
        {"[fe80::1%eth0]:80", "fe80::1"},
        {"XN--MNCHEN-3YA.de", "xn--mnchen-3ya.de"},
        {"10.0.0.1:80", "10.0.0.1"},
        {"shop.example:", "shop.example"},
        {"fe80::1%eth0", "fe80::1"},
        {"2001:DB8::A", "2001:db8::a"},
        {"https://shop.example", "shop.example"},
        {"https://shop.example:8443/cart?a=b", "shop.example"},
        {" shop.example\n", "shop.example"}};
    for (const auto& [host, clean] : table) EXPECT_EQ(member("host", host), clean);
    EXPECT_EQ(member("host", value::json(R"(["a.example:81"])")), "a.example");
    for (const auto host : {""sv,
                            "-"sv,
                            " "sv,
                            "\n"sv,
                            "-\0"sv,
                            ":80"sv,
                            "."sv,
                            ".."sv,
                            "a.."sv,
                            "a..b"sv,
                            ".a"sv,
                            "a b"sv,
                            "a/b"sv,
                            "a\"b"sv,
                            "a\nb"sv,
                            "[]"sv,
                            "[::1"sv,
                            "[::1]x"sv,
                            "[::1]:x"sv,
                            "[a.example]"sv,
                            "[1.2.3.4:80]"sv,
                            "a:b:c"sv,
                            "shop.example:80:80"sv,
                            "[zz:y:x]:80"sv,
                            "shop.example:abc"sv,
                            "unix:/tmp/s"sv,
                            "https://"sv}) {
        EXPECT_TRUE(is_rejected("host", host)) << host;
    }
    EXPECT_EQ(member("host", std::string(255, 'h')), std::string(255, 'h'));
    EXPECT_TRUE(is_rejected("host", std::string(256, 'h')));
}

TEST(profound_target, paths_have_neither_query_nor_fragment) {
    const auto s = request_with("path", "/a%20b/%zz?x=%41&y#frag");
    EXPECT_EQ(s.body["path"], "/a%20b/%zz");
    EXPECT_EQ(s.body["query_params"], json::parse(R"({"x":"A","y":""})"));
    EXPECT_EQ(request_with("path", "/a#b?c=d").body["path"], "/a");
    EXPECT_FALSE(request_with("path", "/a#b?c=d").body.contains("query_params"));
    for (const auto path : {"*"sv, "example.com:443"sv, ""sv, "-"sv, "?a=b"sv, "\x16\x03"sv}) {
        EXPECT_TRUE(is_rejected("path", path)) << path;
    }
}

TEST(profound_target, an_absolute_target_gives_the_path_and_where_nothing_else_does_the_host) {
    const auto s = request_with("path", "http://Proxy.example:8080/a?b=c");
    EXPECT_EQ(s.body["path"], "/a");
    EXPECT_EQ(s.body["host"], "example.com");
    record_builder record;
    request(record).field("host", "-").field("path", "http://Proxy.example:8080");
    const auto without_host = send(*open(with_token()), record);
    EXPECT_EQ(without_host.body["host"], "proxy.example");
    EXPECT_EQ(without_host.body["path"], "/");
    EXPECT_EQ(member("path", "/redirect/http://other.example/"), "/redirect/http://other.example/");
}

TEST(profound_target, a_long_path_is_cut_without_a_broken_escape) {
    const std::string start = "/" + std::string(2045, 'a');  // 2046 characters
    EXPECT_EQ(request_with("path", start + "bb").result.clipped, 0U);
    EXPECT_EQ(member("path", start + "bb"), start + "bb");
    for (const auto end : {"%41%42"sv, "b%41%42"sv}) {
        const auto s = request_with("path", start + std::string(end));
        EXPECT_EQ(s.result.clipped, 1U);
        EXPECT_EQ(s.body["path"], start + std::string(end.substr(0, end.find('%'))));
    }
    EXPECT_EQ(member("path", "/" + std::string(2044, 'a') + "%41%42"), "/" + std::string(2044, 'a') + "%41");
    std::string emoji = "/";
    for (int i = 0; i < 2000; ++i) emoji += "\xF0\x9F\x90\x9B";
    EXPECT_EQ(utf16_length(member("path", emoji).get<std::string>()), 2047U) << "no half of a pair";
}

}  // namespace
}  // namespace logferry::test
