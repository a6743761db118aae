// A destination that rests.
#include <gmock/gmock.h>

#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

using pause = outcome::pause;

class pauses : public destination_test {};

TEST_F(pauses, refused_credentials_hold_everything_and_are_said_once) {
    in_flight(3);
    log_all({"a", "b", "c", "d"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(paused(pause::auth));
    answers(paused(pause::auth));
    EXPECT_EQ(sends(), nothing);
    EXPECT_FALSE(hungry());
    EXPECT_EQ(wakes_in(), 60s);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].what, event::kind::paused);
    EXPECT_EQ(
        events[0].text,
        "acme refused the credentials (HTTP 401, the credential was refused; renew it); records are kept; next try "
        "in 60 s");
    EXPECT_EQ(counts().dropped_total(), 0u);
    EXPECT_EQ(machine().unsettled(), 2u);
}

TEST_F(pauses, one_probe_at_a_time_with_rests_that_double) {
    in_flight(3);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(paused(pause::auth));
    answers(paused(pause::auth));
    auto rested = 60s;
    for (const auto next : {120s, 240s, 480s, 900s, 900s}) {
        pass(rested - 1ns);
        EXPECT_EQ(sends(), nothing);
        pass(1ns);
        EXPECT_EQ(sends(), "a");
        EXPECT_EQ(sends(), nothing);
        answers(paused(pause::auth));
        EXPECT_EQ(wakes_in(), next);
        rested = next;
    }
    EXPECT_EQ(told(event::kind::paused), 1u);
}

TEST_F(pauses, a_delivery_ends_it_and_says_so) {
    in_flight(3);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(paused(pause::auth));
    answers(paused(pause::auth));
    pass(60s);
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    ASSERT_EQ(told(event::kind::resumed), 1u);
    EXPECT_EQ(events.back().text, "acme takes records again (the credentials were refused)");
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), "c");
    answers(delivered());
    answers(delivered());

    logs("d");
    EXPECT_EQ(sends(), "d");
    answers(paused(pause::auth));
    EXPECT_EQ(wakes_in(), 60s) << "from the beginning";
    EXPECT_EQ(told(event::kind::paused), 2u) << "a new pause is said again";
}

TEST_F(pauses, a_delivery_that_was_already_on_its_way_does_not_end_it) {
    in_flight(2);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(paused(pause::quota));
    answers(delivered());
    EXPECT_EQ(counts().delivered, 1u);
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(told(event::kind::resumed), 0u);
}

TEST_F(pauses, a_probe_that_fails_in_another_way_keeps_it) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::configuration));
    pass(60s);
    EXPECT_EQ(sends(), "a");
    answers(retry(), failing_with(http_failure::not_sent));
    EXPECT_EQ(wakes_in(), 250ms);
    pass(250ms);
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::configuration));
    EXPECT_EQ(wakes_in(), 120s);
    EXPECT_EQ(told(event::kind::paused), 1u);
}

TEST_F(pauses, another_reason_is_news) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::auth));
    pass(60s);
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::quota));
    EXPECT_EQ(told(event::kind::paused), 2u);
    EXPECT_NE(events.back().text.find("quota is used up"), std::string::npos);
}

TEST_F(pauses, a_pause_while_backing_off_takes_over) {
    in_flight(2);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(retry());
    answers(paused(pause::auth));
    EXPECT_EQ(wakes_in(), 60s);
    EXPECT_EQ(told(event::kind::paused), 1u);
}

TEST_F(pauses, too_many_requests_rests_as_long_as_the_vendor_says) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::rate), asking_for("1"));
    EXPECT_EQ(wakes_in(), 1'250ms);
    pass(1'250ms);
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::rate));
    EXPECT_EQ(wakes_in(), 500ms) << "without a word from it as a retry";
}

TEST_F(pauses, a_quota_comes_back_when_the_vendor_says_and_else_after_the_longest_rest) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::quota), asking_for("20"));
    EXPECT_EQ(wakes_in(), 20'250ms);
    pass(21s);
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::quota));
    EXPECT_EQ(wakes_in(), 15min);
}

TEST_F(pauses, a_vendor_that_says_quota_for_both_is_first_waited_for_as_for_a_rate) {
    auto perhaps_quota = paused(pause::quota);
    perhaps_quota.tries = 1;
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(perhaps_quota);
    EXPECT_EQ(wakes_in(), 250ms);
    pass(250ms);
    EXPECT_EQ(sends(), "a");
    answers(perhaps_quota);
    EXPECT_EQ(wakes_in(), 15min) << "again at once: it is the quota";
    pass(15min);
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    logs("b");
    EXPECT_EQ(sends(), "b");
    answers(perhaps_quota);
    EXPECT_EQ(wakes_in(), 250ms) << "a delivery makes the past forgotten";
    EXPECT_EQ(told(event::kind::paused), 2u);
}

TEST_F(pauses, credentials_are_not_tried_earlier_for_a_short_retry_after) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::auth), asking_for("1"));
    EXPECT_EQ(wakes_in(), 60s);
    pass(60s);
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::auth), asking_for("600"));
    EXPECT_EQ(wakes_in(), 600'250ms);
}

TEST_F(pauses, a_pause_without_a_reason_is_a_matter_of_configuration) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::none));
    EXPECT_EQ(wakes_in(), 60s);
    ASSERT_EQ(told(event::kind::paused), 1u);
    EXPECT_NE(events.back().text.find("cannot be used as configured"), std::string::npos);
    pass(60s);
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(told(event::kind::resumed), 1u);
}

TEST_F(pauses, an_outage_is_told_once_when_it_lasts) {
    logs("a");
    for (int failure = 1; failure <= 20; ++failure) {
        pass(10min);
        ASSERT_NE(sends(), nothing);
        answers(retry());
        EXPECT_EQ(events.size(), failure < 6 ? 0u : 1u);
    }
    EXPECT_THAT(events.front().text, testing::HasSubstr("several times in a row (HTTP 503)"));
    pass(10min);
    ASSERT_NE(sends(), nothing);
    answers(delivered());
    EXPECT_EQ(events.size(), 1u);
}

TEST_F(pauses, hurry_does_not_disturb_the_rest) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(paused(pause::auth));
    machine().hurry();
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 60s);
}

TEST_F(pauses, a_callback_that_throws_is_harmless) {
    delivery::destination_machine m(
        acme, source, chosen, [] { return 0.5; }, [](const event&) { throw 42; });
    logs("a");
    const auto request = m.next_request(now);
    ASSERT_TRUE(request);
    acme.says = paused(pause::auth);
    m.respond(request->tag, {}, now);
    EXPECT_EQ(m.wake_at(), now.steady + 60s);
}

TEST_F(pauses, no_callback_is_harmless) {
    delivery::destination_machine m(
        acme, source, chosen, [] { return 0.5; }, nullptr);
    logs("a");
    const auto request = m.next_request(now);
    ASSERT_TRUE(request);
    acme.says = refused();
    m.respond(request->tag, {}, now);
    EXPECT_EQ(m.counts().rejected, 1u);
}

}  // namespace
}  // namespace logferry::test
