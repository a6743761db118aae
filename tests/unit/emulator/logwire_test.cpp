#include "vendor_fixture.hpp"

namespace logferry::emulation {
namespace {

class logwire_test : public vendor_test {
protected:
    logwire_test() : vendor_test(answer_logwire, "/api/v1/log/create") {
        set_header("Authorization", "Bearer the-token");
        set_header("Accept", "application/json");
    }

    void expect_unprocessable(const json& body, const std::string& reason) { expect_refused(body, 422, reason); }

    /// Every field of "Create Log".
    const json log_ = {
        {"channel_id", "42"}, {"reference", "user-7"}, {"label", "Payment"},  {"body", "Payment failed"},
        {"type", "error"},    {"alert", true},         {"tags", "pay, shop"}, {"custom_references", {{"order", "9"}}}};
};

TEST_F(logwire_test, accepts_every_documented_field) {
    const auto got = send(log_);
    EXPECT_EQ(got.status, 202);
    EXPECT_EQ(got.body, "{}");
    EXPECT_EQ(got.accepted, 1U);
}

TEST_F(logwire_test, needs_channel_label_body_and_type) {
    expect_accepted({{"channel_id", "c"}, {"label", "l"}, {"body", "b"}, {"type", "information"}});
    for (const auto* field : {"channel_id", "label", "body", "type"}) {
        expect_unprocessable(without(log_, field), std::string(field) + " is required");
        expect_unprocessable(with(log_, field, ""), std::string(field) + " is required");
        expect_unprocessable(with(log_, field, 1), std::string(field) + " must be a string");
    }
    expect_unprocessable(with(log_, "reference", ""), "reference must not be empty");
}

TEST_F(logwire_test, answers_strangers_as_laravel_does) {
    set_header("Authorization", "Bearer another");
    EXPECT_EQ(send(log_).status, 401);
    EXPECT_EQ(send(log_).body, R"({"message":"Unauthenticated."})");
    drop_header("Accept");
    EXPECT_EQ(send(log_).status, 302);
}

TEST_F(logwire_test, takes_the_five_types_and_no_other) {
    for (const auto* type : {"page_view", "action", "success", "error", "information"}) {
        expect_accepted(with(log_, "type", type));
    }
    for (const auto* type : {"info", "warning", "ERROR", "page\\_view"}) {
        expect_unprocessable(with(log_, "type", type), "type must be one of");
    }
}

TEST_F(logwire_test, wants_alert_to_be_a_boolean) {
    for (const json& alert : {json("true"), json(1), json(nullptr)}) {
        expect_unprocessable(with(log_, "alert", alert), "alert must be true or false");
    }
}

TEST_F(logwire_test, wants_tags_as_one_string_without_gaps) {
    expect_accepted(with(log_, "tags", "one"));
    expect_unprocessable(with(log_, "tags", json::array({"one"})), "tags must be a string");
    expect_unprocessable(with(log_, "tags", ""), "tags must not be empty");
    for (const auto* tags : {",", "one,", ",one", "one, ,two"}) {
        expect_unprocessable(with(log_, "tags", tags), "tags must not have an empty tag");
    }
}

TEST_F(logwire_test, takes_references_as_an_object_of_strings) {
    expect_unprocessable(with(log_, "custom_references", {{"order", 9}}), "must have a string for order");
    expect_unprocessable(with(log_, "custom_references", {{"", "9"}}), "empty key");
    expect_unprocessable(with(log_, "custom_references", {{"0", "9"}}), "numeric key 0");
    expect_unprocessable(with(log_, "custom_references", json::object()), "must not be empty");
    expect_unprocessable(with(log_, "custom_references", "order=9"), "must be an array");
}

TEST_F(logwire_test, takes_references_as_a_list_of_pairs) {
    expect_accepted(with(log_, "custom_references", json::array({{{"key", "order"}, {"value", "9"}}})));
    expect_unprocessable(with(log_, "custom_references", json::array({"order"})), "objects of key and value");
    expect_unprocessable(with(log_, "custom_references", json::array({{{"key", "order"}}})), "value is required");
    expect_unprocessable(with(log_, "custom_references", json::array({{{"key", "k"}, {"value", "v"}, {"x", "y"}}})),
                         "x is not a field");
    expect_unprocessable(with(log_, "custom_references", json::array()), "must not be empty");
}

TEST_F(logwire_test, bounds_texts) {
    for (const auto* field : {"channel_id", "reference", "label"}) {
        expect_accepted(with(log_, field, grins(127)));
        expect_unprocessable(with(log_, field, grins(128)), std::string(field) + " must not be longer than 255");
    }
    expect_unprocessable(with(log_, "body", std::string(32 * 1024 + 1, 'x')), "body must not be longer");
}

TEST_F(logwire_test, wants_the_channels_id_not_its_url) {
    expect_unprocessable(with(log_, "channel_id", "https://example.com/channels/42"), "last part");
}

TEST_F(logwire_test, refuses_what_the_document_does_not_name) {
    expect_unprocessable(with(log_, "created_at", 1), "created_at is not a field");
}

TEST_F(logwire_test, wants_the_body_declared_as_json) {
    drop_header("Content-Type");
    expect_refused(log_, 415, "Content-Type");
}

}  // namespace
}  // namespace logferry::emulation
