// Whatever a record holds, LogSentry, Profound and Logwire get valid JSON within every limit that they document or that
// docs/vendors sets, what the caller gave as raw JSON included. Each body is judged by the emulator, and what that does
// not know is checked here. Neither shares code with what it checks.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <set>

#include <vendor_apis.hpp>

#include <gmock/gmock.h>
#include "encoding.hpp"

namespace logferry::test {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kibi = 1024;
constexpr int record_count = 600;

/// Makes records that go wrong wherever a record can.
class hostile {
public:
    explicit hostile(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    template <typename Choices>
    auto any_of(const Choices& choices) {
        return choices[below(choices.size())];
    }

    std::string bytes(std::size_t longest) {
        std::string out(below(longest + 1), '\0');
        const bool printable = below(3) != 0;
        for (auto& c : out) c = static_cast<char>(printable ? ' ' + below(95) : below(256));
        return out;
    }

    std::string text() {
        static constexpr std::array pieces = {"\""sv,
                                              "\\"sv,
                                              "\0"sv,
                                              "\n"sv,
                                              "\x7F"sv,
                                              "%"sv,
                                              "%4"sv,
                                              "%00"sv,
                                              "%FF"sv,
                                              "&"sv,
                                              "="sv,
                                              "+"sv,
                                              "?"sv,
                                              "#"sv,
                                              "@"sv,
                                              "://"sv,
                                              "é"sv,
                                              "\xF0\x9F\x90\x9B"sv,
                                              "\xED\xA0\x80"sv,
                                              "\xC0\xAF"sv,
                                              "\xF0\x9F"sv,
                                              "\u2028"sv,
                                              "\u00A0"sv,
                                              "\u0301"sv,
                                              "a"sv,
                                              "token="sv,
                                              ";"sv,
                                              " "sv,
                                              "-"sv,
                                              "."sv,
                                              "\u200B"sv,
                                              ","sv,
                                              "[::1]"sv,
                                              ":80"sv};
        if (below(3) == 0) return bytes(below(20) == 0 ? 60'000 : 300);
        std::string out;
        for (auto n = below(below(10) == 0 ? 3000 : 20); n != 0; --n) out += any_of(pieces);
        return out;
    }

    std::string key() {
        static constexpr std::array known = {"method"sv,
                                             "http.request.method"sv,
                                             "http.request.method_original"sv,
                                             "host"sv,
                                             "server.address"sv,
                                             "path"sv,
                                             "url.path"sv,
                                             "http.target"sv,
                                             "status_code"sv,
                                             "http.status_code"sv,
                                             "ip"sv,
                                             "client.address"sv,
                                             "user_agent"sv,
                                             "query_params"sv,
                                             "url.query"sv,
                                             "referer"sv,
                                             "http.request.header.referer"sv,
                                             "bytes_sent"sv,
                                             "duration_ms"sv,
                                             "severity"sv,
                                             "type"sv,
                                             "alert"sv,
                                             "tags"sv,
                                             "reference"sv,
                                             "label"sv,
                                             "body"sv,
                                             "user"sv,
                                             "request"sv,
                                             "level"sv,
                                             "ts"sv,
                                             "field.ts"sv,
                                             "_truncated"sv,
                                             "__truncated"sv,
                                             "0"sv,
                                             "_0"sv,
                                             "-7"sv,
                                             " "sv,
                                             "\n"sv,
                                             "\u3000"sv,
                                             "\u200B"sv};
        return below(2) == 0 ? std::string(any_of(known)) : text().substr(0, 400);
    }

    value scalar() {
        static constexpr std::array numbers = {0.0,
                                               -0.0,
                                               0.5,
                                               -1.0,
                                               1e300,
                                               5e-324,
                                               200.0,
                                               404.5,
                                               9007199254740993.0,
                                               18446744073709551616.0,
                                               36893488147419103232.0,
                                               1e20,
                                               std::numeric_limits<double>::quiet_NaN(),
                                               std::numeric_limits<double>::infinity(),
                                               -std::numeric_limits<double>::infinity()};
        switch (below(4)) {
            case 0:
                return static_cast<std::int64_t>(random_() >> below(64));
            case 1:
                return random_() >> below(64);
            case 2:
                return any_of(numbers);
            default:
                return below(2) == 0;
        }
    }

    std::string json_text() {
        static const std::array<std::string, 22> documents = {
            "{}",
            "[]",
            "null",
            R"({"a":"1","b":[2,{"c":null}],"token":"t"})",
            R"(["first","second"])",
            R"("text")",
            "{broken",
            R"(["\ud800"])",
            R"({"a\u0000":1})",
            "1e400",
            R"({"a":1,"a":2})",
            R"({"a":{"b":1,"\u0062":2},"c":[{"d":1,"d":2}]})",
            R"({"id":9007199254740993,"n":-9007199254740993})",
            "36893488147419103232",
            R"({"_truncated":1,"big":123456789012345678901234567890})",
            "{\"_truncated\":1,\"k\":\"" + std::string(20'000, 'x') + "\"}",
            "{\"u\":\"\u2028\u2029\"}",
            R"("\u2028")",
            R"("200")",
            "[1e5,1e20,18446744073709551616.0]",
            std::string(500, '[') + std::string(500, ']'),
            "{\"k\":\"" + std::string(40'000, 'x') + "\",\"l\":[\"},{\"]}"};
        return below(4) == 0 ? text() : any_of(documents);
    }

    void add_field(record_builder& to) {
        switch (below(3)) {
            case 0:
                to.field(key(), scalar());
                break;
            case 1:
                to.field(key(), value::json(json_text()));
                break;
            default:
                to.field(key(), text());
                break;
        }
    }

    /// Makes an access log entry of the record, one that is plausible more often than not.
    void add_request(record_builder& to) {
        static constexpr std::array methods = {"GET"sv, "post"sv, "_OTHER"sv, "VERSION-CONTROL"sv, "\x16\x03"sv};
        static constexpr std::array hosts = {"example.com"sv,  "[::1]:443"sv,  "A.B."sv,
                                             "a b"sv,          "a:b:c"sv,      "shop.example:80:80"sv,
                                             "[zz:y:x]:80"sv,  "a.."sv,        "https://shop.example/a"sv,
                                             "fe80::1%eth0"sv, "unix:/tmp/s"sv};
        static constexpr std::array agents = {"\0"sv, "-\0"sv, "\n"sv, "-"sv};
        static constexpr std::array addresses = {"192.0.2.1"sv, "[2001:db8::1%eth0]:80"sv, "unix:"sv, "name"sv};
        to.field("method", any_of(methods)).field("host", any_of(hosts)).field("ip", any_of(addresses));
        to.field("path", "/" + text()).field("status_code", 90 + below(520));
        to.field("user_agent", below(8) == 0 ? std::string(any_of(agents)) : text() + "x");
        if (below(2) == 0) to.field("query_params", text());
        if (below(2) == 0) to.field("referer", below(4) == 0 ? text() : "https://u:p@example.com/" + text());
        if (below(2) == 0) to.field("bytes_sent", scalar()).field("duration_ms", scalar());
    }

    void fill(record_builder& to) {
        to.lvl(static_cast<level>(below(level_count))).message(text()).logger(text().substr(0, 1000));
        to.time_ns(static_cast<std::int64_t>(random_())).thread(random_()).source(text(), 7, text());
        if (below(3) != 0) add_request(to);
        for (auto n = below(4) == 0 ? below(301) : below(6); n != 0; --n) add_field(to);
    }

private:
    std::mt19937_64 random_;
};

std::string text_of(const json& body, const char* key) { return body.at(key).get<std::string>(); }

void expect_only(const json& body, const std::set<std::string>& allowed, const std::set<std::string>& required) {
    for (const auto& key : keys_of(body)) EXPECT_TRUE(allowed.contains(key) || required.contains(key)) << key;
    for (const auto& key : required) EXPECT_TRUE(body.contains(key)) << key;
}

void expect_part(const json& part) {
    if (part.is_string()) {
        const auto inner = part.get<std::string>();
        EXPECT_LE(inner.size(), 16 * kibi);
        EXPECT_TRUE(json::parse(inner, nullptr, false).is_object());
    } else {
        EXPECT_TRUE(part.is_object());
    }
}

void expect_logsentry(const json& body) {
    expect_only(body, {"context", "user", "request"}, {"project", "level", "msg"});
    EXPECT_EQ(body["project"], 12);
    EXPECT_TRUE(body["level"].is_number_integer() && body["level"] >= 0 && body["level"] <= 7);
    EXPECT_FALSE(text_of(body, "msg").empty());
    EXPECT_LE(text_of(body, "msg").size(), 32 * kibi);
    for (const auto part : {"context", "user", "request"}) {
        if (body.contains(part)) expect_part(body[part]);
    }
}

bool is_ip(const std::string& text) {
    in6_addr room{};
    return inet_pton(AF_INET, text.c_str(), &room) == 1 || inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

void expect_profound(const json& body) {
    expect_only(body, {"query_params", "referer", "bytes_sent", "duration_ms"},
                {"timestamp", "method", "host", "path", "status_code", "ip", "user_agent"});
    EXPECT_THAT(text_of(body, "timestamp"),
                testing::MatchesRegex("-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
    const std::vector<std::pair<const char*, std::size_t>> limits = {
        {"method", 10}, {"host", 255}, {"path", 2048}, {"ip", 45}, {"user_agent", 1024}};
    for (const auto& [key, limit] : limits) {
        EXPECT_FALSE(text_of(body, key).empty()) << key;
        EXPECT_LE(utf16_length(text_of(body, key)), limit) << key;
    }
    EXPECT_TRUE(is_ip(text_of(body, "ip")));
    EXPECT_TRUE(body["path"].get<std::string>().starts_with('/'));
    EXPECT_TRUE(body["status_code"].is_number_integer() && body["status_code"] >= 100 && body["status_code"] <= 599);
    EXPECT_LE(utf16_length(body.value("referer", "")), 2048U);
    for (const auto number : {"bytes_sent", "duration_ms"}) {
        const auto found = body.value(number, json(0));
        EXPECT_TRUE(found.is_number_integer() && found >= 0) << number;
    }
    if (!body.contains("query_params")) return;
    EXPECT_TRUE(body["query_params"].is_object() && !body["query_params"].empty() && body["query_params"].size() <= 50);
    for (const auto& [key, v] : body["query_params"].items()) {
        EXPECT_TRUE(!key.empty() && utf16_length(key) <= 100);
        EXPECT_LE(utf16_length(v.get<std::string>()), 1000U);
        EXPECT_TRUE(key != "token" || v == "REDACTED");
    }
}

void expect_logwire(const json& body) {
    expect_only(body, {"reference", "tags", "custom_references"}, {"channel_id", "label", "body", "type", "alert"});
    static const std::set<std::string> types = {"page_view", "action", "success", "error", "information"};
    EXPECT_TRUE(types.contains(text_of(body, "type")));
    EXPECT_TRUE(body["alert"].is_boolean());
    for (const auto key : {"label", "reference"}) EXPECT_LE(utf16_length(body.value(key, "")), 255U);
    EXPECT_FALSE(text_of(body, "label").empty());
    EXPECT_FALSE(text_of(body, "body").empty());
    EXPECT_LE(text_of(body, "body").size(), 32 * kibi);
    if (body.contains("tags")) {
        const auto tags = "," + text_of(body, "tags") + ",";
        EXPECT_TRUE(tags.size() > 2 && tags.size() <= kibi + 2);
        EXPECT_EQ(tags.find(",,"), std::string::npos);
    }
    if (!body.contains("custom_references")) return;
    EXPECT_LE(body["custom_references"].dump().size(), 16 * kibi);
    for (const auto& [key, v] : body["custom_references"].items()) {
        EXPECT_TRUE(v.is_string()) << key;
        EXPECT_TRUE(key.find_first_not_of("0123456789") != key.npos) << key;
    }
}

/// The emulator takes the record, sent alone to the vendor's address with the vendor's headers.
void expect_taken(const vendor& by, const std::string& body) {
    const auto& apis = emulation::vendor_apis();
    const auto api = std::find_if(apis.begin(), apis.end(), [&](const auto& a) { return a.name == by.name(); });
    ASSERT_NE(api, apis.end());
    emulation::request incoming;
    const auto& url = by.endpoint().url;
    incoming.path = url.substr(url.find('/', url.find("://") + 3));
    for (const auto& h : by.endpoint().headers) incoming.headers.emplace_back(h.name, h.value);
    incoming.body = std::string(by.limits().open) + body + std::string(by.limits().close);
    const auto reply = api->answer(incoming, {.token = "t"});
    EXPECT_EQ(reply.accepted, 1U) << reply.body;
    EXPECT_EQ(reply.problem, "");
}

/// Sends many records and checks each body; gives how many came to what.
std::array<int, 3> run(vendor& to, const std::function<void(const json&)>& check) {
    std::array<int, 3> count{};
    for (int seed = 0; seed < record_count; ++seed) {
        hostile source(static_cast<unsigned>(seed));
        record_builder record;
        source.fill(record);
        // Profound wants times in a "reasonable range", and nothing else of a record's time can be wrong.
        if (to.name() == "profound") record.time_ns(1'704'974'400'000'000'000 + seed);
        const auto s = send(to, record);
        ++count[static_cast<std::size_t>(s.result.what)];
        EXPECT_EQ(s.result.reason.empty(), s.result.what == encoded::result::ok);
        if (s.result.what == encoded::result::ok) {
            expect_taken(to, s.text);
            EXPECT_LE(s.text.size() + 2, to.limits().batch_bytes);
            check(s.body);
        }
        if (testing::Test::HasFailure()) {
            ADD_FAILURE() << "seed " << seed << ": " << s.text.substr(0, 2000);
            break;
        }
    }
    return count;
}

TEST(hostile_record, becomes_a_logsentry_entry_in_every_shape) {
    for (const auto shape : {logsentry::shape::text, logsentry::shape::nested}) {
        logsentry options{12, secret("t")};
        options.context_as = shape;
        const auto count = run(*open(options), expect_logsentry);
        EXPECT_EQ(count[0], record_count) << "one record in, one body out";
    }
}

TEST(hostile_record, becomes_a_logsentry_event) {
    logsentry options{0, secret("t")};
    options.flavor = logsentry::api::event_v1;
    options.app = "shop";
    const auto count = run(*open(options), [](const json& body) {
        expect_only(body, {"context"}, {"app", "level", "msg"});
        if (body.contains("context")) expect_part(body["context"]);
    });
    EXPECT_EQ(count[0], record_count);
}

TEST(hostile_record, becomes_a_profound_entry_or_none) {
    const auto count = run(*open(profound{secret("t")}), expect_profound);
    for (const auto what : {encoded::result::ok, encoded::result::filtered, encoded::result::rejected}) {
        EXPECT_GT(count[static_cast<std::size_t>(what)], 20);
    }
}

TEST(hostile_record, becomes_a_logwire_log_in_every_shape) {
    logwire options{"https://logwire.example.org", "42", secret("t")};
    options.alert_from = level::err;
    options.tags = {"{field:label}", "{message}"};
    EXPECT_EQ(run(*open(options), expect_logwire)[0], record_count);
    options.custom_references = logwire::references::pairs;
    const auto count = run(*open(options), [](const json& body) {
        EXPECT_TRUE(body.contains("custom_references") && body["custom_references"].is_array());
        EXPECT_LE(body["custom_references"].dump().size(), 16 * kibi);
    });
    EXPECT_EQ(count[0], record_count);
}

}  // namespace
}  // namespace logferry::test
