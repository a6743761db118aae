// The end: no waiting, no record forgotten.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

class closing : public destination_test {
protected:
    void begins_closing() { machine().begin_closing(now); }
    void is_abandoned() {
        machine().abandon();
        ledger_balances();
    }
};

TEST_F(closing, sends_incomplete_batches_and_whatever_still_comes) {
    takes_batches(10);
    in_flight(4);
    logs("a");
    EXPECT_EQ(sends(), "[a]");
    logs("b");
    EXPECT_EQ(sends(), nothing);
    begins_closing();
    EXPECT_EQ(wakes_in(), std::nullopt);
    EXPECT_EQ(sends(), "[b]");
    logs("c");
    EXPECT_TRUE(hungry());
    EXPECT_EQ(sends(), "[c]");
    answers(delivered());
    answers(delivered());
    answers(delivered());
    EXPECT_EQ(machine().unsettled(), 0u);
}

TEST_F(closing, cuts_a_backoff_short_and_tries_once_more) {
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a");
    answers(retry(), asking_for("600"));
    EXPECT_EQ(sends(), nothing);
    begins_closing();
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(sends(), "b");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 2u);
}

TEST_F(closing, keeps_what_fails_once_more_until_it_is_abandoned) {
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a");
    answers(retry());
    begins_closing();
    EXPECT_EQ(sends(), "a");
    answers(retry());
    pass(1h);
    EXPECT_EQ(sends(), nothing) << "b may not pass a";
    EXPECT_EQ(wakes_in(), std::nullopt);
    EXPECT_FALSE(hungry());
    EXPECT_EQ(machine().unsettled(), 1u);
    is_abandoned();
    EXPECT_EQ(machine().unsettled(), 0u);
    EXPECT_EQ(dropped(drop_reason::at_close), 1u);
    EXPECT_EQ(source.waiting(), 1u) << "what was never taken is the caller's to count";
}

TEST_F(closing, a_vendor_that_was_well_a_moment_ago_is_tried_again) {
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    begins_closing();
    EXPECT_EQ(sends(), "b");
    answers(retry());
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 250ms) << "the backoff of every day";
    pass(250ms);
    EXPECT_EQ(sends(), "b");
    answers(paused(outcome::pause::rate), asking_for("1"));
    EXPECT_EQ(wakes_in(), 1250ms);
    pass(1250ms);
    EXPECT_EQ(sends(), "b");
    answers(delivered());
    EXPECT_EQ(sends(), "c");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 3u);
}

TEST_F(closing, hope_ends_ten_seconds_after_the_last_delivery) {
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    begins_closing();
    pass(10s);
    EXPECT_EQ(sends(), "b");
    answers(retry());
    pass(250ms);
    EXPECT_EQ(sends(), "b");
    answers(retry());
    EXPECT_EQ(wakes_in(), std::nullopt);
    pass(1h);
    EXPECT_EQ(sends(), nothing);
}

TEST_F(closing, no_hope_for_credentials_that_are_refused) {
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    begins_closing();
    EXPECT_EQ(sends(), "b");
    answers(paused(outcome::pause::auth));
    EXPECT_EQ(wakes_in(), std::nullopt);
    EXPECT_EQ(sends(), nothing);
}

TEST_F(closing, what_was_on_its_way_may_also_be_tried_once_more) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    begins_closing();
    answers(retry());
    EXPECT_EQ(sends(), "a");
    answers(retry());
    EXPECT_EQ(sends(), nothing);
}

TEST_F(closing, held_batches_go_together_and_new_ones_only_when_the_vendor_is_well) {
    in_flight(3);
    log_all({"a", "b", "c", "d", "e"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), "c");
    for (int i = 0; i < 3; ++i) answers(paused(outcome::pause::auth));
    begins_closing();
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), "c") << "no time to probe one after the other";
    answers(paused(outcome::pause::auth));
    answers(paused(outcome::pause::auth));
    EXPECT_EQ(sends(), nothing);
    answers(delivered());
    EXPECT_EQ(events.back().what, event::kind::resumed);
    EXPECT_EQ(sends(), "d");
    EXPECT_EQ(sends(), "e");
    EXPECT_EQ(sends(), nothing) << "a and b had their last try";
}

TEST_F(closing, a_backoff_with_nothing_held_is_cut_short_too) {
    log_all({"page", "b", "c"});
    EXPECT_EQ(sends(), "page");
    answers(ambiguous());
    EXPECT_EQ(sends(), nothing);
    begins_closing();
    EXPECT_EQ(sends(), "b");
    answers(retry());
    EXPECT_EQ(sends(), nothing) << "had its try: it was sent while closing";
    is_abandoned();
    EXPECT_EQ(dropped(drop_reason::at_close), 1u);
    EXPECT_EQ(dropped(drop_reason::ambiguous), 1u);
}

