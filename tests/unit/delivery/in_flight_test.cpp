// How many requests are in flight. How the number is found is the business of concurrency_test.cpp.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

class in_flight_number : public destination_test {
protected:
    std::size_t sends_all() {
        std::size_t n = 0;
        while (sends() != nothing) ++n;
        return n;
    }
    void logs_many() {
        for (int i = 0; i < 200; ++i) logs("a");
    }
};

TEST_F(in_flight_number, of_an_ordered_destination_is_always_one) {
    in_flight(1);
    logs_many();
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(sends_all(), 1u);
        EXPECT_EQ(counts().in_flight_limit, 1u);
        answers(delivered());
    }
}

TEST_F(in_flight_number, grows_with_deliveries_up_to_the_chosen_one) {
    in_flight(16);
    logs_many();
    EXPECT_EQ(sends_all(), 4u) << "it begins with a few";
    EXPECT_EQ(counts().in_flight, 4u);
    for (int i = 0; i < 10; ++i) {
        pass(10ms);
        while (!tags.empty()) answers(delivered());
        sends_all();
        EXPECT_EQ(counts().in_flight, counts().in_flight_limit);
    }
    EXPECT_EQ(counts().in_flight, 16u);
}

TEST_F(in_flight_number, is_halved_once_by_a_failure_and_not_by_failing_probes) {
    in_flight(16);
    logs_many();
    sends_all();
    for (int i = 0; i < 100; ++i) {
        answers(delivered());
        sends_all();
    }
    ASSERT_EQ(counts().in_flight_limit, 16u);
    while (!tags.empty()) answers(retry());
    EXPECT_EQ(counts().in_flight_limit, 8u) << "sixteen failures of one time are one";
    for (int i = 0; i < 10; ++i) {
        pass(1min);
        EXPECT_EQ(sends_all(), 1u);
        answers(retry());
        EXPECT_EQ(counts().in_flight_limit, 8u) << "a probe says nothing about how many at once";
    }
    pass(1min);
    EXPECT_EQ(sends_all(), 1u);
    answers(delivered());
    EXPECT_EQ(sends_all(), counts().in_flight_limit);
}

TEST_F(in_flight_number, is_halved_when_the_vendor_asks_for_fewer_and_not_when_credentials_are_refused) {
    in_flight(4);
    logs_many();
    sends_all();
    answers(paused(outcome::pause::auth));
    EXPECT_EQ(counts().in_flight_limit, 4u);
    while (!tags.empty()) answers(paused(outcome::pause::auth));
    pass(1min);
    EXPECT_EQ(sends_all(), 1u);
    answers(delivered());
    sends_all();
    answers(paused(outcome::pause::rate));
    EXPECT_EQ(counts().in_flight_limit, 2u);
}

TEST_F(in_flight_number, is_not_touched_by_refusals) {
    in_flight(4);
    takes_batches(2);
    logs_many();
    sends_all();
    answers(refused());
    answers(too_large());
    EXPECT_EQ(counts().in_flight_limit, 4u);
}

TEST_F(in_flight_number, is_reported_without_those_answered) {
    in_flight(4);
    log_all({"a", "b"});
    sends_all();
    EXPECT_EQ(counts().in_flight, 2u);
    answers(delivered());
    EXPECT_EQ(counts().in_flight, 1u);
    answers(delivered());
    EXPECT_EQ(counts().in_flight, 0u);
}

}  // namespace
}  // namespace logferry::test
