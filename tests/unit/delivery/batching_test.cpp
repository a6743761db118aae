// Which records go together, and when they go.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

class batching : public destination_test {};

TEST_F(batching, one_record_one_request_as_many_as_may_be_in_flight) {
    in_flight(2);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(source.waiting(), 1u) << "what cannot be sent stays where it is safe";
    EXPECT_FALSE(hungry());
    EXPECT_EQ(wakes_in(), std::nullopt) << "an answer will come first";
    answers(delivered());
    EXPECT_EQ(sends(), "c");
    answers(delivered());
    answers(delivered());
    EXPECT_EQ(counts().delivered, 3u);
    EXPECT_EQ(counts().requests, 3u);
    EXPECT_EQ(counts().retries, 0u);
    EXPECT_EQ(machine().unsettled(), 0u);
    EXPECT_TRUE(hungry());
}

TEST_F(batching, the_first_record_after_a_pause_goes_at_once_and_the_next_ones_wait_for_company) {
    takes_batches(10, 1000, 1000ms);
    in_flight(4);
    EXPECT_TRUE(hungry());
    logs("a");
    EXPECT_EQ(sends(), "[a]");

    log_all({"b", "c"});
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 1000ms);
    EXPECT_FALSE(hungry()) << "who joins a waiting batch need not wake anybody";
    answers(delivered());
    EXPECT_EQ(sends(), nothing) << "they wait for their age, not for the answer";

    pass(999ms);
    logs("d");
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 1ms) << "the age is that of the first in the batch";
    pass(1ms);
    EXPECT_TRUE(hungry());
    EXPECT_EQ(sends(), "[b,c,d]");
    answers(delivered());

    EXPECT_EQ(wakes_in(), std::nullopt);
    logs("e");
    EXPECT_EQ(sends(), "[e]") << "a pause again";
}

TEST_F(batching, a_full_batch_does_not_wait) {
    takes_batches(2);
    in_flight(4);
    log_all({"a", "b", "c", "d", "e"});
    EXPECT_EQ(sends(), "[a,b]");
    EXPECT_EQ(sends(), "[c,d]");
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 1000ms);
}

TEST_F(batching, bytes_are_counted_with_all_that_is_around_the_records) {
    takes_batches(100, 10);
    in_flight(4);
    log_all({"aaa", "bbbb", "cccc", "ddd", "e"});
    EXPECT_EQ(sends(), "[aaa,bbbb]") << "ten bytes exactly";
    EXPECT_EQ(sends(), "[cccc,ddd]");
    EXPECT_EQ(sends(), nothing);
    pass(1s);
    EXPECT_EQ(sends(), "[e]");
}

TEST_F(batching, a_record_that_no_longer_fits_begins_the_next_batch) {
    takes_batches(100, 10);
    in_flight(4);
    log_all({"aaaa", "bbbbb", "cc"});
    EXPECT_EQ(sends(), "[aaaa]");
    pass(1ms);
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 999ms) << "its age counts from when it was taken";
    pass(999ms);
    EXPECT_EQ(sends(), "[bbbbb,cc]");
}

TEST_F(batching, a_record_larger_than_any_request_is_rejected_alone) {
    takes_batches(100, 10);
    log_all({"aaa", "123456789", "bbb"});
    EXPECT_EQ(sends(), "[aaa,bbb]");
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(counts().last_error,
              "acme will never take a record (it is larger than a request may be); not sent again");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].what, event::kind::rejected);
    EXPECT_TRUE(source.settled(2));
}

TEST_F(batching, hurry_sends_what_is_there_and_then_all_is_as_before) {
    takes_batches(10);
    in_flight(4);
    logs("a");
    EXPECT_EQ(sends(), "[a]");
    logs("b");
    EXPECT_EQ(sends(), nothing);
    logs("c");
    machine().hurry();
    EXPECT_EQ(sends(), "[b,c]");
    logs("d");
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 1000ms);
}

TEST_F(batching, hurry_is_not_forgotten_while_all_requests_are_out) {
    takes_batches(10);
    logs("a");
    EXPECT_EQ(sends(), "[a]");
    log_all({"b", "c"});
    machine().hurry();
    EXPECT_EQ(sends(), nothing);
    answers(delivered());
    EXPECT_EQ(sends(), "[b,c]");
}

TEST_F(batching, hurry_with_nothing_to_send_hurries_nothing_later) {
    takes_batches(10);
    in_flight(4);
    machine().hurry();
    EXPECT_EQ(sends(), nothing);
    logs("a");
    EXPECT_EQ(sends(), "[a]");
    logs("b");
    EXPECT_EQ(sends(), nothing);
}

TEST_F(batching, records_below_the_level_are_filtered) {
    chosen.min_level = level::warn;
    logs("a", level::info);
    logs("b", level::warn);
    logs("c", level::trace);
    EXPECT_EQ(sends(), "b");
    answers(delivered());
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(counts().filtered, 2u);
    EXPECT_EQ(counts().delivered, 1u);
    EXPECT_EQ(counts().last_error, "") << "nothing went wrong";
}

TEST_F(batching, what_is_not_the_vendors_kind_is_filtered_and_what_it_cannot_take_rejected) {
    takes_batches(10);
    log_all({"filter this", "a", "refuse this", "b", "filter that"});
    EXPECT_EQ(sends(), "[a,b]");
    EXPECT_EQ(counts().filtered, 2u);
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(counts().last_error, "acme will never take a record (it has no host); not sent again");
}

TEST_F(batching, a_vendor_that_throws_costs_one_record_and_its_words_stay_inside) {
    takes_batches(10);
    log_all({"a", "throw", "b"});
    EXPECT_EQ(sends(), "[a,b]");
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_NE(counts().last_error.find("threw"), std::string::npos);
    EXPECT_EQ(counts().last_error.find("secret"), std::string::npos);
}

TEST_F(batching, clipped_parts_are_counted) {
    log_all({"clip", "a"});
    in_flight(2);
    EXPECT_EQ(sends(), "clip");
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(counts().clipped, 2u);
}

TEST_F(batching, what_is_too_old_is_dropped_before_it_is_sent) {
    chosen.delivery.max_age = 10s;
    logs("old");
    pass(10s);
    logs("new");
    pass(1ns);
    EXPECT_EQ(sends(), "new");
    EXPECT_EQ(dropped(drop_reason::expired), 1u);
}

TEST_F(batching, what_becomes_too_old_while_held_is_taken_out_of_its_batch) {
    chosen.delivery.max_age = 10s;
    takes_batches(10);
    logs("old");
    pass(9s);
    logs("new");
    EXPECT_EQ(sends(), "[old,new]");
    answers(retry(), asking_for("2"));
    pass(3s);
    EXPECT_EQ(sends(), "[new]");
    EXPECT_EQ(dropped(drop_reason::expired), 1u);
    answers(retry(), asking_for("20"));
    pass(21s);
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(dropped(drop_reason::expired), 2u);
    EXPECT_EQ(machine().unsettled(), 0u);
    EXPECT_EQ(wakes_in(), std::nullopt);
    EXPECT_TRUE(hungry()) << "the next record is the probe";
    logs("next");
    EXPECT_EQ(sends(), "[next]");
}

TEST_F(batching, settings_of_nothing_at_all_still_mean_one) {
    chosen.in_flight = 0;
    chosen.batch_records = 0;
    logs("a");
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), nothing);
}

}  // namespace
}  // namespace logferry::test
