// Tables of answers: the common one row by row, and how a vendor overrides it.
#include <array>
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
        const auto judged = judge_by_table(answer(status, "the server's words"), "");
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
    expect_statuses({408, 425, 503}, {verdict::retry});
    expect_statuses({502, 504, 520, 521, 524, 527}, {verdict::ambiguous});
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
    const auto judged = [](http_failure failure) { return judge_by_table(no_answer(failure, "curl's words"), ""); };
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
    EXPECT_THAT(judge_by_table(answer(400, R"({"token":"hunter2"})"), "hunter2").detail, Not(HasSubstr("hunter2")));
    EXPECT_THAT(judge_by_table(no_answer(http_failure::not_sent, "hunter2"), "hunter2").detail,
                Not(HasSubstr("hunter2")));
}

TEST(own_table, counts_before_the_common_one_and_the_first_row_that_holds_counts) {
    constexpr std::array<answer_row, 3> rows = {{
        {400, 402, answer_says::anything, verdict::retry, pause::none, 7, "ask again"},
        {402, 402, answer_says::anything, verdict::split, pause::none, 0, "too late in the table"},
        {200, 200, answer_says::anything, verdict::rejected, pause::none, 0, "not even this"},
    }};
    for (const int status : {400, 401, 402}) {
        const auto judged = judge_by_table(answer(status, "why"), "", rows);
        EXPECT_EQ(judged.what, verdict::retry) << status;
        EXPECT_EQ(judged.tries, 7U);
        EXPECT_EQ(judged.detail, "HTTP " + std::to_string(status) + ", ask again: why");
    }
    EXPECT_EQ(judge_by_table(answer(200), "", rows).what, verdict::rejected);
    EXPECT_EQ(judge_by_table(answer(201), "", rows).what, verdict::delivered);
    EXPECT_EQ(judge_by_table(answer(403), "", rows).why, pause::auth) << "as the common table has it";
    EXPECT_EQ(judge_by_table(no_answer(http_failure::ambiguous), "", rows).what, verdict::ambiguous);
}

/// Whether a row with that condition holds for the answer.
bool holds(answer_says condition, const http_response& response) {
    const std::array<answer_row, 1> rows = {{{418, 418, condition, verdict::split, pause::none, 0, ""}}};
    return judge_by_table(response, "", rows).what == verdict::split;
}

TEST(own_table, may_ask_for_a_missing_retry_after) {
    EXPECT_TRUE(holds(answer_says::no_retry_after, answer(418, "body")));
    EXPECT_FALSE(holds(answer_says::no_retry_after, answer(418, "body", "1")));
    EXPECT_FALSE(holds(answer_says::no_retry_after, answer(418, "body", "soon"))) << "a wait all the same";
}

TEST(own_table, may_ask_for_the_name_of_the_error) {
    const auto named = [](const std::string& body) { return holds(answer_says::validation_error, answer(418, body)); };
    EXPECT_TRUE(named(R"({"status":false,"name":"validation_error","message":"m"})"));
    EXPECT_FALSE(named(R"({"name":"forbidden","message":"validation_error"})"));
    for (const auto* body : {"", "validation_error", R"(["name","validation_error"])", R"({"name":null})",
                             R"({"name":["validation_error"]})", R"({"details":{"name":"validation_error"}})"}) {
        EXPECT_FALSE(named(body)) << body;
    }
}

TEST(own_table, may_ask_for_the_kind_of_body) {
    const auto kinds = [](const std::string& body) {
        std::string all;
        if (holds(answer_says::anything, answer(418, body))) all += "anything ";
        if (holds(answer_says::nothing, answer(418, body))) all += "nothing ";
        if (holds(answer_says::web_page, answer(418, body))) all += "web_page ";
        if (holds(answer_says::no_object, answer(418, body))) all += "no_object ";
        return all;
    };
    EXPECT_EQ(kinds("{}"), "anything ");
    EXPECT_EQ(kinds(""), "anything nothing no_object ");
    EXPECT_EQ(kinds(" \r\n<!DOCTYPE html>"), "anything web_page no_object ");
    EXPECT_EQ(kinds("[]"), "anything no_object ");
    EXPECT_EQ(kinds("OK"), "anything no_object ");
    EXPECT_EQ(kinds(R"({"cut":"off)"), "anything no_object ");
}

}  // namespace
}  // namespace logferry::vendors
