// Records looked at a second time, and those given up unread told one by one.
#include <span>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

class read_again_test : public journal_test {
protected:
    std::optional<std::string> again(std::uint64_t token) const {
        entry e;
        if (!reader->read_again(token, e)) return std::nullopt;
        EXPECT_EQ(e.token, token);
        return std::string(text_of(e));
    }
};

TEST_F(read_again_test, gives_the_same_bytes_as_often_as_asked) {
    open(4);
    write("one");
    write("two");
    const auto one = *take(*reader);
    const auto two = *take(*reader);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(again(two.token), "two");
        EXPECT_EQ(again(one.token), "one");
    }
    entry e;
    ASSERT_TRUE(reader->read_again(two.token, e));
    EXPECT_EQ(e.at, two.at);
    EXPECT_EQ(e.data.data(), two.data.data());
}

TEST_F(read_again_test, disturbs_neither_the_way_nor_what_is_settled) {
    open(4);
    write("one");
    write("two");
    const auto one = *take(*reader);
    EXPECT_EQ(again(one.token), "one");
    EXPECT_EQ(reader->settled_to(), 0u);
    EXPECT_EQ(read(), "two");
    EXPECT_EQ(again(one.token), "one");
    reader->settle(one.token);
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(read_again_test, gives_nothing_that_is_settled) {
    open(4);
    std::vector<entry> taken;
    for (const auto* text : {"a", "b", "c"}) {
        write(text);
        taken.push_back(*take(*reader));
    }
    reader->settle(taken[1].token);
    EXPECT_EQ(again(taken[1].token), std::nullopt) << "settled out of order, its neighbours are not";
    EXPECT_EQ(again(taken[0].token), "a");
    EXPECT_EQ(again(taken[2].token), "c");
    reader->settle(taken[0].token);
    EXPECT_EQ(again(taken[0].token), std::nullopt);
    EXPECT_EQ(again(taken[2].token), "c");
    reader->settle(taken[2].token);
    for (const auto& e : taken) EXPECT_EQ(again(e.token), std::nullopt);
}

TEST_F(read_again_test, gives_nothing_that_was_never_handed_out) {
    open(4);
    EXPECT_EQ(again(0), std::nullopt);
    write("waits");
    EXPECT_EQ(again(0), std::nullopt);
    const auto one = *take(*reader);
    EXPECT_EQ(again(one.token + 1), std::nullopt);
    EXPECT_EQ(again(one.token - 1), std::nullopt);
    EXPECT_EQ(again(~std::uint64_t{0}), std::nullopt);
}

TEST_F(read_again_test, reaches_back_over_segments) {
    open(8);
    write("far back");
    const auto kept = *take(*reader);
    write_segments(5);
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(again(kept.token), "far back");
}

TEST_F(read_again_test, gives_nothing_of_a_segment_that_was_given_up) {
    open(4, when_full::drop_oldest);
    write("gone");
    const auto gone = *take(*reader);
    write_bricks_until_refused(importance::high);
    read_some(*reader, 2 * bricks_per_segment);
    const auto kept = *take(*reader);
    log->maintain();
    EXPECT_EQ(again(gone.token), std::nullopt);
    EXPECT_EQ(again(kept.token), brick);

    // Its place belongs to another segment by now.
    write_bricks_until_refused(importance::high);
    EXPECT_EQ(again(gone.token), std::nullopt);
    reader->settle(gone.token);
    EXPECT_EQ(again(gone.token), std::nullopt);
    EXPECT_EQ(again(kept.token), brick);
}

TEST_F(read_again_test, gives_a_record_that_was_passed_once_it_is_finished) {
    open(4);
    const auto slow = reserve("slow");
    write("quick");
    ASSERT_TRUE(reader->pass_unfinished());
    const auto quick = *take(*reader);
    log->commit(slow);
    const auto found = *take(*reader);
    EXPECT_EQ(again(found.token), "slow");
    EXPECT_EQ(again(quick.token), "quick");
}

TEST_F(read_again_test, gives_nothing_of_a_record_that_is_still_being_written) {
    open(4);
    write("first");
    const auto first = *take(*reader);
    const auto slow = reserve("slow");
    ASSERT_TRUE(reader->pass_unfinished());
    EXPECT_EQ(again(first.token + 1), std::nullopt);
    log->commit(slow);
}

// ---- told when given up ----

class give_up_test : public journal_test {
protected:
    /// Remembers the texts of what `of` gives up.
    static void remember(cursor& of, std::vector<std::string>& texts) {
        of.on_give_up([&texts](std::span<const std::byte> bytes) {
            texts.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        });
    }
    /// A brick with a number of its own.
    [[nodiscard]] std::string numbered(std::size_t n) const {
        auto text = std::to_string(n);
        return text.append(brick_size - text.size(), '.');
    }
    void expect_numbers(const std::vector<std::string>& texts, std::size_t first, std::size_t end) const {
        ASSERT_EQ(texts.size(), end - first);
        for (auto n = first; n < end; ++n) EXPECT_EQ(texts[n - first], numbered(n));
    }
    std::vector<std::string> told;
};

TEST_F(give_up_test, tells_each_record_once_with_its_bytes_when_the_oldest_go) {
    open(16, when_full::drop_oldest);
    remember(*reader, told);
    std::size_t written = 0;
    while (write(numbered(written)) == state::granted) ++written;
    EXPECT_TRUE(told.empty());
    log->maintain();
    expect_numbers(told, 0, 2 * bricks_per_segment);
    EXPECT_EQ(reader->given_up(), told.size());
    log->maintain();
    EXPECT_EQ(told.size(), 2 * bricks_per_segment) << "nothing is told twice";
}

TEST_F(give_up_test, tells_nothing_of_what_was_read) {
    open(4, when_full::drop_oldest);
    remember(*reader, told);
    std::size_t written = 0;
    while (write(numbered(written)) == state::granted) ++written;
    read_some(*reader, 10);
    const auto under_way = *take(*reader);
    log->maintain();
    expect_numbers(told, 11, bricks_per_segment);
    reader->settle(under_way.token);
}

TEST_F(give_up_test, tells_the_lagging_destination_and_not_the_living_one) {
    open(8);
    auto& dead = log->add_cursor();
    std::vector<std::string> told_living;
    remember(dead, told);
    remember(*reader, told_living);
    std::size_t written = 0;
    while (dead.given_up() < 3 * bricks_per_segment) {
        for (std::size_t i = 0; i < bricks_per_segment / 2; ++i) ASSERT_EQ(write(numbered(written++)), state::granted);
        read_all(*reader);
        log->maintain();
    }
    expect_numbers(told, 0, dead.given_up());
    EXPECT_TRUE(told_living.empty());
    EXPECT_EQ(told.size() + read_all(dead), written);
}

TEST_F(give_up_test, tells_of_a_passed_record_once_its_producer_has_finished_it) {
    open(4, when_full::drop_oldest);
    remember(*reader, told);
    const auto slow = reserve("slow");
    reader->pass_unfinished();
    write_bricks_until_refused(importance::high);
    read_some(*reader, bricks_per_segment + 5);
    log->maintain();
    EXPECT_TRUE(told.empty()) << "its producer still writes";
    log->commit(slow);
    log->maintain();
    EXPECT_EQ(told, std::vector<std::string>{"slow"});
}

TEST_F(give_up_test, tells_nothing_of_a_segment_that_it_cannot_leave_yet) {
    open(4, when_full::drop_oldest);
    remember(*reader, told);
    for (std::size_t i = 0; i < 5; ++i) write(numbered(i));
    const auto slow = reserve(numbered(5));
    for (std::size_t i = 6; write(numbered(i)) == state::granted; ++i) {
    }
    log->maintain();
    EXPECT_TRUE(told.empty());
    log->commit(slow);
    log->maintain();
    expect_numbers(told, 0, bricks_per_segment);
}

}  // namespace
}  // namespace logferry::journal
