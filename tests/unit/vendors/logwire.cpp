// Logwire's body and answers. Expected values: Logwire's "Create Log".
#include <logferry/vendors/logwire.hpp>

#include <cmath>

#include <gmock/gmock.h>

#include "encoding.hpp"

namespace logferry::test {
namespace {

using namespace std::string_view_literals;
using std::chrono::seconds;
using steady_time = std::chrono::steady_clock::time_point;

constexpr std::size_t kibi = 1024;

logwire channel_42() { return {"https://logwire.example.org", "42", secret("token")}; }

sent send_field(std::string_view key, value v, const logwire& options = channel_42()) {
    record_builder record;
    return send(*open(options), record.logger("shop").message("m").field(key, v));
}

json references_with(std::string_view key, value v) { return send_field(key, v).body.at("custom_references"); }

TEST(logwire, sends_the_documented_body) {
    auto options = channel_42();
    options.record_id = false;
    options.tags = {"billing", "eu"};
    record_builder record;
    record.lvl(level::err).logger("shop").message("card refused").time_ns(1'704'974'400'000'000'000);
    record.field("reference", "user-7").field("alert", true).field("order", 42);
    const auto s = send(*open(options), record);
    EXPECT_EQ(s.body, json::parse(R"({
        "channel_id": "42", "reference": "user-7", "label": "shop", "body": "card refused", "type": "error",
        "alert": true, "tags": "billing,eu",
        "custom_references": {"level": "error", "logger": "shop", "ts": "2024-01-11T12:00:00.000000000Z", "order": "42"}
      })"));
    EXPECT_EQ(s.result.clipped, 0U);
}

TEST(logwire, always_sends_what_may_be_required_and_leaves_out_what_is_empty) {
    auto options = channel_42();
    options.record_id = false;
    record_builder record;
    record.message("m").time_ns(0);
    EXPECT_EQ(keys_of(send(*open(options), record).body),
              (std::vector<std::string>{"alert", "body", "channel_id", "custom_references", "label", "type"}));
}

TEST(logwire, posts_to_the_documented_path_with_the_documented_headers) {
    const auto vendor = open(channel_42());
    EXPECT_EQ(vendor->endpoint().url, "https://logwire.example.org/api/v1/log/create");
    EXPECT_EQ(header(*vendor, "Content-Type"), "application/json");
    EXPECT_EQ(header(*vendor, "Authorization"), "Bearer token");
    EXPECT_EQ(header(*vendor, "Accept"), "application/json");
    EXPECT_EQ(vendor->limits().batch_records, 1U);
}

TEST(logwire, a_base_url_may_hold_a_part_of_the_path_already) {
    for (const std::string rest : {"", "/", "/api", "/api/v1", "/api/v1/", "/api/v1/log/create"}) {
        auto options = channel_42();
        options.base_url += rest;
        EXPECT_EQ(open(options)->endpoint().url, "https://logwire.example.org/api/v1/log/create");
    }
}

TEST(logwire, bad_options_are_named) {
    using testing::ElementsAre;
    using testing::HasSubstr;
    using testing::StartsWith;
    EXPECT_THAT(problems_of(logwire{}),
                ElementsAre(StartsWith("base_url: is empty"), StartsWith("channel_id: "), StartsWith("token: ")));
    auto wrong = channel_42();
    wrong.base_url = "http://logwire.example.org";
    wrong.type = "warning";
    wrong.types[0] = "trace";
    wrong.label = "{nobody}";
    wrong.tags = {"fine", "{"};
    EXPECT_THAT(problems_of(wrong),
                ElementsAre(StartsWith("base_url: "), StartsWith("type: "), StartsWith("types[0]: "),
                            StartsWith("label: "), StartsWith("tags[1]: ")));
}

TEST(logwire, a_pasted_channel_url_is_refused_with_the_remedy) {
    auto options = channel_42();
    options.channel_id = "https://logwire.example.org/channels/42";
    EXPECT_THAT(problems_of(options), testing::ElementsAre(testing::HasSubstr("behind the last `/`")));
    for (const auto bad : {""sv, " \t"sv, "\u200B"sv, "4\n2"sv, "4\0002"sv, "\xFF"sv}) {
        options.channel_id = bad;
        EXPECT_EQ(problems_of(options).size(), 1U) << bad;
    }
    options.channel_id = std::string(255, '4');
    EXPECT_THAT(problems_of(options), testing::IsEmpty());
    options.channel_id += '2';
    EXPECT_THAT(problems_of(options), testing::ElementsAre(testing::StartsWith("channel_id: is longer than 255")));
}

TEST(logwire, a_token_holds_no_blank) {
    auto options = channel_42();
    options.token = secret("hunter2 hunter2");
    EXPECT_THAT(problems_of(options), testing::ElementsAre(testing::StartsWith("token: holds a blank")));
}

TEST(logwire, a_blank_reference_is_none) {
    for (const auto blank : {""sv, " "sv, "\n"sv, "\0"sv, " \0\t"sv, "\u3000"sv, "\u200B"sv}) {
        EXPECT_FALSE(send_field("reference", blank).body.contains("reference")) << blank;
    }
    EXPECT_EQ(send_field("reference", " user-7").body["reference"], " user-7");
}

TEST(logwire, a_channel_that_looks_like_a_number_stays_text) {
    auto options = channel_42();
    options.channel_id = " 0042 ";
    EXPECT_EQ(send_field("k", 1, options).body["channel_id"], "0042");
}

TEST(logwire, types_follow_the_level) {
    const auto vendor = open(channel_42());
    for (const auto lvl : {level::trace, level::debug, level::info, level::warn}) {
        record_builder record;
        EXPECT_EQ(send(*vendor, record.lvl(lvl).message("m")).body["type"], "information") << to_string(lvl);
    }
    for (const auto lvl : {level::err, level::critical}) {
        record_builder record;
        EXPECT_EQ(send(*vendor, record.lvl(lvl).message("m")).body["type"], "error") << to_string(lvl);
    }
    auto options = channel_42();
    options.types[static_cast<std::size_t>(level::info)] = "action";
    EXPECT_EQ(send_field("k", 1, options).body["type"], "action");
}

TEST(logwire, a_level_that_is_none_counts_as_information) {
    record_builder record;
    record.message("m");
    auto view = record.view();
    view.lvl = level::off;
    std::string body;
    (void)open(channel_42())->encode(view, {}, body);
    EXPECT_EQ(json::parse(body)["type"], "information");
}

TEST(logwire, a_record_may_choose_its_type_from_the_closed_set) {
    for (const auto type : {"page_view"sv, "action"sv, "success"sv, "error"sv, "information"sv}) {
        for (const auto key : {"type"sv, "severity"sv}) {
            const auto s = send_field(key, type);
            EXPECT_EQ(s.body["type"], type);
            EXPECT_FALSE(s.body["custom_references"].contains(key));
        }
    }
    for (const auto type : {"warning"sv, "info"sv, "page\\_view"sv, "SUCCESS"sv, ""sv}) {
        const auto s = send_field("type", type);
        EXPECT_EQ(s.body["type"], "information");
        EXPECT_EQ(s.body["custom_references"]["type"], type);
    }
}

TEST(logwire, a_type_template_is_checked_for_each_record) {
    auto options = channel_42();
    options.type = "{field:kind}";
    EXPECT_EQ(send_field("kind", "success", options).body["type"], "success");
    const auto s = send_field("kind", "debug", options);
    EXPECT_EQ(s.body["type"], "information");
    EXPECT_EQ(s.result.clipped, 1U);
}

TEST(logwire, a_warning_is_information_with_a_tag) {
    record_builder warn, info;
    const auto vendor = open(channel_42());
    EXPECT_EQ(send(*vendor, warn.lvl(level::warn).message("m")).body["tags"], "warning");
    EXPECT_FALSE(send(*vendor, info.lvl(level::info).message("m")).body.contains("tags"));
}

TEST(logwire, tags_are_one_clean_text) {
    EXPECT_EQ(send_field("tags", " a, b ,,a,\tc,").body["tags"], "a,b,c");
    EXPECT_EQ(send_field("tags", value::json(R"(["x,y"," z ",7,"","x;y"])")).body["tags"], "x;y,z");
    EXPECT_EQ(send_field("tags", value::json(R"(["broken)")).body["tags"], R"(["broken)");
    EXPECT_EQ(send_field("tags", 7).body["tags"], "7");
    for (const auto tags : {""sv, ","sv, " , ,"sv, "\0"sv})
        EXPECT_FALSE(send_field("tags", tags).body.contains("tags"));
    auto options = channel_42();
    options.tags = {"one,two", "  ", "{logger}", "{field:tenant}", "shop"};
    EXPECT_EQ(send_field("tenant", "acme, inc", options).body["tags"], "one;two,shop,acme; inc");
    EXPECT_EQ(send_field("tags", "\xFF,\xFE").body["tags"], "\xEF\xBF\xBD");
}

TEST(logwire, tags_have_bounds) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += numbered("tag", i) + ",";
    const auto s = send_field("tags", many);
    EXPECT_LE(s.body["tags"].get<std::string>().size(), 1 * kibi);
    EXPECT_EQ(s.result.clipped, 900U);
    const auto one = send_field("tags", std::string(200, 't'));
    EXPECT_EQ(one.body["tags"].get<std::string>().size(), 100U);
    EXPECT_EQ(one.result.clipped, 1U);
}

TEST(logwire, an_alert_is_asked_for_from_a_level_on_or_by_the_record) {
    const auto alert = [](level lvl, level from, const value* own) {
        auto options = channel_42();
        options.alert_from = from;
        record_builder record;
        record.lvl(lvl).message("m");
        if (own != nullptr) record.field("alert", *own);
        const auto s = send(*open(options), record);
        EXPECT_TRUE(s.body["alert"].is_boolean());
        EXPECT_EQ(s.result.pages, s.body["alert"].get<bool>());
        return s.body["alert"].get<bool>();
    };
    const value yes(true), no(false), word("true");
    EXPECT_FALSE(alert(level::critical, level::off, nullptr));
    EXPECT_TRUE(alert(level::critical, level::err, nullptr));
    EXPECT_TRUE(alert(level::err, level::err, nullptr));
    EXPECT_FALSE(alert(level::warn, level::err, nullptr));
    EXPECT_TRUE(alert(level::info, level::off, &yes));
    EXPECT_FALSE(alert(level::critical, level::err, &no));
    EXPECT_FALSE(alert(level::info, level::off, &word)) << "only a real boolean pages a person";
}

TEST(logwire, alerts_are_capped_by_the_minute) {
    auto options = channel_42();
    options.alert_per_minute = 2;
    const auto vendor = open(options);
    record_builder record;
    record.message("m").field("alert", true);
    const steady_time start{seconds(1000)};
    EXPECT_TRUE(send(*vendor, record, start).result.pages);
    EXPECT_TRUE(send(*vendor, record, start + seconds(1)).result.pages);
    const auto capped = send(*vendor, record, start + seconds(2));
    EXPECT_EQ(capped.body["alert"], false);
    EXPECT_FALSE(capped.result.pages);
    EXPECT_EQ(capped.result.clipped, 1U);
    EXPECT_TRUE(send(*vendor, record, start + seconds(60)).result.pages);
}

TEST(logwire, references_are_strings) {
    EXPECT_EQ(references_with("k", 1.5)["k"], "1.5");
    EXPECT_EQ(references_with("k", true)["k"], "true");
    EXPECT_EQ(references_with("k", std::nan(""))["k"], "NaN");
    EXPECT_EQ(references_with("k", -INFINITY)["k"], "-Infinity");
    EXPECT_EQ(references_with("k", std::uint64_t{18446744073709551615U})["k"], "18446744073709551615");
    EXPECT_EQ(references_with("k", value::json(R"({"a":[1]})"))["k"], R"({"a":[1]})");
    EXPECT_EQ(references_with("k", "\xFF")["k"], "\xEF\xBF\xBD");
}

TEST(logwire, keys_that_look_like_numbers_get_a_mark_and_stay_apart) {
    record_builder record;
    record.message("m").field("0", "a").field("-1", "b").field("_0", "c").field("12x", "d").field("_", "e");
    auto references = send(*open(channel_42()), record).body["custom_references"];
    for (const auto key : {"level", "ts", "record_id"}) references.erase(key);
    EXPECT_EQ(references, json::parse(R"({"_0":"a","_-1":"b","__0":"c","12x":"d","_":"e"})"));
}

TEST(logwire, references_with_a_blank_key_are_left_out_and_counted) {
    for (const auto shape : {logwire::references::object, logwire::references::pairs}) {
        auto options = channel_42();
        options.custom_references = shape;
        options.record_id = false;
        record_builder record;
        record.message("m").time_ns(0).field(" ", "a").field("\n", "b").field("\u3000", "c").field("\u200B", "d");
        const auto s = send(*open(options), record);
        EXPECT_EQ(s.body["custom_references"].size(), 1U) << s.text;  // the level
        EXPECT_EQ(s.result.clipped, 4U);
    }
}

TEST(logwire, references_can_be_pairs) {
    auto options = channel_42();
    options.custom_references = logwire::references::pairs;
    options.record_id = false;
    record_builder record;
    record.message("m").time_ns(0).field("a", 1).field("0", "x");
    EXPECT_EQ(send(*open(options), record).body["custom_references"], json::parse(R"([
        {"key":"level","value":"info"},{"key":"a","value":"1"},{"key":"_0","value":"x"}])"));
}

TEST(logwire, references_too_many_lose_the_last_and_say_so) {
    for (const auto shape : {logwire::references::object, logwire::references::pairs}) {
        auto options = channel_42();
        options.custom_references = shape;
        record_builder record;
        record.message("m");
        for (int i = 0; i < 10; ++i) record.field(numbered("k", i), std::string(4000, 'x'));
        const auto s = send(*open(options), record);
        EXPECT_LE(s.body["custom_references"].dump().size(), 16 * kibi);
        EXPECT_EQ(s.result.clipped, 6U);
        const auto mark = shape == logwire::references::object ? s.body["custom_references"]["_truncated"]
                                                               : s.body["custom_references"].back()["value"];
        EXPECT_EQ(mark, "true");
    }
}

TEST(logwire, a_label_falls_back_to_what_the_program_calls_itself) {
    EXPECT_EQ(send_field("label", "Checkout").body["label"], "Checkout");
    for (const auto blank : {" "sv, "\u200B"sv, "\u0085\u200E\u180E"sv})
        EXPECT_EQ(send_field("label", blank).body["label"], "shop");
    record_builder nameless, alone;
    service_options service;
    service.name = "billing";
    EXPECT_EQ(send(*open(channel_42(), service), nameless.message("m")).body["label"], "billing");
    EXPECT_EQ(send(*open(channel_42()), alone.message("m")).body["label"], "log");
}

TEST(logwire, an_empty_body_becomes_a_word) {
    const auto vendor = open(channel_42());
    for (const auto message : {""sv, " \n"sv, "\0"sv, "\xE3\x80\x80"sv, "\u200B"sv, " \u200B\t\u200E"sv}) {
        record_builder record;
        EXPECT_EQ(send(*vendor, record.message(message)).body["body"], "(empty)");
    }
    EXPECT_EQ(send_field("body", "told otherwise").body["body"], "told otherwise");
}

TEST(logwire, templates_fill_the_texts) {
    auto options = channel_42();
    options.reference = "u-{field:user}";
    options.label = "{logger}/{level}";
    options.body = "[{field:user}] {message}";
    const auto s = send_field("user", 7, options);
    EXPECT_EQ(s.body["reference"], "u-7");
    EXPECT_EQ(s.body["label"], "shop/info");
    EXPECT_EQ(s.body["body"], "[7] m");
    EXPECT_EQ(s.body["custom_references"]["user"], "7");
}

TEST(logwire, a_message_that_is_not_the_body_is_not_lost) {
    auto references = send_field("body", "told otherwise").body["custom_references"];
    EXPECT_EQ(references["message"], "m");
    EXPECT_FALSE(send_field("body", "told: m").body["custom_references"].contains("message"));
    record_builder record;
    record.message("m").field("body", "b").field("message", "mine").field("_message", "too");
    references = send(*open(channel_42()), record).body["custom_references"];
    EXPECT_EQ(references["message"], "m");
    EXPECT_EQ(references["_message"], "mine");
    EXPECT_EQ(references["__message"], "too");
}

TEST(logwire, long_texts_are_cut_at_their_bounds) {
    record_builder record;
    record.message(std::string(10'000'000, 'b')).field("label", std::string(256, 'l'));
    std::string bugs;
    for (int i = 0; i < 200; ++i) bugs += "\xF0\x9F\x90\x9B";
    const auto s = send(*open(channel_42()), record.field("reference", bugs));
    EXPECT_EQ(s.body["body"].get<std::string>().size(), 32 * kibi);
    EXPECT_EQ(utf16_length(s.body["label"].get<std::string>()), 255U);
    EXPECT_LE(utf16_length(s.body["reference"].get<std::string>()), 255U);
    EXPECT_EQ(s.result.clipped, 3U);
}

TEST(logwire, any_2xx_is_success_whatever_the_body) {
    const auto vendor = open(channel_42());
    EXPECT_EQ(vendor->judge(answer(202, "{}"), 1).what, verdict::delivered);
    for (const auto& response : {answer(200), answer(204), answer(201, "not JSON")}) {
        EXPECT_EQ(vendor->judge(response, 1).what, verdict::delivered);
    }
}

TEST(logwire, a_redirect_means_a_refused_token) {
    const auto judged = open(channel_42())->judge(answer(302, "<html>"), 1);
    EXPECT_EQ(judged.what, verdict::paused);
    EXPECT_EQ(judged.why, pause::auth);
    EXPECT_NE(judged.detail.find("token"), std::string::npos);
}

TEST(logwire, a_missing_page_may_be_the_channel_or_the_host) {
    const auto judged = open(channel_42())->judge(answer(404), 1);
    EXPECT_EQ(judged.what, verdict::paused);
    EXPECT_EQ(judged.why, pause::configuration);
    EXPECT_NE(judged.detail.find("channel_id"), std::string::npos);
    EXPECT_NE(judged.detail.find("base_url"), std::string::npos);
}

TEST(logwire, every_other_status_has_its_outcome) {
    const auto vendor = open(channel_42());
    EXPECT_EQ(vendor->judge(answer(400), 1).what, verdict::rejected);
    EXPECT_EQ(vendor->judge(answer(422), 1).what, verdict::rejected);
    EXPECT_EQ(vendor->judge(answer(401), 1).why, pause::auth);
    EXPECT_EQ(vendor->judge(answer(403), 1).why, pause::auth);
    EXPECT_EQ(vendor->judge(answer(402), 1).why, pause::quota);
    EXPECT_EQ(vendor->judge(answer(429), 1).why, pause::rate);
    EXPECT_EQ(vendor->judge(answer(413), 1).what, verdict::split) << "of a single record: rejected";
    EXPECT_EQ(vendor->judge(answer(500), 1).tries, 3U);
    for (const int status : {502, 503, 504}) {
        const auto judged = vendor->judge(answer(status), 1);
        EXPECT_EQ(judged.what, status == 503 ? verdict::retry : verdict::ambiguous) << status;
        EXPECT_EQ(judged.why, pause::none) << status;
        EXPECT_EQ(judged.tries, 0U) << status << ": as long as the buffer has room";
    }
    EXPECT_EQ(vendor->judge(no_answer(http_failure::ambiguous), 1).what, verdict::ambiguous);
}

}  // namespace
}  // namespace logferry::test
