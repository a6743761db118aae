// LogsForI. Expected bodies and answers are those of the vendor's "Push Log" page.
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/vendor_fixture.hpp>

namespace logferry::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string token = "your-logsfori-token";

class logsfori_sink : public vendor_fixture {
protected:
    logsfori_sink() { use(logsfori{secret(token)}); }

    /// One record of that level with a message, changed by `change`.
    template <typename Change>
    json sent_with(Change change) {
        record_builder record;
        record.message("a message").logger("shop");
        change(record);
        return sent(record);
    }
};

TEST_F(logsfori_sink, sends_the_documents_example) {
    record_builder record;
    record.logger("accounts").message("New user registered successfully").lvl(level::info);
    record.time_ns(1'742'379'826'000'000'000).field("event_name", "user_registration");
    record.field("transaction_id", "tx123456").field("resource_id", "user789").field("execution_time", 350);
    record.field("user_id", "user789").field("email", "john.doe@example.com");
    record.field("first_name", "John").field("last_name", "Doe");
    auto body = sent(record);

    auto& extra = body.at("extra");
    EXPECT_EQ(extra.at("level"), "info");
    EXPECT_EQ(extra.at("logger"), "accounts");
    EXPECT_EQ(extra.at("record_id"), "0123456789abcdef000000000000002a");
    for (const auto* own : {"level", "logger", "record_id"}) extra.erase(own);
    EXPECT_EQ(body, json::parse(R"({
        "token": "your-logsfori-token",
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
    })"));
    EXPECT_EQ(last.clipped, 0U);
    EXPECT_FALSE(last.pages);
}

TEST_F(logsfori_sink, posts_json_to_the_documents_endpoint) {
    EXPECT_EQ(subject().endpoint().url, "https://api.logsfori.com/push-log");
    bool typed = false;
    for (const auto& header : subject().endpoint().headers) {
        typed |= header.name == "Content-Type" && header.value == "application/json";
        EXPECT_THAT(header.value, Not(HasSubstr(token))) << "the token is in the body";
    }
    EXPECT_TRUE(typed);
    EXPECT_EQ(subject().name(), "logsfori");
    EXPECT_EQ(subject().limits().batch_records, 1U);
    EXPECT_EQ(subject().limits().in_flight, 1U);
}

TEST_F(logsfori_sink, can_be_sent_elsewhere) {
    use(logsfori{secret("t"), "http://127.0.0.1:8080/x/push-log/"});
    EXPECT_EQ(subject().endpoint().url, "http://127.0.0.1:8080/x/push-log");
}

TEST_F(logsfori_sink, knows_the_closed_set_of_severities) {
    const auto severity = [this](level lvl) { return sent(record_builder().lvl(lvl).message("m")).at("severity"); };
    EXPECT_EQ(severity(level::trace), "debug");
    EXPECT_EQ(severity(level::debug), "debug");
    EXPECT_EQ(severity(level::info), "info");
    EXPECT_EQ(severity(level::warn), "warning");
    EXPECT_EQ(severity(level::err), "error");
    EXPECT_EQ(severity(level::critical), "critical");
}

TEST_F(logsfori_sink, keeps_the_frameworks_own_level_in_extra) {
    EXPECT_EQ(sent(record_builder().lvl(level::trace).message("m")).at("extra").at("level"), "trace");
}

TEST_F(logsfori_sink, lets_options_and_records_choose_a_severity) {
    logsfori options{secret("t")};
    options.severities = {"info", "info", "info", "error", "error", "critical"};
    use(options);
    EXPECT_EQ(sent(record_builder().lvl(level::warn).message("m")).at("severity"), "error");

    const auto chosen = [this](const value& v) {
        return sent_with([&](auto& record) { record.lvl(level::info).field("severity", v); });
    };
    EXPECT_EQ(chosen("critical").at("severity"), "critical");
    EXPECT_FALSE(chosen("critical").at("extra").contains("severity"));
    EXPECT_EQ(chosen("fatal").at("severity"), "critical");
    EXPECT_EQ(chosen("catastrophe").at("severity"), "info");
    EXPECT_EQ(chosen("catastrophe").at("extra").at("severity"), "catastrophe");
    EXPECT_EQ(chosen("off").at("severity"), "info");
    EXPECT_EQ(chosen(3).at("extra").at("severity"), 3);
}

TEST_F(logsfori_sink, never_sends_level_off) {
    record_builder record;
    auto view = record.message("m").view();
    view.lvl = level::off;
    std::string body = "untouched";
    EXPECT_EQ(subject().encode(view, now, body).what, result::filtered);
    EXPECT_EQ(body, "untouched");
}