TEST_F(closing, a_suspect_is_tried_once_more_and_kept) {
    log_all({"poison", "b"});
    EXPECT_EQ(sends(), "poison");
    answers(retry(1));
    begins_closing();
    EXPECT_EQ(sends(), "poison");
    answers(retry(1));
    EXPECT_EQ(sends(), nothing);
    is_abandoned();
    EXPECT_EQ(dropped(drop_reason::at_close), 1u);
    EXPECT_TRUE(letters.kept.empty()) << "nobody knows whether it was poison";
}

TEST_F(closing, a_suspect_that_is_taken_after_all_lets_nothing_pass_what_failed_before_it) {
    log_all({"poison", "a", "b"});
    EXPECT_EQ(sends(), "poison");
    answers(retry(1));
    pass(1min);
    EXPECT_EQ(sends(), "a");
    answers(retry());
    begins_closing();
    EXPECT_EQ(sends(), "a");
    answers(retry());
    EXPECT_EQ(sends(), "poison");
    answers(delivered());
    EXPECT_EQ(sends(), nothing) << "in order: b waits for a, which had its last try";
    is_abandoned();
    EXPECT_EQ(dropped(drop_reason::at_close), 1u);
    EXPECT_EQ(source.waiting(), 1u);
}

TEST_F(closing, a_suspect_that_expired_is_in_nobodys_way) {
    chosen.delivery.max_age = 10s;
    in_flight(2);
    logs("poison");
    EXPECT_EQ(sends(), "poison");
    answers(retry(1));
    pass(11s);
    logs("b");
    begins_closing();
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(dropped(drop_reason::expired), 1u);
}

TEST_F(closing, a_run_of_refusals_is_no_reason_to_rest) {
    for (int i = 0; i < 15; ++i) logs("bad");
    begins_closing();
    EXPECT_EQ(answers_all([](const auto&) { return refused(); }).size(), 15u);
    EXPECT_EQ(counts().rejected, 15u);
}

TEST_F(closing, a_pause_is_announced_without_a_next_try) {
    logs("a");
    begins_closing();
    EXPECT_EQ(sends(), "a");
    answers(paused(outcome::pause::quota));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].text.find("next try"), std::string::npos);
}

TEST_F(closing, a_rejected_batch_is_still_bisected) {
    takes_batches(10);
    log_all({"a", "bad"});
    begins_closing();
    EXPECT_EQ(sends(), "[a,bad]");
    answers(refused());
    EXPECT_EQ(sends(), "[a]");
    answers(delivered());
    EXPECT_EQ(sends(), "[bad]");
    answers(refused());
    EXPECT_EQ(machine().unsettled(), 0u);
}

TEST_F(closing, a_connection_found_closed_does_not_use_up_the_last_try) {
    logs("a");
    begins_closing();
    EXPECT_EQ(sends(), "a");
    answers(retry(), failing_with(http_failure::closed_unused));
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 1u);
}

TEST_F(closing, what_we_cut_short_ourselves_is_not_started_again) {
    logs("page");
    EXPECT_EQ(sends(), "page");
    begins_closing();
    answers(retry(), failing_with(http_failure::aborted));
    EXPECT_EQ(sends(), nothing);
    is_abandoned();
    EXPECT_EQ(dropped(drop_reason::at_close), 1u);
}

TEST_F(closing, abandons_what_is_open_held_and_in_flight) {
    takes_batches(2);
    in_flight(2);
    log_all({"a", "b", "c", "d", "e"});
    EXPECT_EQ(sends(), "[a,b]");
    EXPECT_EQ(sends(), "[c,d]");
    answers(delivered());
    EXPECT_EQ(sends(), nothing);  // e waits for company
    logs("f");
    EXPECT_EQ(sends(), "[e,f]");
    answers(retry());  // c and d are held
    logs("g");
    EXPECT_EQ(machine().unsettled(), 4u);
    is_abandoned();
    EXPECT_EQ(machine().unsettled(), 0u);
    EXPECT_EQ(dropped(drop_reason::at_close), 4u);
    EXPECT_EQ(source.waiting(), 1u);
}

TEST_F(closing, abandons_an_open_batch_that_overflowed) {
    takes_batches(10, 10);
    in_flight(2);
    log_all({"aaaaa", "bbbbb"});
    EXPECT_EQ(sends(), "[aaaaa]");
    EXPECT_EQ(machine().unsettled(), 2u);
    is_abandoned();
    EXPECT_EQ(dropped(drop_reason::at_close), 2u);
}

TEST_F(closing, an_abandoned_body_stays_readable_until_its_answer_which_changes_nothing) {
    logs("a");
    const auto request = machine().next_request(now);
    ASSERT_TRUE(request);
    begins_closing();
    is_abandoned();
    EXPECT_EQ(request->body, "a");
    answers_tag(request->tag, delivered(), failing_with(http_failure::aborted));
    EXPECT_EQ(counts().delivered, 0u);
    EXPECT_EQ(dropped(drop_reason::at_close), 1u);
    EXPECT_TRUE(events.empty());
    EXPECT_EQ(sends(), nothing);
}

}  // namespace
}  // namespace logferry::test
