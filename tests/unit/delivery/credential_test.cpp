// A destination whose credential is exchanged while it works.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

using pause = outcome::pause;

class credential : public destination_test {
protected:
    void SetUp() override { acme.credential = "?"; }
};

TEST_F(credential, a_destination_that_rests_tries_the_new_one_at_once) {
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a?");
    answers(paused(pause::auth));
    EXPECT_EQ(sends(), nothing);
    renews("!");
    EXPECT_EQ(sends(), "a!") << "encoded anew";
    answers(delivered());
    EXPECT_EQ(told(event::kind::resumed), 1u);
    EXPECT_EQ(sends(), "b!");
}

TEST_F(credential, a_new_one_that_is_refused_too_rests_as_if_it_were_the_first) {
    logs("a");
    sends();
    answers(paused(pause::auth));
    pass(60s);
    sends();
    answers(paused(pause::auth));
    EXPECT_EQ(wakes_in(), 120s);
    renews("!");
    EXPECT_EQ(sends(), "a!");
    answers(paused(pause::auth));
    EXPECT_EQ(wakes_in(), 60s);
}

TEST_F(credential, what_waits_for_company_is_encoded_anew) {
    takes_batches(10);
    in_flight(4);
    logs("a");
    EXPECT_EQ(sends(), "[a?]");
    log_all({"b", "c"});
    EXPECT_EQ(sends(), nothing);
    renews("!");
    EXPECT_EQ(sends(), "[b!,c!]");
    EXPECT_EQ(counts().retries, 0u) << "it had not been sent before";
    answers(delivered());
    answers(delivered());
    EXPECT_EQ(counts().delivered, 3u);
}

TEST_F(credential, requests_in_flight_are_left_alone_and_encoded_anew_when_they_return) {
    in_flight(2);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a?");
    const auto flying = last.body;
    EXPECT_EQ(sends(), "b?");
    renews("!");
    EXPECT_EQ(flying, "a?") << "the transport may be reading it";
    answers(delivered());
    answers(retry());
    pass(1min);
    EXPECT_EQ(sends(), "b!");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 2u);
}

TEST_F(credential, a_late_refusal_of_the_old_one_does_not_keep_the_new_one_waiting) {
    logs("a");
    EXPECT_EQ(sends(), "a?");
    renews("!");
    answers(paused(pause::auth));
    EXPECT_EQ(sends(), "a!");
    answers(delivered());
    EXPECT_TRUE(machine().well());
}

TEST_F(credential, records_whose_bytes_are_gone_are_dropped) {
    takes_batches(3);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "[a?,b?,c?]");
    answers(paused(pause::auth));
    source.lose(2);
    renews("!");
    EXPECT_EQ(sends(), "[a!,c!]");
    EXPECT_EQ(dropped(drop_reason::full), 1u);
    answers(paused(pause::auth));
    source.lose(1);
    source.lose(3);
    renews("!!");
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(dropped(drop_reason::full), 3u);
    logs("d");
    EXPECT_EQ(sends(), "[d!!]") << "the next record is the probe";
}

TEST_F(credential, records_that_cannot_be_read_now_wait_and_hold_nobody_up) {
    in_flight(2);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "a?");
    EXPECT_EQ(sends(), "b?");
    answers(paused(pause::auth));
    answers(paused(pause::auth));
    source.hide(true);
    renews("!");
    logs("c");
    EXPECT_EQ(sends(), "c!");
    answers(delivered());
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(dropped(drop_reason::full), 0u);
    source.hide(false);
    EXPECT_EQ(sends(), "a!");
    EXPECT_EQ(sends(), "b!");
    answers(delivered());
    answers(delivered());
    EXPECT_EQ(counts().delivered, 3u);
}

TEST_F(credential, a_batch_that_became_too_large_is_halved) {
    takes_batches(4, 13);
    log_all({"a", "b", "c", "d"});
    EXPECT_EQ(sends(), "[a?,b?,c?,d?]");
    answers(paused(pause::auth));
    renews("!!");
    EXPECT_EQ(sends(), "[a!!,b!!]");
    answers(delivered());
    EXPECT_EQ(sends(), "[c!!,d!!]");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 4u);
}

TEST_F(credential, a_batch_that_became_far_too_large_is_halved_until_it_fits) {
    takes_batches(4, 13);
    log_all({"a", "b", "c", "d"});
    EXPECT_EQ(sends(), "[a?,b?,c?,d?]");
    answers(paused(pause::auth));
    renews("!!!!!!");
    for (const auto* text : {"a", "b", "c", "d"}) {
        EXPECT_EQ(sends(), "[" + std::string(text) + "!!!!!!]");
        answers(delivered());
    }
}

TEST_F(credential, a_suspect_that_became_too_large_is_not_forgotten) {
    takes_batches(2, 7);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "[a?,b?]");
    answers(retry(1));
    pass(1min);
    renews("!!");
    EXPECT_EQ(sends(), "[a!!]");
    answers(delivered());
    EXPECT_EQ(sends(), "[b!!]");
}

TEST_F(credential, a_record_that_became_too_large_is_rejected) {
    takes_batches(1, 5);
    logs("aa");
    EXPECT_EQ(sends(), "[aa?]");
    answers(paused(pause::auth));
    renews("!!");
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(letters.kept.size(), 1u);
}

TEST_F(credential, order_is_kept) {
    takes_batches(2);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "[a?,b?]");
    answers(paused(pause::auth));
    renews("!");
    logs("d");
    EXPECT_EQ(sends(), "[a!,b!]");
    answers(delivered());
    EXPECT_EQ(sends(), "[c!,d!]");
}

}  // namespace
}  // namespace logferry::test
