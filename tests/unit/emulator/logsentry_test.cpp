#include <gmock/gmock.h>

#include "vendor_fixture.hpp"

namespace logferry::emulation {
namespace {

class logsentry_test : public vendor_test {
protected:
    explicit logsentry_test(std::string path = "/api/auditlog") : vendor_test(answer_logsentry, std::move(path)) {
        set_header("Authorization", "Bearer the-token");
        set_header("Accept", "application/json");
    }

    void expect_unprocessable(const json& body, const std::string& reason) { expect_refused(body, 422, reason); }

    /// Every field of "API documentation", context and the like as JSON text.
    const json entry_ = {{"project", 12},           {"level", 3},
                         {"msg", "Disk failed"},    {"context", R"({"disk":"sda"})"},
                         {"user", R"({"id":"7"})"}, {"request", R"({"path":"/"})"}};
};

TEST_F(logsentry_test, accepts_an_entry_and_gives_its_hash) {
    const auto got = send(entry_);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.accepted, 1U);
    const auto body = json::parse(got.body);
    EXPECT_EQ(body["status"], "ok");
    EXPECT_THAT(body["hash"].get<std::string>(), ::testing::MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(body.size(), 2U);
}

TEST_F(logsentry_test, needs_project_level_and_msg) {
    expect_accepted({{"project", 1}, {"level", 0}, {"msg", "m"}});
    const auto got = send(json::object());
    EXPECT_EQ(got.status, 422);
    const json expected = {{"message", "The project field is required. (and 2 more errors)"},
                           {"errors",
                            {{"project", {"The project field is required."}},
                             {"level", {"The level field is required."}},
                             {"msg", {"The msg field is required."}}}}};
    EXPECT_EQ(json::parse(got.body), expected);
}

TEST_F(logsentry_test, answers_strangers_as_laravel_does) {
    set_header("Authorization", "Bearer another");
    const auto got = send(entry_);
    EXPECT_EQ(got.status, 401);
    EXPECT_EQ(got.body, R"({"message":"Unauthenticated."})");
    EXPECT_EQ(got.accepted, 0U);
}

TEST_F(logsentry_test, redirects_strangers_who_do_not_ask_for_json) {
    drop_header("Authorization");
    drop_header("Accept");
    const auto got = send(entry_);
    EXPECT_EQ(got.status, 302);
    EXPECT_EQ(*find_header(got.headers, "Location"), "/login");
    EXPECT_THAT(*find_header(got.headers, "Content-Type"), HasSubstr("text/html"));
}

TEST_F(logsentry_test, wants_project_as_a_number_from_1) {
    expect_unprocessable(with(entry_, "project", "12"), "project must be an integer");
    expect_unprocessable(with(entry_, "project", 0), "project must be between 1");
    expect_unprocessable(with(entry_, "project", 1.5), "project must be an integer");
}

TEST_F(logsentry_test, takes_the_levels_0_to_7) {
    for (int level = 0; level <= 7; ++level) expect_accepted(with(entry_, "level", level));
    for (int level : {-1, 8}) expect_unprocessable(with(entry_, "level", level), "level must be between 0 and 7");
    expect_unprocessable(with(entry_, "level", "3"), "level must be an integer");
    expect_unprocessable(with(entry_, "level", "error"), "level must be an integer");
}

TEST_F(logsentry_test, wants_msg_as_text_that_says_something) {
    expect_unprocessable(with(entry_, "msg", ""), "msg is required");
    expect_unprocessable(with(entry_, "msg", " \t"), "msg is required");
    expect_unprocessable(with(entry_, "msg", 5), "msg must be a string");
    expect_accepted(with(entry_, "msg", std::string(32 * 1024, 'x')));
    expect_unprocessable(with(entry_, "msg", std::string(32 * 1024 + 1, 'x')), "msg must not be longer");
}

TEST_F(logsentry_test, takes_documents_as_json_text_or_nested) {
    for (const auto* field : {"context", "user", "request"}) {
        for (const json& value :
             {json("{}"), json("[1]"), json(R"({"a":"\"\\\n😀"})"), json{{"a", 1}}, json::array({1})}) {
            expect_accepted(with(entry_, field, value));
        }
        const std::string name = field;
        expect_unprocessable(with(entry_, field, "not json"), name + " must hold JSON");
        expect_unprocessable(with(entry_, field, R"({"a":NaN})"), name + " must hold JSON");
        expect_unprocessable(with(entry_, field, "7"), name + " must hold an object or an array");
        expect_unprocessable(with(entry_, field, ""), name + " must hold JSON");
        expect_unprocessable(with(entry_, field, 7), name + " must be a JSON string");
        expect_unprocessable(with(entry_, field, nullptr), name + " must be a JSON string");
        expect_unprocessable(with(entry_, field, R"({"a":1,"a":2})"), "given twice");
    }
}

TEST_F(logsentry_test, bounds_documents) {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    expect_accepted(with(entry_, "context", nested(512)));
    expect_unprocessable(with(entry_, "context", nested(513)), "nested deeper than 512");
    const auto sized = [](std::size_t bytes) { return R"({"k":")" + std::string(bytes - 8, 'x') + R"("})"; };
    expect_accepted(with(entry_, "context", sized(16 * 1024)));
    expect_unprocessable(with(entry_, "context", sized(16 * 1024 + 1)), "context must not be longer");
}

TEST_F(logsentry_test, bounds_nested_documents_by_what_was_sent) {
    const auto entry = [](std::size_t count, const std::string& item) {
        std::string list = item;
        for (std::size_t i = 1; i < count; ++i) list += "," + item;
        return R"({"project":12,"level":3,"msg":"m","context":[)" + list + "]}";
    };
    EXPECT_EQ(send(entry(4000, "1e5")).problem, "") << "16,001 bytes, though 100000.0 has more";
    EXPECT_EQ(send(entry(1489, R"({"a":12345})")).problem, "context must not be longer than 16384 bytes");
    EXPECT_EQ(send(entry(1365, R"({"a":12345})")).problem, "") << "16,381 bytes";
}

TEST_F(logsentry_test, refuses_what_the_document_does_not_name) {
    expect_unprocessable(with(entry_, "app", "shop"), "app is not a field");
}

TEST_F(logsentry_test, refuses_what_is_no_json_object) {
    expect_refused(std::string("{"), 422, "body must be JSON");
    expect_refused(json::array(), 422, "body must be an object");
}

TEST_F(logsentry_test, wants_the_body_declared_as_json) {
    set_header("Content-Type", "text/json");
    expect_refused(entry_, 415, "Content-Type");
}

class logsentry_event_test : public logsentry_test {
protected:
    logsentry_event_test() : logsentry_test("/api/v1/event") {}
    /// As LogSentry's Laravel SDK sends it.
    const json event_ = {{"msg", "Disk failed"}, {"app", "shop"}, {"level", 3}, {"context", R"({"disk":"sda"})"}};
};

TEST_F(logsentry_event_test, accepts_what_the_sdk_sends) {
    const auto got = send(event_);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(json::parse(got.body)["status"], "ok");
    expect_accepted(without(event_, "context"));
}

TEST_F(logsentry_event_test, has_an_app_in_place_of_the_project) {
    expect_unprocessable(without(event_, "app"), "app is required");
    for (const auto* field : {"project", "user", "request"}) {
        expect_unprocessable(with(event_, field, 1), std::string(field) + " is not a field");
    }
}

}  // namespace
}  // namespace logferry::emulation