TEST_F(logsfori_sink, never_lets_a_field_reach_the_top_level) {
    const auto body = sent_with([](auto& record) {
        record.field("token", "forged").field("created_at", 1).field("message", "other").field("extra", "e");
    });
    EXPECT_EQ(body.at("token"), token);
    EXPECT_EQ(body.at("created_at"), 1742379826000);
    EXPECT_EQ(body.at("message"), "a message");
    EXPECT_EQ(body.at("extra").at("token"), "forged");
    EXPECT_EQ(body.at("extra").at("created_at"), 1);
    EXPECT_EQ(body.at("extra").at("message"), "other");
    EXPECT_EQ(body.at("extra").at("extra"), "e");
}

TEST_F(logsfori_sink, leaves_out_an_empty_message_but_always_says_something) {
    const auto named = sent(record_builder().field("event_name", "boot"));
    EXPECT_FALSE(named.contains("message"));
    EXPECT_EQ(named.at("event_name"), "boot");

    const auto by_logger = sent(record_builder().logger("shop").message(std::string_view("\0", 1)));
    EXPECT_FALSE(by_logger.contains("message"));
    EXPECT_EQ(by_logger.at("event_name"), "shop");

    EXPECT_EQ(sent(record_builder()).at("event_name"), "(empty)");
    EXPECT_FALSE(sent(record_builder().logger("shop").message("m")).contains("event_name"));
}

TEST_F(logsfori_sink, fills_its_slots_from_templates_first) {
    logsfori options{secret("t")};
    options.event_name = "{logger}.{level}";
    options.transaction_id = "{field:request}";
    options.resource_id = "{field:none}";
    options.execution_time = "{field:took}";
    use(options);
    const auto body = sent_with([](auto& record) {
        record.field("request", 17).field("took", "1.25").field("resource_id", "r9").field("transaction_id", "other");
    });
    EXPECT_EQ(body.at("event_name"), "shop.info");
    EXPECT_EQ(body.at("transaction_id"), "17");
    EXPECT_EQ(body.at("resource_id"), "r9") << "a template that comes out empty counts as not given";
    EXPECT_EQ(body.at("execution_time"), 1.25);
    EXPECT_EQ(body.at("extra").at("transaction_id"), "other") << "what the template did not use is not lost";
}

TEST_F(logsfori_sink, sends_an_execution_time_only_if_it_is_one) {
    const auto timed = [this](const value& v) {
        return sent_with([&](auto& record) { record.field("execution_time", v); });
    };
    EXPECT_EQ(timed(0).at("execution_time"), 0);
    EXPECT_EQ(timed(0.25).at("execution_time"), 0.25);
    EXPECT_EQ(timed("350").at("execution_time"), 350);
    constexpr std::int64_t largest = 9007199254740991;  // what every parser of JSON reads exactly
    EXPECT_EQ(timed(largest).at("execution_time"), largest);
    EXPECT_EQ(timed(std::uint64_t{largest}).at("execution_time"), largest);
    EXPECT_EQ(timed(12.0).at("execution_time"), 12);
    for (const auto& bad :
         {value(largest + 1), value(std::uint64_t{largest} + 1), value(1e300),
          value(std::numeric_limits<std::uint64_t>::max()), value("36893488147419103232"), value::json("12.5"),
          value(-1), value(-0.5), value(std::numeric_limits<double>::quiet_NaN()),
          value(std::numeric_limits<double>::infinity()), value("fast"), value("1e400"), value("nan"), value("12 ms"),
          value(""), value(true), value::json("[1]")}) {
        const auto body = timed(bad);
        EXPECT_FALSE(body.contains("execution_time"));
        EXPECT_TRUE(body.at("extra").contains("execution_time")) << "it is kept among the other fields";
    }
}

TEST_F(logsfori_sink, takes_duration_ms_for_the_execution_time) {
    const auto body = sent_with([](auto& record) { record.field("duration_ms", 12.5); });
    EXPECT_EQ(body.at("execution_time"), 12.5);
    EXPECT_FALSE(body.at("extra").contains("duration_ms"));

    const auto both = sent_with([](auto& record) { record.field("duration_ms", 12.5).field("execution_time", -1); });
    EXPECT_EQ(both.at("execution_time"), 12.5);
}

TEST_F(logsfori_sink, sends_whole_milliseconds_since_the_epoch) {
    const auto dated = [this](std::int64_t ns) { return sent(record_builder().message("m").time_ns(ns)); };
    EXPECT_EQ(dated(1'742'379'826'123'999'999).at("created_at"), 1742379826123);
    EXPECT_EQ(dated(std::numeric_limits<std::int64_t>::max()).at("created_at"), 9223372036854);
    EXPECT_FALSE(dated(1'742'379'826'000'000'000).at("extra").contains("ts"));
}

