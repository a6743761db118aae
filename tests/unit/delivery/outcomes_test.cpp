// What each outcome leads to.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

class outcomes : public destination_test {};

// ---- delivered ----

TEST_F(outcomes, delivered_but_for_some) {
    takes_batches(10);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "[a,b,c]");
    auto partly = delivered(2);
    partly.detail = "2 of 3 were not taken";
    answers(partly);
    EXPECT_EQ(counts().delivered, 1u);
    EXPECT_EQ(counts().rejected, 2u);
    EXPECT_EQ(counts().last_error, "2 of 3 were not taken");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].text, "acme will never take 2 records (2 of 3 were not taken); not sent again");
}

TEST_F(outcomes, no_more_can_be_rejected_than_were_sent) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(delivered(99));
    EXPECT_EQ(counts().delivered, 0u);
    EXPECT_EQ(counts().rejected, 1u);
}

TEST_F(outcomes, the_vendor_judges_failures_too_and_knows_how_many_records_it_is_about) {
    takes_batches(10);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "[a,b,c]");
    answers(delivered(), failing_with(http_failure::ambiguous));
    EXPECT_EQ(acme.judged, 3u);
    EXPECT_EQ(counts().delivered, 3u);
}

TEST_F(outcomes, an_answer_to_no_request_is_ignored) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers_tag(4711, refused());
    EXPECT_EQ(machine().unsettled(), 1u);
    const auto tag = tags.front();
    answers(delivered());
    answers_tag(tag, refused());
    EXPECT_EQ(counts().delivered, 1u);
    EXPECT_EQ(counts().rejected, 0u);
}

// ---- retry ----

TEST_F(outcomes, retry_sends_the_same_bytes_after_a_wait_that_doubles) {
    logs("a");
    logs("b");
    EXPECT_EQ(sends(), "a");
    for (const auto wait : {250ms, 500ms, 1000ms, 2000ms}) {
        answers(retry());
        EXPECT_EQ(sends(), nothing);
        EXPECT_EQ(wakes_in(), wait);
        EXPECT_FALSE(hungry());
        pass(wait - 1ns);
        EXPECT_EQ(sends(), nothing);
        pass(1ns);
        EXPECT_EQ(sends(), "a") << "in order: b waits";
    }
    answers(delivered());
    EXPECT_EQ(counts().retries, 4u);
    EXPECT_EQ(counts().requests, 5u);
    EXPECT_EQ(counts().last_error, "HTTP 503");
    EXPECT_EQ(sends(), "b");
    answers(retry());
    EXPECT_EQ(wakes_in(), 250ms) << "a delivery makes the past forgotten";
}

TEST_F(outcomes, retry_waits_for_what_the_dice_say) {
    logs("a");
    dice = 0;
    EXPECT_EQ(sends(), "a");
    answers(retry());
    EXPECT_EQ(sends(), "a");
    dice = 0.999;
    answers(retry());
    EXPECT_EQ(wakes_in(), 999ms);
}

TEST_F(outcomes, retry_after_is_obeyed_and_cut) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(retry(), asking_for("7"));
    EXPECT_EQ(wakes_in(), 7'250ms);
    pass(8s);
    EXPECT_EQ(sends(), "a");
    answers(retry(), asking_for("Wed, 19 Mar 2025 14:57:44 GMT"));
    EXPECT_EQ(wakes_in(), 30'250ms) << "14:57:06 and 8 s have passed";
    pass(31s);
    EXPECT_EQ(sends(), "a");
    answers(retry(), asking_for("1000000000000"));
    EXPECT_EQ(wakes_in(), 15min + 250ms);
    pass(16min);
    EXPECT_EQ(sends(), "a");
    answers(retry(), asking_for("tomorrow"));
    EXPECT_EQ(wakes_in(), 2s) << "the fourth failure in a row";
}

TEST_F(outcomes, a_connection_found_closed_is_tried_again_at_once_and_is_no_failure) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(retry(1), failing_with(http_failure::closed_unused));
    EXPECT_EQ(sends(), "a");
    answers(retry(1), failing_with(http_failure::closed_unused));
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(counts().retries, 2u);
    answers(retry(), failing_with(http_failure::closed_unused));
    EXPECT_EQ(sends(), nothing) << "the third in a row is a failure";
    EXPECT_EQ(wakes_in(), 250ms);
}

TEST_F(outcomes, connections_found_closed_are_counted_in_a_row) {
    logs("a");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sends(), "a");
        answers(retry(), failing_with(http_failure::closed_unused));
        EXPECT_EQ(sends(), "a");
        answers(retry(), failing_with(http_failure::not_sent));
        pass(1min);
    }
    EXPECT_EQ(sends(), "a");
    answers(retry(), failing_with(http_failure::closed_unused));
    EXPECT_EQ(sends(), "a");
}

TEST_F(outcomes, trouble_holds_back_the_whole_destination_and_one_probe_ends_it) {
    in_flight(4);
    log_all({"a", "b", "c", "d", "e"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), "c");
    answers(retry());  // a
    answers(retry());  // b, which left before the trouble was known
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 250ms) << "one trouble, one step of the backoff";
    answers(delivered());  // c, from before the trouble: it does not end it
    EXPECT_EQ(sends(), nothing);
    EXPECT_FALSE(hungry());

    pass(250ms);
    EXPECT_EQ(sends(), "a") << "the oldest is the probe";
    EXPECT_EQ(sends(), nothing) << "alone";
    EXPECT_EQ(wakes_in(), std::nullopt);
    answers(retry());
    EXPECT_EQ(wakes_in(), 500ms);
    pass(500ms);
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(sends(), "b") << "what was held goes first";
    EXPECT_EQ(sends(), "d");
    EXPECT_EQ(sends(), nothing) << "half as many at once as before the trouble";
}

