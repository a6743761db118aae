// Profound's entries. Expected values: Profound's "Custom Log Integration".
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "profound_request.hpp"

namespace logferry::test {
namespace {

using namespace std::string_view_literals;
using result = encoded::result;

TEST(profound, sends_the_documents_example) {
    record_builder record;
    request(record).field("query_params", "category=electronics&page=1").field("referer", "https://example.com");
    const auto s = send(*open(with_token()), record.field("bytes_sent", 1024).field("duration_ms", 150));
    EXPECT_EQ(s.result.clipped, 0U);
    EXPECT_EQ(s.body, json::parse(R"({
        "timestamp": "2024-01-11T12:00:00.000Z",
        "method": "GET",
        "host": "example.com",
        "path": "/products",
        "status_code": 200,
        "ip": "192.168.1.1",
        "user_agent": "Mozilla/5.0...",
        "query_params": {"category": "electronics", "page": "1"},
        "referer": "https://example.com",
        "bytes_sent": 1024,
        "duration_ms": 150
      })"));
}

TEST(profound, sends_nothing_but_the_required_fields_when_there_is_nothing_else) {
    record_builder record;
    const auto s = send(*open(with_token()), request(record).field("user", "anna").lvl(level::err).logger("access"));
    EXPECT_EQ(keys_of(s.body),
              (std::vector<std::string>{"host", "ip", "method", "path", "status_code", "timestamp", "user_agent"}));
}

TEST(profound, posts_to_the_documented_address_with_the_documented_header) {
    const auto vendor = open(with_token());
    EXPECT_EQ(vendor->endpoint().url, "https://artemis.api.tryprofound.com/v1/logs/custom");
    EXPECT_EQ(header(*vendor, "x-api-key"), "bot_PROFOUND_LOG_INGESTION_TOKEN");
    EXPECT_EQ(header(*vendor, "Content-Type"), "application/json");
    EXPECT_EQ(header(*vendor, "Content-Encoding"), "(none)");
}

TEST(profound, a_batch_is_an_array_of_at_most_a_thousand_entries) {
    const auto limits = open(with_token())->limits();
    EXPECT_EQ(limits.open, "[");
    EXPECT_EQ(limits.separator, ",");
    EXPECT_EQ(limits.close, "]");
    EXPECT_EQ(limits.batch_records, 500U);
    EXPECT_EQ(limits.max_batch_records, 1000U);
    EXPECT_EQ(limits.batch_bytes, 1024U * 1024U);
    EXPECT_EQ(limits.batch_age, std::chrono::seconds(5));
}

TEST(profound, bodies_are_gzipped_only_when_asked_for) {
    EXPECT_FALSE(open(with_token())->limits().gzip);
    auto options = with_token();
    options.gzip = true;
    EXPECT_TRUE(open(options)->limits().gzip);
    EXPECT_EQ(header(*open(options), "Content-Encoding"), "(none)") << "whoever compresses says so";
}

TEST(profound, a_record_without_http_fields_is_filtered) {
    record_builder record;
    const auto s = send(*open(with_token()), record.message("starting").field("port", 80).field("duration_ms", 3));
    EXPECT_EQ(s.result.what, result::filtered);
    EXPECT_FALSE(s.result.reason.empty());
}

TEST(profound, a_record_with_some_http_fields_but_not_all_is_rejected) {
    const std::vector<std::pair<std::string_view, value>> required = {
        {"method", "GET"}, {"host", "h"}, {"path", "/"}, {"status_code", 200}, {"ip", "::1"}, {"user_agent", "x"}};
    for (const auto& missing : required) {
        record_builder record;
        for (const auto& [key, v] : required) {
            if (key != missing.first) record.field(key, v);
        }
        const auto s = send(*open(with_token()), record);
        EXPECT_EQ(s.result.what, result::rejected) << missing.first;
        EXPECT_NE(s.result.reason, "");
        EXPECT_EQ(s.result.clipped, 0U);
    }
}

TEST(profound, a_rejected_record_counts_as_rejected_only) {
    record_builder record;
    const auto s = send(*open(with_token()), request(record).field("method", "VERSION-CONTROL").field("ip", "unix:"));
    EXPECT_EQ(s.result.what, result::rejected);
    EXPECT_EQ(s.result.clipped, 0U);
}

TEST(profound, reads_opentelemetrys_names) {
    record_builder record;
    record.time_ns(noon).field("http.request.method", "POST").field("server.address", "shop.example");
    record.field("url.path", "/cart").field("url.query", "a=1").field("http.response.status_code", 201);
    record.field("client.address", "2001:db8::1").field("user_agent.original", "curl/8");
    record.field("http.request.header.referer", value::json(R"(["https://a.example/","https://b.example/"])"));
    record.field("http.response.body.size", 7).field("http.server.request.duration", 0.5);
    EXPECT_EQ(send(*open(with_token()), record).body, json::parse(R"({
        "timestamp": "2024-01-11T12:00:00.000Z", "method": "POST", "host": "shop.example", "path": "/cart",
        "status_code": 201, "ip": "2001:db8::1", "user_agent": "curl/8", "query_params": {"a": "1"},
        "referer": "https://a.example/", "bytes_sent": 7})"));
}

TEST(profound, reads_opentelemetrys_deprecated_names) {
    record_builder record;
    record.time_ns(noon).field("http.method", "GET").field("http.host", "old.example").field("http.status_code", 404);
    record.field("http.target", "/a/b?x=y#z").field("http.client_ip", "10.0.0.1").field("http.user_agent", "old");
    EXPECT_EQ(send(*open(with_token()), record.field("http.response.size", 9)).body, json::parse(R"({
        "timestamp": "2024-01-11T12:00:00.000Z", "method": "GET", "host": "old.example", "path": "/a/b",
        "status_code": 404, "ip": "10.0.0.1", "user_agent": "old", "query_params": {"x": "y"}, "bytes_sent": 9})"));
}

TEST(profound, a_template_goes_before_the_own_name_before_the_current_before_the_deprecated) {
    record_builder all, without_own, deprecated_first;
    auto options = with_token();
    EXPECT_EQ(send(*open(options), request(all).field("server.address", "b").field("http.host", "c")).body["host"],
              "example.com");
    request(without_own).field("host", "-").field("http.host", "c").field("server.address", "b");
    EXPECT_EQ(send(*open(options), without_own).body["host"], "b");
    options.host = "{field:vhost}";
    EXPECT_EQ(send(*open(options), request(deprecated_first).field("vhost", "t.example")).body["host"], "t.example");
    EXPECT_EQ(request_with("host", "own", options).body["host"], "own") << "an empty template gives way";
}

TEST(profound, a_template_makes_an_entry_only_of_records_that_have_its_field) {
    auto options = with_token();
    options.host = "shop.example";
    options.method = "{field:verb}";
    record_builder plain, entry;
    EXPECT_EQ(send(*open(options), plain.message("starting")).result.what, result::filtered);
    EXPECT_EQ(send(*open(options), entry.field("verb", "GET")).result.what, result::rejected);
}

TEST(profound, every_slot_has_a_template) {
    profound options = with_token();
    options.method = "{field:a}";
    options.host = "{field:b}.example";
    options.path = "/{field:c}";
    options.status_code = "{field:d}";
    options.ip = "{field:e}";
    options.user_agent = "{field:f}/1";
    options.query_params = "q={field:g}";
    options.referer = "https://{field:h}/";
    options.bytes_sent = "{field:i}";
    options.duration_ms = "{field:j}";
    record_builder record;
    record.time_ns(noon).field("a", "PUT").field("b", "b").field("c", "c").field("d", 204).field("e", "::1");
    record.field("f", "f").field("g", "g").field("h", "h").field("i", 1).field("j", 2.5);
    EXPECT_EQ(send(*open(options), record).body, json::parse(R"({
        "timestamp": "2024-01-11T12:00:00.000Z", "method": "PUT", "host": "b.example", "path": "/c", "status_code": 204,
        "ip": "::1", "user_agent": "f/1", "query_params": {"q": "g"}, "referer": "https://h/", "bytes_sent": 1,
        "duration_ms": 3})"));
}

TEST(profound, the_last_field_of_a_name_counts) { EXPECT_EQ(member("status_code", 503), 503); }

TEST(profound, times_are_iso_8601_in_utc_with_milliseconds) {
    record_builder before_1970;
    EXPECT_EQ(send(*open(with_token()), request(before_1970).time_ns(-1)).body["timestamp"],
              "1969-12-31T23:59:59.999Z");
    record_builder odd;
    EXPECT_EQ(send(*open(with_token()), request(odd).time_ns(noon + 123'999'999)).body["timestamp"],
              "2024-01-11T12:00:00.123Z");
}

TEST(profound, methods_are_upper_case_tokens_of_at_most_ten_characters) {
    EXPECT_EQ(member("method", "get"), "GET");
    EXPECT_EQ(member("method", "M-SEARCH"), "M-SEARCH");
    for (const auto method : {"UNSUBSCRIBE"sv, "MKWORKSPACE"sv, "VERSION-CONTROL"sv}) {
        const auto s = request_with("method", method);
        EXPECT_EQ(s.body["method"], method.substr(0, 10));
        EXPECT_EQ(s.result.clipped, 1U);
    }
    for (const auto method : {""sv, "-"sv, "GE\tT"sv, "G\0ET"sv, "G ET"sv, "\x16\x03\x01"sv, "G\"T"sv, "\xC3\x9C"sv}) {
        EXPECT_TRUE(is_rejected("method", method)) << method;
    }
}

TEST(profound, an_unknown_method_is_read_from_the_original) {
    record_builder record, without;
    record.field("http.request.method", "_OTHER").field("http.request.method_original", "PURGE").field("host", "h");
    record.field("path", "/").field("status_code", 200).field("ip", "::1").field("user_agent", "x");
    EXPECT_EQ(send(*open(with_token()), record).body["method"], "PURGE");
    request(without).field("http.request.method_original", "PURGE");
    EXPECT_EQ(send(*open(with_token()), without).body["method"], "GET");
}

TEST(profound, status_codes_go_from_100_to_599) {
    for (const auto& status : {value(100), value(599), value(444), value(499), value("200"), value(200.0), value(404U),
                               value(" 200\n"), value::json("\"200\""), value::json("[200]")}) {
        EXPECT_TRUE(member("status_code", status).is_number_integer());
    }
    for (const auto& status : {value("000"), value("009"), value::json("true"), value::json("[]"), value::json("null"),
                               value(99), value(600), value(-200), value(200.5), value("-"), value(""), value("200 OK"),
                               value(true), value(std::nan("")), value(std::uint64_t{1} << 63)}) {
        EXPECT_TRUE(is_rejected("status_code", status));
    }
}

TEST(profound, addresses_are_those_that_inet_pton_knows) {
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1:5555", "192.0.2.1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"fe80::1%eth0", "fe80::1"},
        {"[fe80::1%3]:80", "fe80::1"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"0000:0000:0000:0000:0000:ffff:192.168.100.228", "0000:0000:0000:0000:0000:ffff:192.168.100.228"}};
    for (const auto& [text, address] : table) EXPECT_EQ(member("ip", text), address);
    for (const auto text : {"localhost"sv, "unix:"sv, "unix:/run/x.sock"sv, "-"sv, ""sv, "1.2.3"sv, "1.2.3.256"sv,
                            "1.2\0.3.4"sv, "::1::"sv, "1.2.3.4 x"sv, "[]"sv, "%eth0"sv}) {
        EXPECT_TRUE(is_rejected("ip", text)) << text;
    }
}

TEST(profound, a_client_address_that_is_a_name_gives_way_to_the_peers_address) {
    record_builder record;
    request(record)
        .field("ip", "-")
        .field("client.address", "client.example")
        .field("network.peer.address", "192.0.2.7");
    EXPECT_EQ(send(*open(with_token()), record).body["ip"], "192.0.2.7");
}

TEST(profound, a_forwarded_address_is_believed_only_when_the_options_name_it) {
    record_builder record;
    request(record)
        .field("http.request.header.x-forwarded-for", "203.0.113.9, 10.0.0.1")
        .field("x-forwarded-for", "::2");
    EXPECT_EQ(send(*open(with_token()), record).body["ip"], "192.168.1.1");
    auto options = with_token();
    options.ip = "{field:http.request.header.x-forwarded-for}";
    EXPECT_EQ(send(*open(options), record).body["ip"], "203.0.113.9");
}

TEST(profound, what_is_missing_can_be_given_a_stand_in) {
    auto options = with_token();
    options.missing_ip = "0.0.0.0";
    options.missing_user_agent = "Unknown";
    EXPECT_EQ(request_with("ip", "unix:", options).body["ip"], "0.0.0.0");
    for (const auto agent : {""sv, "-"sv, " "sv, "\0"sv, "-\0"sv, "\0-"sv, "\n"sv, "\r\n-"sv, "\u3000"sv}) {
        EXPECT_EQ(request_with("user_agent", agent, options).body["user_agent"], "Unknown");
        EXPECT_TRUE(is_rejected("user_agent", agent));
    }
}

TEST(profound, a_user_agent_is_cut_at_1024) {
    const auto s = request_with("user_agent", std::string(1025, 'u'));
    EXPECT_EQ(utf16_length(s.body["user_agent"].get<std::string>()), 1024U);
    EXPECT_EQ(s.result.clipped, 1U);
}

TEST(profound, bytes_are_whole_and_never_negative) {
    EXPECT_EQ(member("bytes_sent", "-"), 0) << "what %b writes for none";
    EXPECT_EQ(member("bytes_sent", " - "), 0);
    EXPECT_EQ(member("bytes_sent", value::json("\"200\"")), 200);
    EXPECT_EQ(member("bytes_sent", 1023.6), 1024);
    EXPECT_EQ(member("bytes_sent", "17"), 17);
    EXPECT_EQ(member("bytes_sent", std::uint64_t{9007199254740991}), std::uint64_t{9007199254740991});
    for (const auto& bytes : {value(-1), value(std::nan("")), value(INFINITY), value(1e300), value("many"),
                              value(std::numeric_limits<std::uint64_t>::max()), value("1e999"), value(true)}) {
        const auto s = request_with("bytes_sent", bytes);
        EXPECT_FALSE(s.body.contains("bytes_sent"));
        EXPECT_EQ(s.result.clipped, 1U);
    }
}

TEST(profound, durations_are_whole_milliseconds_whatever_the_server_counts) {
    EXPECT_EQ(member("duration_ms", 12.5), 13);
    EXPECT_EQ(member("duration_ms", "0.4"), 0);
    EXPECT_TRUE(member("duration_ms", -0.6).is_null());
    EXPECT_EQ(member("duration_ms", value::json("\"12\"")), 12);
    auto nginx = with_token();
    nginx.duration_ms = "{field:request_time}";
    nginx.duration_unit = profound::unit::seconds;
    EXPECT_EQ(request_with("request_time", "0.123", nginx).body["duration_ms"], 123);
    EXPECT_EQ(request_with("duration_ms", 7, nginx).body["duration_ms"], 7) << "the field always counts milliseconds";
    auto apache = nginx;
    apache.duration_unit = profound::unit::microseconds;
    EXPECT_EQ(request_with("request_time", 2500, apache).body["duration_ms"], 3);
}

TEST(profound, a_number_that_is_not_given_is_left_out_and_not_counted) {
    for (const auto& [key, v] : std::vector<std::pair<std::string, value>>{{"bytes_sent", ""},
                                                                           {"bytes_sent", " \n"},
                                                                           {"bytes_sent", value::json("null")},
                                                                           {"duration_ms", ""},
                                                                           {"duration_ms", " - "},
                                                                           {"duration_ms", value::json("\"\"")}}) {
        const auto s = request_with(key, v);
        EXPECT_FALSE(s.body.contains(key)) << key;
        EXPECT_EQ(s.result.clipped, 0U) << key;
    }
    EXPECT_EQ(request_with("duration_ms", "soon").result.clipped, 1U);
}

TEST(profound, any_bytes_stay_valid) {
    record_builder record;
    request(record).field("path", "/\xFF\"\\\n\0x"sv).field("user_agent", "\xED\xA0\x80 \x01 \xE2\x80\xA8");
    const auto s = send(*open(with_token()), record);
    EXPECT_EQ(s.body["path"], "/\xEF\xBF\xBD\"\\\nx");
    EXPECT_EQ(s.text.find("\xE2\x80\xA8"), std::string::npos);
}

TEST(profound, at_most_once_is_asked_for) {
    auto options = with_token();
    EXPECT_FALSE(request_with("path", "/", options).result.pages);
    options.at_most_once = true;
    EXPECT_TRUE(request_with("path", "/", options).result.pages);
}

TEST(profound, bad_options_are_named) {
    using testing::ElementsAre;
    using testing::StartsWith;
    EXPECT_THAT(problems_of(profound{}), ElementsAre(StartsWith("api_key: ")));
    EXPECT_THAT(problems_of(profound{secret("bot_\n")}), ElementsAre(StartsWith("api_key: ")));
    auto wrong = with_token();
    wrong.base_url = "ftp://example.com";
    wrong.missing_ip = "nowhere";
    wrong.duration_unit = profound::unit::seconds;
    wrong.path = "{oops";
    EXPECT_THAT(problems_of(wrong), ElementsAre(StartsWith("base_url: "), StartsWith("missing_ip: "),
                                                StartsWith("duration_unit: "), StartsWith("path: ")));
    EXPECT_THAT(problems_of(profound{secret("key_without_prefix")}), testing::IsEmpty());
    for (const auto agent : {"-"sv, " "sv, "\0"sv, " -\n"sv}) {
        auto nobody = with_token();
        nobody.missing_user_agent = agent;
        EXPECT_THAT(problems_of(nobody), ElementsAre(StartsWith("missing_user_agent: "))) << agent;
    }
}

}  // namespace
}  // namespace logferry::test
