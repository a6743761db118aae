// Query parameters and referers on their way to Profound: decoded, bounded, and without secrets.
#include "profound_request.hpp"

namespace logferry::test {
namespace {

using namespace std::string_view_literals;

json query_of(std::string_view query) { return member("query_params", query); }

TEST(profound_query, query_parameters_are_decoded) {
    EXPECT_EQ(query_of("a=b+c&d=%E2%82%AC&%65=f&g&h=&i=j=k&=x&&l=%zz%4"),
              json::parse(R"({"a":"b c","d":"€","e":"f","g":"","h":"","i":"j=k","l":"%zz%4"})"));
    EXPECT_EQ(query_of("?a=1#frag"), json::parse(R"({"a":"1"})"));
    EXPECT_EQ(query_of("bad=%FF%FE&nul=a%00b"), (json{{"bad", "\xEF\xBF\xBD\xEF\xBF\xBD"}, {"nul", "ab"}}));
    EXPECT_EQ(query_of("a=1&b=2&a=3"), json::parse(R"({"a":"3","b":"2"})"));
    for (const auto query : {""sv, "-"sv, "&&"sv, "?"sv, "=x"sv, "%00=x"sv})
        EXPECT_TRUE(query_of(query).is_null()) << query;
}

TEST(profound_query, query_parameters_may_come_as_an_object) {
    EXPECT_EQ(member("query_params",
                     value::json(R"({"category":"electronics","page":1,"deep":{"a":[]},"none":null,"":"x"})")),
              json::parse(R"({"category":"electronics","page":"1","deep":"{\"a\":[]}","none":""})"));
}

TEST(profound_query, at_most_fifty_query_parameters_are_sent) {
    std::string query;
    for (int i = 0; i < 60; ++i) query += numbered("k", i) + "=v&";
    const auto s = request_with("query_params", query + "k0=last");
    EXPECT_EQ(s.body["query_params"].size(), 50U);
    EXPECT_EQ(s.body["query_params"]["k0"], "last");
    EXPECT_EQ(s.result.clipped, 10U);
}

TEST(profound_query, long_query_parameters_are_cut_and_kept_apart) {
    const std::string key(100, 'k');
    const auto s = request_with("query_params", key + "a=1&" + key + "b=2&" + key + "=3&v=" + std::string(1001, 'v'));
    const auto& query = s.body["query_params"];
    EXPECT_EQ(query.size(), 4U);
    EXPECT_EQ(s.result.clipped, 3U);
    EXPECT_EQ(query[std::string(97, 'k') + "..."], "1");
    EXPECT_EQ(query[std::string(97, 'k') + ".~2"], "2");
    EXPECT_EQ(query[key], "3");
    EXPECT_EQ(query["v"].get<std::string>().size(), 1000U);
    EXPECT_EQ(query_of("%FF=1&%FE=2"), (json{{"\xEF\xBF\xBD", "1"}, {"\xEF\xBF\xBD~2", "2"}}));
}

TEST(profound_query, an_endless_query_costs_no_more_than_a_long_one) {
    std::string query;
    for (int i = 0; i < 100'000; ++i) query += std::to_string(i) + "&";
    const auto s = request_with("query_params", query);
    EXPECT_EQ(s.body["query_params"].size(), 50U);
    EXPECT_LT(s.result.clipped, 5000U) << "what is past 16 KiB is not looked at";
}

TEST(profound_query, secrets_in_queries_are_hidden) {
    EXPECT_EQ(query_of("token=1&KEY=2&access_token=3&apiKey=4&X-Amz-Sig=5&postal_code=6&keyword=7&monkey=8&%74oken2=9"),
              json::parse(R"({"token":"REDACTED","KEY":"REDACTED","access_token":"REDACTED","apiKey":"REDACTED",
                              "X-Amz-Sig":"REDACTED","postal_code":"REDACTED","keyword":"7","monkey":"8","token2":"REDACTED"})"));
    for (const auto name : {"token"sv, "key"sv, "password"sv, "secret"sv, "code"sv, "sig"sv, "email"sv, "session"sv}) {
        EXPECT_EQ(query_of(std::string(name) + "=x")[std::string(name)], "REDACTED");
    }
    EXPECT_EQ(query_of("TOKEN2=1&key_07=2&web2=3&2=4"),
              json::parse(R"({"TOKEN2":"REDACTED","key_07":"REDACTED","web2":"3","2":"4"})"));
    auto options = with_token();
    options.redact = {"q"};
    EXPECT_EQ(request_with("query_params", "token=1&Q=2", options).body["query_params"],
              json::parse(R"({"token":"1","Q":"REDACTED"})"));
}

TEST(profound_query, a_secret_behind_a_semicolon_is_hidden) {
    EXPECT_EQ(query_of("a=1;token=2;b=3;;key&c=x%3Bsig=4;token=5"),
              json::parse(R"({"a":"1;token=REDACTED;b=3;;key","c":"x;sig=REDACTED;token=REDACTED"})"));
    EXPECT_EQ(query_of("a;token=2&token;b=3"), json::parse(R"({"a;token":"REDACTED","token;b":"REDACTED"})"));
    EXPECT_EQ(member("referer", "https://e.example/?a=1;token=2;b=3&c=4;%6Bey=5"),
              "https://e.example/?a=1;token=REDACTED;b=3&c=4;%6Bey=REDACTED");
    EXPECT_EQ(member("query_params", value::json(R"({"a":"1;token=2"})"))["a"], "1;token=REDACTED");
}

TEST(profound_query, referers_lose_user_fragment_and_secrets) {
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {"https://example.com", "https://example.com"},
        {"https://anna:pw@example.com/a@b?c=d#e", "https://example.com/a@b?c=d"},
        {"https://example.com/reset?token=abc&x=1", "https://example.com/reset?token=REDACTED&x=1"},
        {"//u@h/p", "//h/p"},
        {"u:p@example.com/x", "example.com/x"},
        {"u:p@example.com", "example.com"},
        {"https:u:p@example.com/x", "example.com/x"},
        {R"(https:\\u:p@h/x)", R"(https:\\h/x)"},
        {"https:///u:p@h/x", "https:///h/x"},
        {"/search/a@b", "/search/a@b"},
        {"example.com/a@b", "example.com/a@b"},
        {"https://example.com/?token", "https://example.com/?token"},
        {"https://a.example/?", "https://a.example/"}};
    for (const auto& [referer, clean] : table) EXPECT_EQ(member("referer", referer), clean);
    for (const auto referer : {"-"sv, ""sv, " "sv, "\n"sv, "\0"sv, "-\0"sv, "-#x"sv, "\0#x"sv, "u@-"sv})
        EXPECT_TRUE(member("referer", referer).is_null());
    const auto s = request_with("referer", std::string("https://e.example/").append(3000, 'r'));
    EXPECT_EQ(s.body["referer"].get<std::string>().size(), 2048U);
    EXPECT_EQ(s.result.clipped, 1U);
}

}  // namespace
}  // namespace logferry::test
