// A record on which the vendor fails every time, and how it is told from a vendor that fails on everything.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

bool holds(std::string_view body, std::string_view word) { return body.find(word) != std::string_view::npos; }

class poison : public destination_test {
protected:
    /// A vendor that works, but for bodies with poison in them.
    static outcome spoilt(const std::string& body) { return holds(body, "poison") ? retry(3) : delivered(); }
    static outcome down(const std::string&) { return retry(3); }

    /// Sends and fails `n` times; waits in between.
    void fails(const std::string& body, int n) {
        for (int i = 0; i < n; ++i) {
            EXPECT_EQ(sends(), body);
            answers(retry(3), status(500));
            pass(1min);
        }
    }
};

TEST_F(poison, is_set_aside_after_three_tries_and_convicted_after_two_witnesses) {
    log_all({"poison", "b", "c", "d"});
    fails("poison", 3);
    EXPECT_EQ(machine().unsettled(), 1u) << "perhaps the vendor fails on everything";
    EXPECT_EQ(sends(), "b") << "a witness, although b comes after it";
    answers(delivered());
    EXPECT_EQ(sends(), "poison") << "the next chance to prove itself";
    answers(retry(3), status(500));
    EXPECT_EQ(counts().dropped_total(), 0u) << "a vendor may fail twice by accident";
    pass(1min);
    EXPECT_EQ(sends(), "c") << "the second witness";
    answers(delivered());
    EXPECT_EQ(sends(), "poison");
    answers(retry(3), status(500));
    EXPECT_EQ(dropped(drop_reason::gave_up), 1u);
    EXPECT_EQ(letters.kept, (std::vector<std::string>{"500 HTTP 503: poison"}));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].what, event::kind::dropped);
    EXPECT_EQ(events[0].text, "acme fails again and again on one record (HTTP 503); it is dropped");
    EXPECT_EQ(events[0].records, 1u);
    EXPECT_EQ(source.end_of(1).why, drop_reason::gave_up);
    pass(1min);
    EXPECT_EQ(sends(), "d");
}

TEST_F(poison, that_is_none_is_delivered_when_its_chance_comes) {
    log_all({"a", "b"});
    fails("a", 3);
    EXPECT_EQ(sends(), "b");
    answers(delivered());
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 2u);
    EXPECT_TRUE(events.empty());
}

TEST_F(poison, is_retried_while_nothing_else_is_there) {
    logs("poison");
    fails("poison", 50);
    EXPECT_EQ(machine().unsettled(), 1u);
    EXPECT_EQ(counts().dropped_total(), 0u);
    logs("witness");
    EXPECT_EQ(sends(), "witness") << "it waits for no company";
    answers(delivered());
    fails("poison", 20);
    EXPECT_EQ(counts().dropped_total(), 0u) << "one witness is not enough";
    logs("another");
    EXPECT_EQ(sends(), "another");
    answers(delivered());
    fails("poison", 1);
    EXPECT_EQ(dropped(drop_reason::gave_up), 1u);
}

TEST_F(poison, a_witness_goes_at_once_even_when_batches_wait_for_company) {
    takes_batches(10);
    logs("poison");
    fails("[poison]", 3);
    logs("witness");
    EXPECT_EQ(sends(), "[witness]");
}

TEST_F(poison, what_left_before_its_first_failure_is_no_witness) {
    in_flight(3);
    log_all({"early", "poison"});
    EXPECT_EQ(sends(), "early");
    EXPECT_EQ(sends(), "poison");
    answers_newest(retry(1));
    answers(delivered());  // early
    pass(1min);
    EXPECT_EQ(sends(), "poison") << "nobody has said yet that the vendor works";
    answers(retry(1));
    EXPECT_EQ(counts().dropped_total(), 0u);
}

TEST_F(poison, what_left_before_its_failure_was_known_is_no_witness) {
    in_flight(4);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(sends(), "b");
    answers(retry(1));            // a; the vendor has just died
    answers_newest(delivered());  // b, which it had taken before that
    for (int i = 0; i < 20; ++i) {
        pass(1min);
        if (sends() != nothing) answers(retry(1));
    }
    EXPECT_EQ(counts().dropped_total(), 0u);
}

TEST_F(poison, in_a_batch_is_halved_out_of_it) {
    takes_batches(4);
    log_all({"a", "b", "poison", "d", "w", "x", "y", "z"});
    const auto bodies = answers_all(spoilt);
    EXPECT_EQ(bodies, (std::vector<std::string>{"[a,b,poison,d]", "[a,b,poison,d]", "[a,b,poison,d]",  // three tries
                                                "[w,x,y,z]",                                           // the witness
                                                "[a,b,poison,d]",                                      // convicted
                                                "[a,b]", "[poison,d]",               // guilty halves have one try
                                                "[poison]", "[poison]", "[poison]",  // a single record has its three
                                                "[d]", "[poison]"}));
    EXPECT_EQ(counts().delivered, 7u);
    EXPECT_EQ(dropped(drop_reason::gave_up), 1u);
}

