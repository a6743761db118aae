#include "vendor_fixture.hpp"

namespace logferry::emulation {
namespace {

// The request of "Event", as printed there.
const std::string documented = R"({
"workspace": "logsh",
"event": "user.signup",
"description": "User signed up for the newsletter.",
"icon": "👤",
"notify": false,
"metadata": {
"user_id": "12345",
"plan": "pro"
}
})";

class logsh_test : public vendor_test {
protected:
    logsh_test() : vendor_test(answer_logsh, "/api/event") { set_header("Authorization", "Bearer the-token"); }

    void expect_invalid(const json& body, const std::string& reason) { expect_refused(body, 403, reason); }
    json metadata(const std::string& key, json value) const {
        return with(event_, "metadata", {{key, std::move(value)}});
    }

    const json event_ = json::parse(documented);
};

TEST_F(logsh_test, accepts_the_documented_request_as_the_server_does) {
    const auto got = send(documented);
    EXPECT_EQ(got.status, 201);
    EXPECT_EQ(got.body, R"({"status":true})");
    EXPECT_EQ(got.accepted, 1U);
}

TEST_F(logsh_test, needs_workspace_event_and_description) {
    expect_accepted({{"workspace", "w"}, {"event", "e"}, {"description", "d"}});
    for (const auto* field : {"workspace", "event", "description"}) {
        expect_invalid(without(event_, field), std::string(field) + " is required");
        expect_invalid(with(event_, field, ""), std::string(field) + " is required");
        expect_invalid(with(event_, field, 1), std::string(field) + " must be a string");
    }
}

TEST_F(logsh_test, answers_a_bad_key_as_documented) {
    for (const auto* header : {"Bearer another", "bearer the-token", "the-token", "Basic the-token"}) {
        set_header("Authorization", header);
        const auto got = send(documented);
        EXPECT_EQ(got.status, 401) << header;
        const auto body = json::parse(got.body);
        EXPECT_EQ(body["status"], false);
        EXPECT_EQ(body["name"], "unauthorized");
        EXPECT_EQ(body["message"], "Your Bearer Token is missing, invalid or expired.");
    }
    drop_header("Authorization");
    expect_refused(documented, 401, "key is missing");
}

TEST_F(logsh_test, looks_at_the_key_before_the_body) {
    drop_header("Authorization");
    expect_refused(std::string("{"), 401, "key is missing");
}

TEST_F(logsh_test, calls_an_invalid_body_forbidden_and_tells_the_first_problem) {
    const auto got = send(json{{"workspace", ""}, {"event", ""}, {"description", ""}});
    EXPECT_EQ(got.status, 403);
    const auto body = json::parse(got.body);
    EXPECT_EQ(body["status"], false);
    EXPECT_EQ(body["name"], "validation_error");
    EXPECT_EQ(body["message"], "event is required.");
}

TEST_F(logsh_test, calls_malformed_json_an_error_of_its_own) {
    const auto got = send(std::string("{"));
    EXPECT_EQ(got.status, 500);
    EXPECT_EQ(json::parse(got.body)["name"], "internal_server_error");
    expect_refused(std::string(R"({"workspace":NaN})"), 500, "parse error");
}

TEST_F(logsh_test, counts_lengths_in_utf16_units) {
    expect_accepted(with(event_, "event", grins(75)));
    expect_invalid(with(event_, "event", grins(75) + "x"), "event must be 150 characters or less");
    expect_accepted(with(event_, "description", std::string(150, 'x')));
    expect_invalid(with(event_, "description", std::string(151, 'x')), "description must be 150");
    expect_accepted(with(event_, "workspace", std::string(35, 'x')));
    expect_invalid(with(event_, "workspace", std::string(36, 'x')), "workspace must be 35");
}

TEST_F(logsh_test, can_allow_the_description_that_the_server_allows) {
    rules_.logsh_description_limit = 250;
    expect_accepted(with(event_, "description", std::string(250, 'x')));
    expect_invalid(with(event_, "description", std::string(251, 'x')), "description must be 250");
}

TEST_F(logsh_test, trims_as_javascript_does_before_it_measures) {
    const std::string spaces = "\u00A0\uFEFF\u2028\u2029\u3000 \t\n";
    expect_invalid(with(event_, "description", spaces), "description is required");
    expect_accepted(with(event_, "description", spaces + std::string(150, 'x') + spaces));
    expect_accepted(with(event_, "description", "\u200B"));  // no white space to JavaScript
}

TEST_F(logsh_test, wants_an_icon_that_it_knows) {
    expect_accepted(with(event_, "icon", "🔥"));
    expect_accepted(with(event_, "icon", "⚠️"));
    for (const auto* icon : {"", "fire", ":fire:", "🟡", "👍🏽", "🔥🔥"}) {
        expect_invalid(with(event_, "icon", icon), "icon must be a valid emoji");
    }
    expect_invalid(with(event_, "icon", nullptr), "icon must be a string");
}

TEST_F(logsh_test, wants_notify_to_be_a_boolean) {
    expect_accepted(with(event_, "notify", true));
    expect_invalid(with(event_, "notify", "false"), "notify must be true or false");
    expect_invalid(with(event_, "notify", 0), "notify must be true or false");
}

TEST_F(logsh_test, takes_flat_metadata_only) {
    for (const json& value : {json("text"), json(""), json(1), json(-1.5), json(true)})
        expect_accepted(metadata("k", value));
    for (const json& value : {json(nullptr), json::array(), json::object()}) {
        expect_invalid(metadata("k", value), "must be string, number or boolean");
    }
    expect_invalid(with(event_, "metadata", json::array()), "metadata must be an object");
}

TEST_F(logsh_test, bounds_metadata) {
    expect_accepted(metadata(std::string(100, 'k'), grins(250)));
    expect_invalid(metadata(std::string(101, 'k'), "v"), "key longer than 100");
    expect_invalid(metadata("k", grins(250) + "x"), "500 characters or less");
    expect_invalid(metadata("", "v"), "empty key");
    for (const auto* key : {"__proto__", "constructor", "prototype"}) expect_invalid(metadata(key, "v"), key);
}

TEST_F(logsh_test, refuses_numbers_that_javascript_would_round) {
    expect_accepted(metadata("k", 9007199254740991));
    expect_invalid(metadata("k", 9007199254740993), "9007199254740993 would be rounded");
    expect_refused(std::string(R"({"workspace":"w","event":"e","description":"d","metadata":{"k":1e400}})"), 403,
                   "too large");
}

TEST_F(logsh_test, refuses_what_the_schema_does_not_name) {
    for (const auto* field : {"timestamp", "level", "color"}) {
        expect_invalid(with(event_, field, "x"), std::string(field) + " is not a field");
    }
}

TEST_F(logsh_test, cannot_store_nul) {
    expect_refused(with(event_, "description", std::string("a\0b", 3)), 500, "U+0000");
}

TEST_F(logsh_test, refuses_what_is_no_object) { expect_invalid(json::array(), "must be an object"); }

TEST_F(logsh_test, bounds_the_body) {
    json large = event_;
    for (int i = 0; i < 131; ++i) large["metadata"]["k" + std::to_string(i)] = std::string(500, 'x');
    expect_refused(large, 413, "65536");
}

TEST_F(logsh_test, wants_the_body_declared_as_json) {
    set_header("Content-Type", "text/plain");
    expect_refused(documented, 415, "Content-Type");
}

}  // namespace
}  // namespace logferry::emulation
