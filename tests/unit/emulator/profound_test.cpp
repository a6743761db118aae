#include <gmock/gmock.h>

#include "vendor_fixture.hpp"

namespace logferry::emulation {
namespace {

// The request of "Custom Log Integration", as printed there.
const std::string documented = R"([
  {
    "timestamp": "2024-01-11T12:00:00Z",
    "method": "GET",
    "host": "example.com",
    "path": "/products",
    "status_code": 200,
    "ip": "192.168.1.1",
    "user_agent": "Mozilla/5.0...",
    "query_params": {
      "category": "electronics",
      "page": "1"
    },
    "referer": "https://example.com",
    "bytes_sent": 1024,
    "duration_ms": 150
  }
])";

class profound_test : public vendor_test {
protected:
    profound_test() : vendor_test(answer_profound, "/v1/logs/custom") { set_header("x-api-key", "the-token"); }

    json answer_to(const json& entries) { return json::parse(send(entries).body); }

    void expect_taken(const json& entry) { expect_accepted(json::array({entry})); }

    /// Not taken, which the document answers with 200 and a text in `errors`.
    void expect_skipped(const json& entry, const std::string& error) {
        const auto got = send(json::array({entry}));
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.accepted, 0U) << entry.dump();
        const auto body = json::parse(got.body);
        ASSERT_EQ(body["errors"].size(), 1U) << entry.dump();
        EXPECT_THAT(body["errors"][0].get<std::string>(), HasSubstr("Invalid log format: " + error));
    }

    /// A text field that is taken with `most` units and not with one more.
    void expect_bounded(const std::string& field, const std::string& start, std::size_t most) {
        expect_taken(with(entry_, field, start + std::string(most - start.size(), 'x')));
        expect_skipped(with(entry_, field, start + std::string(most - start.size() + 1, 'x')),
                       field + " must not be longer");
    }

    const json entry_ = json::parse(documented)[0];
};

TEST_F(profound_test, accepts_the_documented_request) {
    const auto got = send(documented);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.accepted, 1U);
    const auto body = json::parse(got.body);
    EXPECT_EQ(body["status"], "accepted");
    EXPECT_EQ(body["message"], "Processing 1 log entries");
    EXPECT_THAT(body["first_visit_id"].get<std::string>(),
                ::testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+"));
    EXPECT_EQ(body["errors"], json::array());
}

TEST_F(profound_test, skips_bad_entries_and_takes_the_others) {
    json batch(100, entry_);
    batch[3]["timestamp"] = "1970-01-01T00:00:00Z";
    batch[70]["status_code"] = 600;
    const auto got = send(batch);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.accepted, 98U);
    EXPECT_THAT(got.problem, HasSubstr("2 refused"));
    const auto body = json::parse(got.body);
    EXPECT_EQ(body["message"], "Processing 98 log entries");
    const json errors = {"Invalid log format: timestamp out of reasonable range",
                         "Invalid log format: status_code must be between 100 and 599"};
    EXPECT_EQ(body["errors"], errors);
}

TEST_F(profound_test, has_no_visit_when_nothing_was_taken) {
    EXPECT_TRUE(answer_to(json::array({with(entry_, "status_code", 9)}))["first_visit_id"].is_null());
}

TEST_F(profound_test, refuses_a_wrong_key) {
    set_header("x-api-key", "another");
    expect_refused(documented, 401, "x-api-key");
    drop_header("x-api-key");
    expect_refused(documented, 401, "x-api-key");
    EXPECT_TRUE(json::parse(send(documented).body).contains("detail"));
}

TEST_F(profound_test, knows_the_key_by_any_case_of_its_header) {
    drop_header("x-api-key");
    set_header("X-API-Key", "the-token");
    expect_taken(entry_);
}

TEST_F(profound_test, wants_an_array_of_1_to_1000) {
    EXPECT_EQ(send(json(1000, entry_)).accepted, 1000U);
    expect_refused(json(1001, entry_), 422, "at most 1000 items");
    expect_refused(json::array(), 422, "at least 1 item");
    expect_refused(entry_, 422, "valid list");
    expect_refused(std::string("["), 422, "JSON decode error");
    EXPECT_EQ(json::parse(send(std::string("[")).body)["detail"][0]["loc"], json::array({"body"}));
}

TEST_F(profound_test, needs_the_seven_required_fields) {
    for (const auto* field : {"timestamp", "method", "host", "path", "status_code", "ip", "user_agent"}) {
        expect_skipped(without(entry_, field), std::string(field) + " is required");
    }
    for (const auto* field : {"query_params", "referer", "bytes_sent", "duration_ms"})
        expect_taken(without(entry_, field));
}

TEST_F(profound_test, bounds_texts_as_documented) {
    expect_taken(with(entry_, "method", "PROPPATCH2"));
    expect_skipped(with(entry_, "method", "UNSUBSCRIBE"), "method must not be longer");
    expect_bounded("host", "a", 255);
    expect_bounded("path", "/", 2048);
    expect_bounded("user_agent", "a", 1024);
    expect_bounded("referer", "a", 2048);
    expect_skipped(with(entry_, "user_agent", grins(513)), "user_agent must not be longer");
    expect_skipped(with(entry_, "ip", std::string(46, '1')), "ip must not be longer");
}