TEST_F(poison, one_in_a_thousand_costs_few_requests) {
    takes_batches(1000, 1'000'000);
    for (int i = 0; i < 1000; ++i) logs(i == 637 ? "poison" : "good");
    logs("witness");
    answers_all(spoilt);
    EXPECT_EQ(counts().delivered, 1000u);
    EXPECT_EQ(dropped(drop_reason::gave_up), 1u);
    RecordProperty("requests", std::to_string(counts().requests));
    EXPECT_LE(counts().requests, 20u + 8u) << "2 log2(1000), and: two more tries of the batch and one of the record "
                                              "alone, one witness for each, one more try for each after that";
}

TEST_F(poison, two_and_three_in_a_row_lose_no_others) {
    for (const std::size_t batch : {1, 2, 3, 8}) {
        for (const std::size_t bad : {2, 3}) {
            SCOPED_TRACE(std::to_string(bad) + " in batches of " + std::to_string(batch));
            scripted_source own;
            std::uint64_t number = 0;
            for (std::size_t i = 0; i < 30; ++i) {
                own.add({(i >= 10 && i < 10 + bad ? "poison" : "good") + std::to_string(++number)});
            }
            auto s = chosen;
            s.batch_records = batch;
            scripted_vendor v;
            delivery::destination_machine m(
                v, own, s, [] { return 0.5; }, nullptr);
            for (int i = 0; i < 1000 && m.counts().delivered + m.counts().dropped_total() < 30; ++i) {
                while (const auto r = m.next_request(now)) {
                    v.says = spoilt(std::string(r->body));
                    m.respond(r->tag, {}, now);
                }
                pass(1min);
            }
            EXPECT_EQ(m.counts().delivered, 30 - bad);
            EXPECT_EQ(m.counts().dropped[static_cast<std::size_t>(drop_reason::gave_up)], bad);
        }
    }
}

TEST_F(poison, an_outage_that_answers_500_to_everything_loses_nothing) {
    takes_batches(3);
    for (int i = 0; i < 100; ++i) logs("#" + std::to_string(i));
    for (const auto until = now.steady + std::chrono::hours(24); now.steady < until; pass(1min)) {
        if (sends() != nothing) answers(retry(3), status(500));
        if (counts().requests % 100 == 0) logs("later");
    }
    EXPECT_GT(counts().requests, 1000u);
    EXPECT_EQ(source.settled(), 0u);
    answers_all([](const auto&) { return delivered(); });
    EXPECT_EQ(counts().delivered, source.taken());
    EXPECT_EQ(source.waiting(), 0u);
    ASSERT_EQ(events.size(), 1u);  // one word for the whole day
    EXPECT_EQ(events.front().what, event::kind::notice);
}

TEST_F(poison, an_outage_with_poison_in_it_loses_only_the_poison) {
    in_flight(4);
    for (int i = 0; i < 40; ++i) logs(i == 5 || i == 6 ? "poison" : "good");
    for (int i = 0; i < 300; ++i) {
        while (sends() != nothing) {
        }
        while (!tags.empty()) answers(down(""));
        pass(1min);
    }
    EXPECT_EQ(source.settled(), 0u);
    answers_all(spoilt);
    EXPECT_EQ(counts().delivered, 38u);
    EXPECT_EQ(dropped(drop_reason::gave_up), 2u);
}

TEST_F(poison, suspects_hold_only_so_much_of_the_buffer) {
    takes_batches(1, 3 * 1024 * 1024);
    chosen.in_flight = 1;
    for (int i = 0; i < 10; ++i) logs(std::to_string(i) + std::string(2 * 1024 * 1024, 'x'));
    for (int i = 0; i < 200; ++i) {
        if (sends() != nothing) answers(retry(3));
        pass(1min);
    }
    EXPECT_LE(source.taken(), 3u) << "four megabytes, and the one that exceeds them";
    answers_all([](const auto&) { return delivered(); });
    EXPECT_EQ(counts().delivered, 10u);
}

TEST_F(poison, suspects_are_tried_in_turns) {
    log_all({"a", "b"});
    fails("a", 3);
    fails("b", 3);
    fails("a", 1);
    fails("b", 1);
    fails("a", 1);
    EXPECT_EQ(counts().dropped_total(), 0u);
}

TEST_F(poison, a_failure_that_cannot_be_its_own_fault_does_not_count) {
    log_all({"a", "b"});
    fails("a", 2);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(sends(), "a") << "in order";
        answers(retry(), status(503));
        pass(1min);
    }
    fails("a", 1);
    EXPECT_EQ(sends(), "b");
}

}  // namespace
}  // namespace logferry::test
