// LogSentry's body and answers. Expected values: LogSentry's "API documentation" and its public Laravel SDK.
#include <gmock/gmock.h>

#include <logferry/vendors/logsentry.hpp>

#include "encoding.hpp"
#include "logsentry_options.hpp"

namespace logferry::test {
namespace {

constexpr std::size_t kibi = 1024;

logsentry nested() {
    auto options = project_12();
    options.context_as = logsentry::shape::nested;
    return options;
}

json context_of(const sent& s) { return json::parse(s.body.at("context").get<std::string>()); }

TEST(logsentry, sends_the_documented_body) {
    const auto vendor = open(project_12());
    record_builder record;
    record.lvl(level::err).logger("shop").message("disk failed").time_ns(1'704'974'400'000'000'000);
    record.field("disk", "sda").field("user", value::json(R"({"id":7})"));
    record.field("request", value::json(R"({"method":"GET"})"));
    const auto s = send(*vendor, record);
    EXPECT_EQ(s.result.clipped, 0U);

    auto rest = s.body;
    rest.erase("context");
    EXPECT_EQ(rest, json::parse(R"({"project":12,"level":3,"msg":"disk failed",
                                    "user":"{\"id\":7}","request":"{\"method\":\"GET\"}"})"));
    EXPECT_EQ(context_of(s), json::parse(R"({"level":"error","logger":"shop","ts":"2024-01-11T12:00:00.000000000Z",
                                             "record_id":"0123456789abcdef000000000000002a","disk":"sda"})"));
}

TEST(logsentry, posts_to_the_documented_address_with_the_documented_headers) {
    const auto vendor = open(project_12());
    EXPECT_EQ(vendor->endpoint().url, "https://app.logsentry.dev/api/auditlog");
    EXPECT_EQ(header(*vendor, "Content-Type"), "application/json");
    EXPECT_EQ(header(*vendor, "Authorization"), "Bearer 1|abc");
    EXPECT_EQ(header(*vendor, "Accept"), "application/json");
}

TEST(logsentry, speaks_the_api_of_its_sdk_on_request) {
    auto options = app_shop();
    options.record_id = false;
    const auto vendor = open(options);
    EXPECT_EQ(vendor->endpoint().url, "https://logsentry.dev/api/v1/event");
    record_builder record;
    record.message("hello").time_ns(0).field("user", "anna").field("k", 1);
    const auto s = send(*vendor, record);
    EXPECT_EQ(keys_of(s.body), (std::vector<std::string>{"app", "context", "level", "msg"}));
    EXPECT_EQ(s.body["app"], "shop");
    EXPECT_EQ(context_of(s), json::parse(R"({"user":{"id":"anna"},"level":"info","k":1})"));
}

TEST(logsentry, a_template_for_the_events_user_does_not_hide_the_field) {
    auto options = app_shop();
    options.user = "{field:id}";
    const auto vendor = open(options);
    record_builder record;
    const auto context = context_of(send(*vendor, record.message("m").field("id", 7).field("user", "anna")));
    EXPECT_EQ(context["user"], json({{"id", "7"}}));
    EXPECT_EQ(context["_user"], "anna");
}

TEST(logsentry, joins_a_base_url_with_one_slash) {
    for (const std::string base :
         {"https://logs.example.org/api", "https://logs.example.org/api/", "https://logs.example.org/api/auditlog"}) {
        auto options = project_12();
        options.base_url = base;
        EXPECT_EQ(open(options)->endpoint().url, "https://logs.example.org/api/auditlog");
    }
}

TEST(logsentry, keeps_one_request_in_flight_for_the_order) {
    const auto vendor = open(project_12());
    EXPECT_EQ(vendor->limits().in_flight, 1U);
    EXPECT_EQ(vendor->limits().batch_records, 1U);
}

TEST(logsentry, numbers_levels_as_syslog_does) {
    const auto vendor = open(project_12());
    const std::vector<std::pair<level, int>> table = {{level::trace, 7}, {level::debug, 7}, {level::info, 6},
                                                      {level::warn, 4},  {level::err, 3},   {level::critical, 2}};
    for (const auto& [lvl, number] : table) {
        record_builder record;
        record.lvl(lvl).message("m");
        const auto s = send(*vendor, record);
        EXPECT_TRUE(s.body["level"].is_number_integer());
        EXPECT_EQ(s.body["level"], number) << to_string(lvl);
    }
}

TEST(logsentry, a_level_that_is_none_counts_as_informational) {
    record_builder record;
    record.message("m");
    auto view = record.view();
    view.lvl = level::off;
    std::string body;
    (void)open(project_12())->encode(view, {}, body);
    EXPECT_EQ(json::parse(body)["level"], 6);
}

TEST(logsentry, a_severity_field_reaches_levels_that_frameworks_lack) {
    const auto vendor = open(project_12());
    const std::vector<std::pair<value, int>> table = {
        {value("notice"), 5}, {value("ALERT"), 1}, {value("emergency"), 0},     {value("emerg"), 0},
        {value(0), 0},        {value(7U), 7},      {value("Informational"), 6}, {value("1"), 1}};
    for (const auto& [severity, number] : table) {
        record_builder record;
        record.message("m").field("severity", severity);
        const auto s = send(*vendor, record);
        EXPECT_EQ(s.body["level"], number);
        EXPECT_FALSE(context_of(s).contains("severity"));
    }
}

TEST(logsentry, a_severity_that_is_no_level_stays_in_the_context) {
    const auto vendor = open(project_12());
    for (const auto& severity : {value("very bad"), value(8), value(-1), value(2.0), value(true)}) {
        record_builder record;
        record.lvl(level::warn).message("m").field("severity", severity);
        const auto s = send(*vendor, record);
        EXPECT_EQ(s.body["level"], 4);
        EXPECT_TRUE(context_of(s).contains("severity"));
    }
}

TEST(logsentry, the_level_table_and_the_severity_field_can_be_chosen) {
    auto options = project_12();
    options.levels = {7, 7, 5, 4, 3, 0};
    options.severity_field = "";
    const auto vendor = open(options);
    record_builder info, critical;
    EXPECT_EQ(send(*vendor, info.message("m").field("severity", "alert")).body["level"], 5);
    EXPECT_EQ(send(*vendor, critical.lvl(level::critical).message("m")).body["level"], 0);
}

TEST(logsentry, an_empty_or_blank_message_becomes_a_word) {
    const auto vendor = open(project_12());
    using namespace std::string_view_literals;
    for (const auto message : {""sv, " \t\r\n"sv, "\xC2\xA0"sv, "\0"sv, "\0 \0"sv, "\u200B"sv, "\n\u200B \u200E"sv}) {
        record_builder record;
        EXPECT_EQ(send(*vendor, record.message(message)).body["msg"], "(empty)");
    }
}

TEST(logsentry, a_long_message_is_cut_at_32_kib) {
    const auto vendor = open(project_12());
    record_builder fits, too_long;
    EXPECT_EQ(send(*vendor, fits.message(std::string(32 * kibi, 'a'))).result.clipped, 0U);
    const auto s = send(*vendor, too_long.message(std::string(10'000'000, 'a')));
    EXPECT_EQ(s.result.clipped, 1U);
    EXPECT_EQ(s.body["msg"].get<std::string>().size(), 32 * kibi);
}

TEST(logsentry, the_inner_document_is_escaped_once_and_the_outer_once_more) {
    const auto vendor = open(project_12());
    const std::string nasty = "quote \" backslash \\ newline \n tab \t non-BMP \xF0\x9F\x90\x9B done";
    record_builder record;
    const auto s = send(*vendor, record.message(nasty).field("nasty", nasty));
    EXPECT_EQ(s.body["msg"], nasty);
    EXPECT_EQ(context_of(s)["nasty"], nasty);
    EXPECT_NE(s.text.find(R"(quote \\\" backslash \\\\ newline \\n)"), std::string::npos);
}

TEST(logsentry, the_inner_document_is_valid_whatever_the_values) {
    const auto vendor = open(project_12());
    record_builder record;
    record.message("m").field("nan", std::nan("")).field("inf", -INFINITY).field("bytes", "\xFF\xC0\x80");
    record.field("big", std::uint64_t{18446744073709551615U}).field("half", 0.5).field("yes", true);
    record.field("raw", value::json(R"({"a":[1,{"b":null}]})")).field("broken", value::json(R"({"a":)"));
    record.field("deep", value::json(std::string(600, '[') + std::string(600, ']')));
    const auto context = context_of(send(*vendor, record));
    EXPECT_EQ(context["nan"], "NaN");
    EXPECT_EQ(context["inf"], "-Infinity");
    EXPECT_EQ(context["bytes"], "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(context["big"], "18446744073709551615");
    EXPECT_EQ(context["half"], 0.5);
    EXPECT_EQ(context["yes"], true);
    EXPECT_EQ(context["raw"], json::parse(R"({"a":[1,{"b":null}]})"));
    EXPECT_EQ(context["broken"], R"({"a":)");
    EXPECT_TRUE(context["deep"].is_string());
}

TEST(logsentry, values_are_cut_at_the_source_and_never_the_encoded_text) {
    const auto vendor = open(project_12());
    record_builder record;
    record.message("m").field("trace", std::string(100'000, '"'));
    const auto s = send(*vendor, record);
    EXPECT_GE(s.result.clipped, 1U);
    EXPECT_LE(s.body["context"].get<std::string>().size(), 16 * kibi);
    EXPECT_TRUE(context_of(s).is_object());
}

TEST(logsentry, a_context_too_large_loses_entries_from_the_end_and_says_so) {
    const auto vendor = open(project_12());
    record_builder record;
    record.message("m");
    for (int i = 0; i < 10; ++i) record.field(numbered("k", i), std::string(4000, 'x'));
    record.field("small", 1);
    const auto s = send(*vendor, record);
    const auto context = context_of(s);
    EXPECT_LE(s.body["context"].get<std::string>().size(), 16 * kibi);
    EXPECT_EQ(context["_truncated"], true);
    EXPECT_TRUE(context.contains("k3"));
    EXPECT_FALSE(context.contains("k4"));
    EXPECT_FALSE(context.contains("small"));
    EXPECT_EQ(s.result.clipped, 7U);
}

TEST(logsentry, a_field_of_the_marks_name_does_not_pass_for_the_mark) {
    const auto vendor = open(project_12());
    record_builder record;
    record.message("m").field("_truncated", "mine").field("__truncated", "too");
    const auto context = context_of(send(*vendor, record));
    EXPECT_FALSE(context.contains("_truncated"));
    EXPECT_EQ(context["__truncated"], "mine");
    EXPECT_EQ(context["___truncated"], "too");
}

TEST(logsentry, parts_can_be_nested_objects) {
    const auto vendor = open(nested());
    record_builder record;
    record.message("m").field("user", value::json(R"( {"id":7} )")).field("k", "v");
    const auto s = send(*vendor, record);
    EXPECT_EQ(s.body["user"], json::parse(R"({"id":7})"));
    EXPECT_EQ(s.body["context"]["k"], "v");
}

TEST(logsentry, empty_parts_are_left_out) {
    auto options = project_12();
    options.record_id = false;
    const auto vendor = open(options);
    record_builder record;
    record.message("m").field("user", value::json(" { } ")).field("request", "");
    const auto s = send(*vendor, record);
    EXPECT_EQ(keys_of(s.body), (std::vector<std::string>{"context", "level", "msg", "project"}));
}

TEST(logsentry, a_user_that_is_no_object_becomes_an_id) {
    const auto vendor = open(nested());
    for (const auto& user : {value("anna"), value::json("[1,2]"), value::json("{broken"), value(42)}) {
        record_builder record;
        const auto s = send(*vendor, record.message("m").field("user", user));
        const auto expected = user.type() == value::kind::int64 ? "42" : std::string(user.text());
        EXPECT_EQ(s.body["user"], json({{"id", expected}}));
        EXPECT_FALSE(s.body["context"].contains("user"));
    }
}

TEST(logsentry, a_user_too_large_loses_members_from_the_end_and_says_so) {
    const auto vendor = open(nested());
    auto member = json::object();
    for (int i = 0; i < 10; ++i) member[numbered("text, }", i)] = std::string(100, '}');
    auto user = json::object();
    for (int i = 100; i < 200; ++i) user[numbered("k", i)] = member;
    record_builder whole, one, text;
    const auto s = send(*vendor, whole.message("m").field("user", value::json(user.dump())));
    EXPECT_GE(s.result.clipped, 1U);
    EXPECT_LE(s.body["user"].dump().size(), 16 * kibi);
    EXPECT_EQ(s.body["user"]["_truncated"], true);
    EXPECT_EQ(s.body["user"]["k100"], user["k100"]);
    EXPECT_FALSE(s.body["user"].contains("k199"));

    const auto alone = json({{"a", std::string(20'000, 'x')}}).dump();
    EXPECT_EQ(send(*vendor, one.message("m").field("user", value::json(alone))).body["user"],
              json::parse(R"({"_truncated":true})"));
    // Said twice, a key would mean one thing to one reader and another to the next.
    for (const auto own : {R"({"_truncated":"mine","a":")", R"({"\u005ftruncated":"mine","a":")"}) {
        record_builder marked;
        const auto said =
            send(*vendor, marked.message("m").field("user", value::json(own + std::string(20'000, 'x') + R"("})")));
        EXPECT_EQ(said.body["user"], json::parse(R"({"_truncated":"mine"})"));
        EXPECT_EQ(said.text.find(R"("_truncated":true)"), std::string::npos);
        EXPECT_EQ(said.result.clipped, 1U);
    }
    const auto long_text = send(*vendor, text.message("m").field("user", std::string(50'000, '\x01')));
    EXPECT_LE(long_text.body["user"].dump().size(), 16 * kibi);
}

TEST(logsentry, user_and_request_are_never_filled_by_themselves) {
    const auto vendor = open(project_12());
    record_builder record;
    record.message("m").field("user_id", 7).field("http.request.method", "GET").field("cookie", "c");
    const auto s = send(*vendor, record);
    EXPECT_FALSE(s.body.contains("user"));
    EXPECT_FALSE(s.body.contains("request"));
}

TEST(logsentry, templates_fill_user_and_request) {
    auto options = nested();
    options.user = "{field:user_id}";
    options.request = R"({{"path":"{field:path}"}})";
    const auto vendor = open(options);
    record_builder record;
    const auto s = send(*vendor, record.message("m").field("user_id", 7).field("path", "/a"));
    EXPECT_EQ(s.body["user"], json({{"id", "7"}}));
    EXPECT_EQ(s.body["request"], json({{"path", "/a"}}));
    EXPECT_EQ(s.body["context"]["user_id"], 7);
}

TEST(logsentry, bad_options_are_named) {
    using testing::ElementsAre;
    using testing::StartsWith;
    EXPECT_THAT(problems_of(logsentry{}), ElementsAre(StartsWith("token: "), StartsWith("project: is 0; ")));
    auto negative = project_12();
    negative.project = -3;
    negative.levels[5] = 8;
    negative.user = "{nobody}";
    EXPECT_THAT(problems_of(negative),
                ElementsAre(StartsWith("project: is -3"), StartsWith("levels[5]: is 8"), StartsWith("user: ")));
    constexpr std::int64_t largest = 9'007'199'254'740'991;  // 2^53 - 1
    EXPECT_THAT(problems_of(logsentry{largest, secret("t")}), testing::IsEmpty());
    EXPECT_THAT(problems_of(logsentry{largest + 1, secret("t")}),
                ElementsAre(StartsWith("project: is 9007199254740992")));
    auto nameless = app_shop();
    nameless.app = " ";
    EXPECT_THAT(problems_of(nameless), ElementsAre(StartsWith("app: ")));
    auto plain = project_12();
    plain.base_url = "http://logs.example.org";
    EXPECT_THAT(problems_of(plain), ElementsAre(StartsWith("base_url: ")));
}

TEST(logsentry, tokens_may_hold_a_bar_but_no_line_break) {
    EXPECT_THAT(problems_of(logsentry{12, secret("3|kD0~+/=x")}), testing::IsEmpty());
    EXPECT_THAT(problems_of(logsentry{12, secret("3|k D")}),
                testing::ElementsAre(testing::StartsWith("token: holds a blank")));
    for (const auto& bad : {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3)}) {
        const auto problems = problems_of(logsentry{12, secret(bad)});
        ASSERT_EQ(problems.size(), 1U);
        EXPECT_EQ(problems[0].find(bad), std::string::npos);
    }
}

}  // namespace
}  // namespace logferry::test