TEST_F(profound_test, wants_times_as_text_with_a_zone) {
    expect_taken(with(entry_, "timestamp", "2024-01-11T12:00:00.123Z"));
    expect_skipped(with(entry_, "timestamp", 1704974400), "timestamp must be a string");
    expect_skipped(with(entry_, "timestamp", "2024-01-11T12:00:00"), "timestamp must be an ISO 8601");
    expect_skipped(with(entry_, "timestamp", "2024-02-30T12:00:00Z"), "timestamp must be an ISO 8601");
    expect_skipped(with(entry_, "timestamp", "2100-01-01T00:00:00Z"), "timestamp out of reasonable range");
}

TEST_F(profound_test, wants_the_status_as_an_integer_from_100_to_599) {
    for (const int status : {100, 444, 499, 599}) expect_taken(with(entry_, "status_code", status));
    for (const int status : {0, 9, 99, 600})
        expect_skipped(with(entry_, "status_code", status), "status_code must be between");
    expect_skipped(with(entry_, "status_code", "200"), "status_code must be an integer");
    expect_skipped(with(entry_, "status_code", 200.5), "status_code must be an integer");
}

TEST_F(profound_test, wants_an_address_for_ip) {
    for (const auto* ip : {"::1", "2001:db8::7", "::ffff:192.0.2.1"}) expect_taken(with(entry_, "ip", ip));
    for (const auto* ip : {"localhost", "[::1]", "192.0.2.1:80", "fe80::1%eth0", "unix:", "192.0.2.256"}) {
        expect_skipped(with(entry_, "ip", ip), "ip must be an IP address");
    }
}

TEST_F(profound_test, wants_a_path_and_nothing_more) {
    for (const auto* path : {"*", "example.com:443", "products"}) {
        expect_skipped(with(entry_, "path", path), "path must start with /");
    }
    for (const auto* path : {"/a?b=c", "/a#b"}) expect_skipped(with(entry_, "path", path), "path must be without");
}

TEST_F(profound_test, wants_a_bare_host) {
    expect_taken(with(entry_, "host", "2001:db8::7"));
    for (const auto* host : {"example.com:80", "example.com.", "user@example.com", "Example.com", "[::1]", "a b"}) {
        expect_skipped(with(entry_, "host", host), "host must be a bare host name");
    }
}

TEST_F(profound_test, wants_the_method_in_upper_case) {
    expect_taken(with(entry_, "method", "M-SEARCH"));
    expect_skipped(with(entry_, "method", "get"), "method must be in upper case");
    expect_skipped(with(entry_, "method", "GET /"), "method must be in upper case");
    expect_skipped(with(entry_, "method", "GE\x01"), "method must be in upper case");
}

TEST_F(profound_test, takes_a_dash_for_no_value) {
    expect_skipped(with(entry_, "user_agent", "-"), "user_agent must not be -");
    expect_skipped(with(entry_, "referer", "-"), "referer must not be -");
    expect_skipped(with(entry_, "referer", ""), "referer must not be empty");
}

TEST_F(profound_test, wants_query_params_as_an_object_of_strings) {
    expect_taken(with(entry_, "query_params", {{std::string(100, 'k'), std::string(1000, 'v')}}));
    expect_taken(with(entry_, "query_params", {{"valueless", ""}}));
    expect_skipped(with(entry_, "query_params", {{std::string(101, 'k'), "v"}}), "query_params key must not be longer");
    expect_skipped(with(entry_, "query_params", {{"k", std::string(1001, 'v')}}),
                   "query_params value must not be longer");
    expect_skipped(with(entry_, "query_params", {{"page", 1}}), "query_params value must be a string");
    expect_skipped(with(entry_, "query_params", "page=1"), "query_params must be an object");
    json many;
    for (int i = 0; i < 51; ++i) many["k" + std::to_string(i)] = "v";
    expect_skipped(with(entry_, "query_params", many), "query_params must not have more than 50");
}

TEST_F(profound_test, wants_whole_numbers_not_below_zero) {
    for (const auto* field : {"bytes_sent", "duration_ms"}) {
        expect_taken(with(entry_, field, 0));
        expect_skipped(with(entry_, field, -1), std::string(field) + " must be >= 0");
        expect_skipped(with(entry_, field, 1.5), std::string(field) + " must be an integer");
        expect_skipped(with(entry_, field, "1"), std::string(field) + " must be an integer");
    }
}

TEST_F(profound_test, refuses_what_the_document_does_not_name) {
    expect_skipped(with(entry_, "level", "info"), "level is not a field");
    expect_skipped("text", "entry must be an object");
}

TEST_F(profound_test, refuses_doubtful_json_as_a_whole) {
    expect_refused(std::string(R"([{"ip":"::1","ip":"::2"}])"), 422, "given twice");
}

TEST_F(profound_test, wants_the_body_declared_as_json) {
    set_header("Content-Type", "text/plain");
    expect_refused(documented, 415, "application/json");
    set_header("Content-Type", "application/json");
    set_header("Content-Encoding", "br");
    expect_refused(documented, 415, "gzip");
}

TEST_F(profound_test, takes_a_gzipped_body_unless_told_otherwise) {
    set_header("Content-Encoding", "gzip");
    expect_taken(entry_);
    rules_.profound_gzip = false;
    expect_refused(documented, 415, "without Content-Encoding");
    drop_header("Content-Encoding");
    expect_taken(entry_);
}

}  // namespace
}  // namespace logferry::emulation
