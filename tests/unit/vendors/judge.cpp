// The common table of statuses and failures, row by row.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/vendor_fixture.hpp>
#include <vendors/judge.hpp>

namespace logferry::vendors {
namespace {

using test::answer;
using test::no_answer;
using ::testing::HasSubstr;
using ::testing::Not;
using verdict = outcome::verdict;
using pause = outcome::pause;

struct expectation {
    verdict what;
    pause why = pause::none;
    std::uint32_t tries = 0;
};

void expect_statuses(std::initializer_list<int> statuses, const expectation& expected) {
    for (const int status : statuses) {
        const auto judged = judge_by_status(answer(status, "the server's words"));
        EXPECT_EQ(judged.what, expected.what) << status;
        EXPECT_EQ(judged.why, expected.why) << status;
        EXPECT_EQ(judged.tries, expected.tries) << status;
        if (expected.what == verdict::delivered) continue;
        EXPECT_THAT(judged.detail, HasSubstr("HTTP " + std::to_string(status)));
        EXPECT_THAT(judged.detail, HasSubstr("the server's words"));
    }
}

TEST(common_table, takes_any_2xx_for_success) { expect_statuses({200, 201, 202, 204, 299}, {verdict::delivered}); }

TEST(common_table, pauses_where_a_person_is_needed) {
    expect_statuses({301, 302, 303, 307, 308, 404, 405, 410}, {verdict::paused, pause::configuration});
    expect_statuses({401, 403}, {verdict::paused, pause::auth});
    expect_statuses({402}, {verdict::paused, pause::quota});
    expect_statuses({429}, {verdict::paused, pause::rate});
}

TEST(common_table, retries_what_may_pass) {
    expect_statuses({408, 425, 502, 503, 504, 520, 521, 524, 527}, {verdict::retry});
}

TEST(common_table, retries_a_failing_server_three_times) {
    expect_statuses({500, 506, 507, 511, 519, 528, 599}, {verdict::retry, pause::none, 3});
}

TEST(common_table, gives_up_what_will_never_be_taken) {
    expect_statuses({400, 415, 422, 406, 409, 418, 451, 499, 501, 505}, {verdict::rejected});
}

TEST(common_table, splits_what_is_too_large) { expect_statuses({413}, {verdict::split}); }

TEST(common_table, never_takes_a_strange_status_for_success) {
    expect_statuses({0, 100, 199, 600, 999, 1000, -1}, {verdict::retry, pause::none, 3});
}

TEST(failures, mean_what_the_vendor_may_have_seen) {
    const auto judged = [](http_failure failure) { return judge_by_status(no_answer(failure, "curl's words")); };
    EXPECT_EQ(judged(http_failure::not_sent).what, verdict::retry);
    EXPECT_EQ(judged(http_failure::closed_unused).what, verdict::retry);
    EXPECT_EQ(judged(http_failure::closed_unused).tries, 0U);
    EXPECT_EQ(judged(http_failure::aborted).what, verdict::retry);
    EXPECT_EQ(judged(http_failure::ambiguous).what, verdict::ambiguous);
    EXPECT_EQ(judged(http_failure::certificate).what, verdict::paused);
    EXPECT_EQ(judged(http_failure::certificate).why, pause::configuration);
    EXPECT_THAT(judged(http_failure::not_sent).detail, HasSubstr("curl's words"));
}

TEST(detail, never_shows_the_credential) {
    EXPECT_THAT(judge_by_status(answer(400, R"({"token":"hunter2"})"), "hunter2").detail, Not(HasSubstr("hunter2")));
    EXPECT_THAT(judge_by_status(no_answer(http_failure::not_sent, "hunter2"), "hunter2").detail,
                Not(HasSubstr("hunter2")));
}

TEST(scrub, replaces_every_occurrence) {
    EXPECT_EQ(scrub("a hunter2 b hunter2", "hunter2"), "a *** b ***");
    EXPECT_EQ(scrub("nothing here", "hunter2"), "nothing here");
    EXPECT_EQ(scrub("no credential", ""), "no credential");
    EXPECT_EQ(scrub("**", "*"), "******");
}

TEST(scrub, knows_the_escaped_forms) {
    EXPECT_EQ(scrub(R"({"t":"a\"b\\c"})", R"(a"b\c)"), R"({"t":"***"})");
    EXPECT_EQ(scrub(R"({"t":"a\/b"})", "a/b"), R"({"t":"***"})");
    EXPECT_EQ(scrub(R"({"t":"a/b"})", "a/b"), R"({"t":"***"})");
}

TEST(scrub, knows_the_escapes_of_other_writers) {
    EXPECT_EQ(scrub(R"({"t":"gr\u00fc\u00df\/e"})", "grüß/e"), R"({"t":"***"})") << "as PHP's json_encode";
    EXPECT_EQ(scrub(R"({"t":"gr\u00fc\u00df/e"})", "grüß/e"), R"({"t":"***"})") << "as Python's json.dumps";
    EXPECT_EQ(scrub(R"({"t":"\ud83d\udd11"})", "🔑"), R"({"t":"***"})");
    EXPECT_EQ(scrub("no such page: /x?t=a%7Cb%2F%C3%A9-_.~", "a|b/é-_.~"), "no such page: /x?t=***");
    EXPECT_EQ(scrub("no such page: /x?t=a%7cb", "a|b"), "no such page: /x?t=***");
}

TEST(scrub, takes_a_credential_that_no_text_can_hold) {
    EXPECT_EQ(scrub("said", std::string_view("\0", 1)), "said");
    EXPECT_EQ(scrub("said \xFF", "\xFF"), "said ***");
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(parse_answer, takes_json_of_a_bounded_depth) {
    EXPECT_EQ(parse_answer(R"({"status":"ok"})").at("status"), "ok");
    EXPECT_TRUE(parse_answer(nested(deepest_answer)).is_array());
    EXPECT_TRUE(parse_answer(nested(deepest_answer + 1)).is_discarded());
    EXPECT_TRUE(parse_answer(nested(32'000)).is_discarded());
    EXPECT_TRUE(parse_answer("").is_discarded());
    EXPECT_TRUE(parse_answer("<html>").is_discarded());
}

TEST(parse_answer, takes_no_bracket_of_a_text_for_a_level) {
    const std::string text = R"("\"\\)" + std::string(100, '[') + "\"";
    EXPECT_TRUE(parse_answer("[" + text + "," + text + "]").is_array());
    std::string siblings = "[";
    for (int i = 0; i < 100; ++i) siblings += "{},";
    EXPECT_TRUE(parse_answer(siblings + "1]").is_array());
}

TEST(excerpt, is_one_short_printable_line) {
    EXPECT_EQ(excerpt("  one\r\ntwo\tthree\x7F\x1B[31m \n"), "one  two three  [31m");
    EXPECT_EQ(excerpt("bad \xFF byte"), "bad \uFFFD byte");
    EXPECT_EQ(excerpt(std::string("a\0b", 3)), "a b");
    EXPECT_EQ(excerpt(""), "");
    EXPECT_EQ(excerpt(std::string(200, 'x')), std::string(200, 'x'));
    EXPECT_EQ(excerpt(std::string(64 * 1024, 'x')).size(), 200U);
}

TEST(excerpt, leaves_no_part_of_a_credential_at_its_edge) {
    EXPECT_THAT(excerpt(std::string(195, 'x').append("hunter2"), "hunter2"), Not(HasSubstr("h")));
}

}  // namespace
}  // namespace logferry::vendors
