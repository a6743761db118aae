#include "vendor_fixture.hpp"

namespace logferry::emulation {
namespace {

// The request of "Push Log", as printed there but for the token.
const std::string documented = R"({
    "token": "the-token",
    "event_name": "user_registration",
    "message": "New user registered successfully",
    "severity": "info",
    "transaction_id": "tx123456",
    "resource_id": "user789",
    "execution_time": 350,
    "extra": {
        "user_id": "user789",
        "email": "john.doe@example.com",
        "first_name": "John",
        "last_name": "Doe"
    },
    "created_at": 1742379826000
})";

class logsfori_test : public vendor_test {
protected:
    logsfori_test() : vendor_test(answer_logsfori, "/push-log") {}
    const json record_ = json::parse(documented);
};

TEST_F(logsfori_test, accepts_the_documented_request) {
    const auto got = send(documented);
    EXPECT_EQ(got.status, 202);
    EXPECT_EQ(got.body, R"({"status": "accepted"})");
    EXPECT_EQ(got.accepted, 1U);
}

TEST_F(logsfori_test, needs_nothing_but_the_token) { expect_accepted({{"token", "the-token"}}); }

TEST_F(logsfori_test, answers_a_wrong_or_missing_token_as_documented) {
    for (const auto& body : {with(record_, "token", "another"), without(record_, "token"), with(record_, "token", 7)}) {
        const auto got = send(body);
        EXPECT_EQ(got.status, 403);
        EXPECT_EQ(got.body, R"({"status": "Invalid token"})");
        EXPECT_EQ(got.accepted, 0U);
    }
}

TEST_F(logsfori_test, takes_the_five_severities_and_no_other) {
    for (const auto* severity : {"info", "warning", "error", "critical", "debug"}) {
        expect_accepted(with(record_, "severity", severity));
    }
    for (const auto* severity : {"warn", "trace", "fatal", "INFO"}) {
        expect_refused(with(record_, "severity", severity), 400, "severity must be one of");
    }
    expect_refused(with(record_, "severity", 3), 400, "severity must be a string");
}

TEST_F(logsfori_test, bounds_texts) {
    for (const auto* field : {"event_name", "transaction_id", "resource_id"}) {
        expect_accepted(with(record_, field, grins(127) + "x"));
        expect_refused(with(record_, field, grins(128)), 400, std::string(field) + " must not be longer than 255");
        expect_refused(with(record_, field, 1), 400, std::string(field) + " must be a string");
    }
    expect_accepted(with(record_, "message", std::string(32 * 1024, 'x')));
    expect_refused(with(record_, "message", std::string(32 * 1024 + 1, 'x')), 400, "message must not be longer");
}

TEST_F(logsfori_test, bounds_the_body) {
    json large = with(record_, "extra", {{"filler", ""}});
    large["extra"]["filler"] = std::string(64 * 1024 - large.dump().size(), 'x');
    expect_accepted(large);
    large["extra"]["filler"] = large["extra"]["filler"].get<std::string>() + "x";
    expect_refused(large, 413, "65536");
}

TEST_F(logsfori_test, wants_execution_time_as_a_number_not_below_zero) {
    expect_accepted(with(record_, "execution_time", 0));
    expect_accepted(with(record_, "execution_time", 0.25));
    expect_refused(with(record_, "execution_time", -1), 400, "execution_time must be >= 0");
    expect_refused(with(record_, "execution_time", "350"), 400, "execution_time must be a number");
}

TEST_F(logsfori_test, wants_created_at_in_milliseconds) {
    expect_refused(with(record_, "created_at", 1742379826), 400, "created_at");  // seconds
    EXPECT_EQ(send(with(record_, "created_at", 9223372036854)).status, 202)
        << "all that nanoseconds in 64 bits can tell";
    expect_refused(with(record_, "created_at", 1742379826000000), 400, "created_at");  // microseconds
    expect_refused(with(record_, "created_at", 1742379826000.5), 400, "must be an integer");
    expect_refused(with(record_, "created_at", "1742379826000"), 400, "must be an integer");
    expect_refused(with(record_, "created_at", -1), 400, "created_at must be between");
}

TEST_F(logsfori_test, wants_extra_to_be_an_object) {
    expect_accepted(with(record_, "extra", json::object()));
    expect_refused(with(record_, "extra", json::array()), 400, "extra must be an object");
    expect_refused(with(record_, "extra", nullptr), 400, "extra must be an object");
}

TEST_F(logsfori_test, refuses_what_the_document_does_not_name) {
    expect_refused(with(record_, "level", "info"), 400, "level is not a field");
}

TEST_F(logsfori_test, refuses_what_is_no_json_object) {
    expect_refused(std::string("{"), 400, "parse error");
    expect_refused(std::string(R"({"token":"the-token","message":")") + "\xFF\"}", 400, "parse error");
    expect_refused(json::array(), 400, "must be an object");
    expect_refused(std::string(R"({"token":"the-token","message":"a","message":"b"})"), 400, "given twice");
    expect_refused(std::string(R"({"token":"the-token","message":"\u0000"})"), 400, "U+0000");
}

TEST_F(logsfori_test, wants_the_body_declared_as_json) {
    drop_header("Content-Type");
    expect_refused(documented, 415, "Content-Type");
}

}  // namespace
}  // namespace logferry::emulation