TEST_F(logsfori_sink, sends_no_time_of_a_clock_that_was_never_set) {
    const auto dated = [this](std::int64_t ns) { return sent(record_builder().message("m").time_ns(ns)); };
    EXPECT_EQ(dated(946'684'800'000'000'000).at("created_at"), 946684800000);
    EXPECT_FALSE(dated(946'684'799'999'999'999).contains("created_at"));
    EXPECT_FALSE(dated(-1).contains("created_at"));
    EXPECT_EQ(dated(1'000'000'000).at("extra").at("ts"), "1970-01-01T00:00:01.000000000Z");
}

TEST_F(logsfori_sink, keeps_the_types_of_what_goes_into_extra) {
    const auto extra =
        sent_with([](auto& record) {
            record.field("n", 42).field("f", 9.99).field("b", false).field("j", value::json("{\"a\":[1]}"));
            record.field("big", std::numeric_limits<std::int64_t>::min()).field("nan", std::nan(""));
        }).at("extra");
    EXPECT_EQ(extra.at("n"), 42);
    EXPECT_EQ(extra.at("f"), 9.99);
    EXPECT_EQ(extra.at("b"), false);
    EXPECT_EQ(extra.at("j"), json::parse(R"({"a":[1]})"));
    EXPECT_EQ(extra.at("big"), "-9223372036854775808");
    EXPECT_EQ(extra.at("nan"), "NaN");
}

TEST_F(logsfori_sink, always_sends_extra_as_an_object) {
    logsfori options{secret("t")};
    options.record_id = false;
    use(options);
    EXPECT_EQ(sent(record_builder().message("m")).at("extra"), json::parse(R"({"level":"info"})"));
}

TEST_F(logsfori_sink, names_the_service) {
    use(logsfori{secret("t")}, {"checkout", "1.2", "test"});
    const auto extra = sent(record_builder().message("m")).at("extra");
    EXPECT_EQ(extra.at("service.name"), "checkout");
    EXPECT_EQ(extra.at("service.version"), "1.2");
    EXPECT_EQ(extra.at("deployment.environment.name"), "test");
}

TEST_F(logsfori_sink, clips_its_slots_to_255_units) {
    const auto body = sent_with([](auto& record) {
        record.field("event_name", std::string(255, 'e')).field("transaction_id", std::string(256, 't'));
        record.field("resource_id", std::string(1000, '\xFF'));
    });
    EXPECT_EQ(body.at("event_name"), std::string(255, 'e'));
    EXPECT_EQ(body.at("transaction_id"), std::string(252, 't').append("..."));
    EXPECT_EQ(utf16_length(body.at("resource_id").get<std::string>()), 255U);
    EXPECT_EQ(last.clipped, 2U);
}

TEST_F(logsfori_sink, clips_a_long_message_to_32_kib) {
    const auto body = sent(record_builder().message(std::string(10 << 20, 'm')));
    EXPECT_EQ(body.at("message").get<std::string>().size(), 32U * 1024);
    EXPECT_EQ(last.clipped, 1U);
    EXPECT_EQ(sent(record_builder().message(std::string(32 << 10, 'm'))).at("message"), std::string(32 << 10, 'm'));
    EXPECT_EQ(last.clipped, 0U);
}

TEST_F(logsfori_sink, keeps_the_body_below_64_kib_however_much_escaping_adds) {
    use(logsfori{secret(std::string(8 * 1024, '"'))});
    const auto body = sent_with([](auto& record) {
        record.message(std::string(32 << 10, '\x01'));
        for (int i = 0; i < 128; ++i) record.field("key" + std::to_string(i), std::string(4096, '\x02'));
    });
    EXPECT_LE(raw().size(), 64U * 1024);
    EXPECT_EQ(body.at("token"), std::string(8 * 1024, '"'));
    EXPECT_EQ(body.at("extra").at("level"), "info");
    EXPECT_GT(last.clipped, 100U);
}

TEST_F(logsfori_sink, sends_128_fields_and_counts_the_others) {
    const auto body = sent_with([](auto& record) {
        for (int i = 0; i < 10'000; ++i) record.field("key" + std::to_string(i), i);
    });
    EXPECT_EQ(body.at("extra").at("key127"), 127);
    EXPECT_FALSE(body.at("extra").contains("key128"));
    EXPECT_EQ(last.clipped, 10'000U - 128U);
}

TEST_F(logsfori_sink, appends_to_what_is_in_the_body_already) {
    record_builder record;
    const auto view = record.message("m").view();
    std::string body = "[";
    EXPECT_EQ(subject().encode(view, now, body).what, result::ok);
    body += ',';
    EXPECT_EQ(subject().encode(view, now, body).what, result::ok);
    const auto parsed = json::parse(body + "]");
    EXPECT_EQ(parsed.at(0), parsed.at(1));
}

TEST_F(logsfori_sink, takes_202_and_any_other_2xx_for_delivered) {
    EXPECT_EQ(judged(answer(202, R"({"status": "accepted"})")).what, verdict::delivered);
    EXPECT_EQ(judged(answer(200, "")).what, verdict::delivered);
    EXPECT_EQ(judged(answer(204, "<html>")).what, verdict::delivered);
}

TEST_F(logsfori_sink, pauses_on_a_refused_token) {
    const auto refused = judged(answer(403, R"({"status": "Invalid token"})"));
    EXPECT_EQ(refused.what, verdict::paused);
    EXPECT_EQ(refused.why, pause::auth);
    EXPECT_THAT(refused.detail, HasSubstr("Invalid token"));
    EXPECT_THAT(refused.detail, HasSubstr("missing")) << "the document gives both reasons";
}

TEST_F(logsfori_sink, knows_that_429_is_its_quota) {
    for (const auto* retry_after : {"", "30"}) {
        const auto exceeded =
            judged(answer(429, R"({"status": "Quota exceeded. Update your subscription"})", retry_after));
        EXPECT_EQ(exceeded.what, verdict::paused);
        EXPECT_EQ(exceeded.why, pause::quota);
        EXPECT_EQ(exceeded.tries, 0U) << "there is no other 429";
        EXPECT_THAT(exceeded.detail, HasSubstr("Quota exceeded"));
        EXPECT_THAT(exceeded.detail, HasSubstr("update the subscription"));
    }
}

TEST_F(logsfori_sink, gives_up_a_record_that_is_refused) {
    for (const int status : {400, 422, 415}) EXPECT_EQ(judged(answer(status)).what, verdict::rejected);
}

TEST_F(logsfori_sink, follows_the_common_table_otherwise) {
    EXPECT_EQ(judged(answer(413)).what, verdict::split);
    EXPECT_EQ(judged(answer(302)).why, pause::configuration);
    EXPECT_EQ(judged(answer(503)).what, verdict::retry);
    EXPECT_EQ(judged(answer(500)).tries, 3U);
    EXPECT_EQ(judged(no_answer(http_failure::ambiguous)).what, verdict::ambiguous);
    EXPECT_EQ(judged(no_answer(http_failure::not_sent)).what, verdict::retry);
}

TEST_F(logsfori_sink, never_shows_the_token_when_the_server_echoes_the_body) {
    const auto refused = judged(answer(400, R"({"error":"bad","body":{"token":"your-logsfori-token"}})"));
    EXPECT_THAT(refused.detail, Not(HasSubstr(token)));
    EXPECT_THAT(refused.detail, HasSubstr("***"));
}

TEST(logsfori_options, need_a_token) {
    EXPECT_THAT(only_problem_with(logsfori{}, "token"), HasSubstr("missing"));
    EXPECT_THAT(only_problem_with(logsfori{secret("")}, "token"), HasSubstr("missing"));
    EXPECT_THAT(only_problem_with(logsfori{secret("hunter2\n")}, "token"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(only_problem_with(logsfori{secret("hunter2\xFF")}, "token"), HasSubstr("UTF-8"));
}

TEST(logsfori_options, need_an_address_that_keeps_the_token_secret) {
    EXPECT_THAT(only_problem_with(logsfori{secret("t"), "http://example.org"}, "base_url"), HasSubstr("https://"));
    EXPECT_THAT(only_problem_with(logsfori{secret("t"), ""}, "base_url"), HasSubstr("empty"));
    EXPECT_TRUE(problems_with(logsfori{secret("t"), "http://example.org"}, true).empty());
}

TEST(logsfori_options, need_templates_and_severities_that_mean_something) {
    logsfori options{secret("t")};
    options.execution_time = "{took}";
    EXPECT_THAT(only_problem_with(options, "execution_time"), HasSubstr("{took} is not a placeholder"));

    options = logsfori{secret("t")};
    options.severities[3] = "warn";
    EXPECT_THAT(only_problem_with(options, "severities[3]"), HasSubstr("warning"));
}

}  // namespace
}  // namespace logferry::test