TEST_F(outcomes, a_late_answer_may_ask_for_a_longer_wait) {
    in_flight(4);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(retry());
    EXPECT_EQ(wakes_in(), 250ms);
    answers(retry(), asking_for("4"));
    EXPECT_EQ(wakes_in(), 4s);
}

TEST_F(outcomes, a_judge_that_throws_means_a_retry) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    acme.judge_throws = true;
    answers(delivered());
    EXPECT_EQ(wakes_in(), 250ms);
    EXPECT_EQ(counts().last_error, "the vendor's judge threw an exception");
}

TEST_F(outcomes, a_vendor_without_words_still_leaves_an_error) {
    in_flight(3);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), "c");
    auto wordless = retry();
    wordless.detail.clear();
    answers(wordless, asking_for(""));
    EXPECT_EQ(counts().last_error, "HTTP 503");
    auto unreachable = failing_with(http_failure::not_sent);
    answers(wordless, unreachable);
    EXPECT_EQ(counts().last_error, "no answer");
    unreachable.error = "Could not resolve host";
    answers(wordless, unreachable);
    EXPECT_EQ(counts().last_error, "Could not resolve host");
}

// ---- rejected and split ----

TEST_F(outcomes, a_rejected_record_is_lost_alone) {
    log_all({"bad", "b"});
    EXPECT_EQ(sends(), "bad");
    answers(refused());
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(counts().last_error, "HTTP 400");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].what, event::kind::rejected);
    EXPECT_EQ(events[0].text, "acme will never take a record (HTTP 400); not sent again");
    EXPECT_EQ(sends(), "b") << "no wait: the vendor is well";
}

TEST_F(outcomes, a_rejected_batch_is_bisected_before_anything_else_goes) {
    takes_batches(4);
    log_all({"a", "b", "c", "bad", "e", "f"});
    std::vector<std::string> bodies;
    machine().hurry();
    for (auto body = sends(); body != nothing; body = sends()) {
        bodies.push_back(body);
        answers(body.find("bad") != std::string::npos ? refused() : delivered());
    }
    EXPECT_EQ(bodies, (std::vector<std::string>{"[a,b,c,bad]", "[a,b]", "[c,bad]", "[c]", "[bad]", "[e,f]"}));
    EXPECT_EQ(counts().delivered, 5u);
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(events.size(), 1u);
}

TEST_F(outcomes, one_bad_record_in_a_thousand_costs_few_requests) {
    takes_batches(1000, 1'000'000);
    for (int i = 0; i < 1000; ++i) logs(i == 637 ? "bad" : "good");
    for (auto body = sends(); body != nothing; body = sends()) {
        answers(body.find("bad") != std::string::npos ? refused() : delivered());
    }
    EXPECT_EQ(counts().delivered, 999u);
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_LE(counts().requests, 21u) << "2 log2(1000) + 1";
}

TEST_F(outcomes, what_is_too_large_is_halved_and_alone_rejected) {
    takes_batches(4);
    log_all({"a", "b", "cccccccc", "d"});
    std::vector<std::string> bodies;
    for (auto body = sends(); body != nothing; body = sends()) {
        bodies.push_back(body);
        answers(body.size() > 8 ? too_large() : delivered());
    }
    EXPECT_EQ(bodies, (std::vector<std::string>{"[a,b,cccccccc,d]", "[a,b]", "[cccccccc,d]", "[cccccccc]", "[d]"}));
    EXPECT_EQ(counts().delivered, 3u);
    EXPECT_EQ(counts().rejected, 1u);
}

TEST_F(outcomes, a_probe_that_is_rejected_is_followed_by_another_probe) {
    in_flight(3);
    log_all({"bad", "b", "c"});
    EXPECT_EQ(sends(), "bad");
    answers(retry());
    pass(1s);
    EXPECT_EQ(sends(), "bad");
    answers(refused());
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), nothing) << "nothing was delivered yet";
    answers(delivered());
    EXPECT_EQ(sends(), "c");
}

// ---- ambiguous ----

TEST_F(outcomes, ambiguous_is_retried_when_nobody_is_paged) {
    takes_batches(10);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "[a,b]");
    answers(ambiguous(), failing_with(http_failure::ambiguous));
    EXPECT_EQ(wakes_in(), 250ms);
    pass(250ms);
    EXPECT_EQ(sends(), "[a,b]");
    EXPECT_TRUE(events.empty());
}

TEST_F(outcomes, nobody_is_paged_twice) {
    takes_batches(10);
    log_all({"a", "page 1", "b", "page 2"});
    EXPECT_EQ(sends(), "[a,page 1,b,page 2]");
    answers(ambiguous(), failing_with(http_failure::ambiguous));
    EXPECT_EQ(dropped(drop_reason::ambiguous), 2u);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].text,
              "acme may or may not have 2 records that would notify a person (no answer came); not sent again, so that "
              "nobody is notified twice");
    pass(250ms);
    EXPECT_EQ(sends(), "[a,b]");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 2u);
}

TEST_F(outcomes, what_pages_is_sent_again_when_the_vendor_surely_has_not_seen_it) {
    logs("page");
    EXPECT_EQ(sends(), "page");
    answers(retry(), failing_with(http_failure::not_sent));
    pass(1s);
    EXPECT_EQ(sends(), "page");
    answers(ambiguous(), failing_with(http_failure::ambiguous));
    EXPECT_EQ(dropped(drop_reason::ambiguous), 1u);
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 500ms) << "the network is in trouble all the same";
    pass(500ms);
    EXPECT_EQ(sends(), nothing);
    logs("b");
    EXPECT_EQ(sends(), "b");
}

}  // namespace
}  // namespace logferry::test
