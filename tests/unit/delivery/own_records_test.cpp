// Records of logferry's own, such as loss reports; receipts; and what must not be sent twice.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

class own_records : public destination_test {};

TEST_F(own_records, are_sent_like_any_other_and_counted_apart) {
    takes_batches(10);
    logs("a");
    reports("lost 3 records");
    logs("b");
    EXPECT_EQ(sends(), "[a,lost 3 records,b]");
    EXPECT_EQ(machine().unsettled(), 3u);
    answers(delivered());
    EXPECT_EQ(counts().delivered, 2u);
    EXPECT_EQ(counts().loss_reports, 1u);
    EXPECT_EQ(machine().unsettled(), 0u);
    EXPECT_EQ(source.end_of(2).what, delivery::settlement::fate::delivered);
}

TEST_F(own_records, that_are_refused_stand_nowhere) {
    reports("lost 3 records");
    EXPECT_EQ(sends(), "lost 3 records");
    answers(refused(), status(400));
    EXPECT_EQ(source.end_of(1).what, delivery::settlement::fate::rejected);
    EXPECT_EQ(counts().rejected, 0u);
    EXPECT_EQ(counts().loss_reports, 0u);
    EXPECT_TRUE(letters.kept.empty());
    EXPECT_EQ(counts().dead_lettered + counts().dead_letters_lost, 0u);
}

TEST_F(own_records, that_are_given_up_stand_nowhere) {
    chosen.delivery.max_age = 10s;
    reports("old");
    pass(11s);
    reports("refuse this");
    reports("filter this");
    EXPECT_EQ(sends(), nothing);
    reports("left over");
    EXPECT_EQ(sends(), "left over");
    machine().abandon();
    ledger_balances();
    EXPECT_EQ(source.settled(), 4u);
    EXPECT_EQ(counts().filtered + counts().rejected + counts().dropped_total() + counts().loss_reports, 0u);
    EXPECT_TRUE(letters.kept.empty());
}

TEST_F(own_records, that_are_poison_stand_nowhere) {
    reports("poison");
    log_all({"witness", "another"});
    answers_all([](const auto& body) { return body == "poison" ? retry(1) : delivered(); });
    EXPECT_EQ(source.end_of(1).why, drop_reason::gave_up);
    EXPECT_EQ(counts().dropped_total(), 0u);
    EXPECT_TRUE(letters.kept.empty());
}

class receipts : public destination_test {
protected:
    static outcome received(std::string receipt) {
        auto o = delivered();
        o.receipt = std::move(receipt);
        return o;
    }
};

TEST_F(receipts, are_told_with_the_record_they_are_for) {
    chosen.receipts = true;
    logs("a");
    sends();
    answers(received("hash-1"));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].what, event::kind::delivered);
    EXPECT_EQ(events[0].receipt, "hash-1");
    EXPECT_EQ(events[0].records, 1u);
    EXPECT_EQ(events[0].record_id, (record_id{7, 1}).to_string());
}

TEST_F(receipts, of_a_batch_name_no_record) {
    chosen.receipts = true;
    takes_batches(10);
    log_all({"a", "b"});
    sends();
    answers(received("batch-7"));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].receipt, "batch-7");
    EXPECT_EQ(events[0].records, 2u);
    EXPECT_EQ(events[0].record_id, "");
}

TEST_F(receipts, of_a_record_whose_bytes_are_gone_name_none) {
    chosen.receipts = true;
    logs("a");
    sends();
    source.lose(1);
    answers(received("hash-1"));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].record_id, "");
}

TEST_F(receipts, that_the_vendor_does_not_give_are_not_told) {
    chosen.receipts = true;
    logs("a");
    sends();
    answers(delivered());
    EXPECT_TRUE(events.empty());
}

TEST_F(receipts, are_told_only_when_chosen) {
    logs("a");
    sends();
    answers(received("hash-1"));
    EXPECT_TRUE(events.empty());
}

class once : public destination_test {};

TEST_F(once, is_asked_for_exactly_when_a_record_pages) {
    takes_batches(2);
    in_flight(4);
    log_all({"a", "page", "c", "d"});
    EXPECT_EQ(sends(), "[a,page]");
    EXPECT_TRUE(last.once);
    EXPECT_EQ(sends(), "[c,d]");
    EXPECT_FALSE(last.once);
    answers(refused());
    EXPECT_EQ(sends(), "[a]");
    EXPECT_FALSE(last.once);
    EXPECT_EQ(sends(), "[page]");
    EXPECT_TRUE(last.once) << "a half remembers it";
}

TEST_F(once, is_not_asked_for_when_what_pages_was_taken_out) {
    takes_batches(2);
    log_all({"a", "page"});
    EXPECT_EQ(sends(), "[a,page]");
    answers(ambiguous());
    pass(1min);
    EXPECT_EQ(sends(), "[a]");
    EXPECT_FALSE(last.once);
}

TEST_F(once, is_asked_for_again_after_a_new_credential) {
    logs("page");
    sends();
    answers(paused(outcome::pause::auth));
    renews("!");
    EXPECT_EQ(sends(), "page!");
    EXPECT_TRUE(last.once);
}

}  // namespace
}  // namespace logferry::test
