// One cursor's way: settling in any order, passing what is not finished and coming back to it.
#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

class cursor_test : public journal_test {
protected:
    cursor_test() { open(4); }
};

TEST_F(cursor_test, settles_only_what_has_no_gap_before_it) {
    for (const auto* text : {"a", "b", "c"}) write(text);
    const auto a = *take(*reader);
    const auto b = *take(*reader);
    const auto c = *take(*reader);
    EXPECT_EQ(reader->settled_to(), 0u);
    reader->settle(b.token);
    EXPECT_EQ(reader->settled_to(), a.at);
    reader->settle(a.token);
    EXPECT_EQ(reader->settled_to(), c.at);
    reader->settle(c.token);
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(cursor_test, keeps_a_record_readable_until_it_is_settled) {
    write("keep me");
    const auto kept = *take(*reader);
    write_bricks_until_refused(importance::high);
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(text_of(kept), "keep me");
    reader->settle(kept.token);
}

TEST_F(cursor_test, does_not_run_ahead_of_a_record_that_is_not_committed) {
    const auto slow = reserve("slow");
    write("quick");
    EXPECT_FALSE(reader->readable());
    EXPECT_TRUE(reader->held_up());
    EXPECT_EQ(read(), "(nothing)");

    log->commit(slow);
    EXPECT_TRUE(reader->readable());
    EXPECT_FALSE(reader->held_up());
    EXPECT_EQ(read(), "slow");
    EXPECT_EQ(read(), "quick");
}

TEST_F(cursor_test, passes_an_unfinished_record_and_comes_back_to_it) {
    const auto slow = reserve("slow");
    write("one");
    ASSERT_TRUE(reader->pass_unfinished());
    EXPECT_TRUE(reader->readable());
    EXPECT_EQ(read(), "one");
    EXPECT_FALSE(reader->readable());
    EXPECT_EQ(reader->settled_to(), 0u) << "what was passed is not settled";

    write("two");
    log->commit(slow);
    EXPECT_TRUE(reader->readable());
    EXPECT_EQ(read(), "slow");
    EXPECT_EQ(read(), "two");
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(cursor_test, says_what_it_came_back_to_lies_where_it_was_reserved) {
    write("first");
    const auto slow = reserve("slow");
    take(*reader);
    reader->pass_unfinished();
    log->commit(slow);
    const auto found = *take(*reader);
    EXPECT_EQ(found.at, stride(5));
    EXPECT_EQ(text_of(found), "slow");
}

TEST_F(cursor_test, passes_several_and_takes_each_when_it_is_done) {
    const auto a = reserve("a");
    const auto b = reserve("b");
    const auto c = reserve("c");
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(reader->pass_unfinished());
    EXPECT_FALSE(reader->pass_unfinished());
    log->commit(b);
    EXPECT_EQ(read(), "b");
    EXPECT_EQ(read(), "(nothing)");
    log->commit(c);
    log->commit(a);
    EXPECT_EQ(read(), "a");
    EXPECT_EQ(read(), "c");
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(cursor_test, comes_back_across_segments) {
    const auto slow = reserve("slow");
    reader->pass_unfinished();
    write_segments(2);
    EXPECT_EQ(read_all(*reader), 2 * bricks_per_segment);
    log->maintain();
    EXPECT_EQ(log->accepted(), 2 * bricks_per_segment + 1);
    log->commit(slow);
    EXPECT_EQ(read(), "slow");
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(cursor_test, passes_nothing_where_nothing_is_unfinished) {
    EXPECT_FALSE(reader->pass_unfinished());
    write("finished");
    EXPECT_FALSE(reader->pass_unfinished());
    EXPECT_EQ(read(), "finished");
    EXPECT_FALSE(reader->pass_unfinished());
}

TEST_F(cursor_test, is_independent_of_other_cursors) {
    settings chosen;
    chosen.size = 4 * segment_bytes;
    chosen.segment_size = segment_bytes;
    open(chosen);
    auto& other = log->add_cursor();
    for (const auto* text : {"a", "b", "c"}) write(text);

    EXPECT_EQ(read(*reader), "a");
    EXPECT_EQ(read(*reader), "b");
    EXPECT_EQ(read(other), "a");
    EXPECT_EQ(read(*reader), "c");
    EXPECT_EQ(read(*reader), "(nothing)");
    EXPECT_EQ(read(other), "b");
    EXPECT_EQ(read(other), "c");
}

TEST_F(cursor_test, holds_the_release_for_the_slowest) {
    settings chosen;
    chosen.size = 8 * segment_bytes;
    chosen.segment_size = segment_bytes;
    chosen.policy = when_full::block;
    chosen.block_for = std::chrono::milliseconds(0);
    open(chosen);
    auto& slow = log->add_cursor();
    write_segments(3);
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(write_bricks_until_refused(importance::high), 5 * bricks_per_segment);
    read_all(*reader);
    read_all(slow);
    log->maintain();
    // Two blocks are kept warm for the segments to come; the consumer puts them in place as it goes along.
    EXPECT_EQ(write_bricks_until_refused(importance::high), 5 * bricks_per_segment);
    log->maintain();
    EXPECT_EQ(write_bricks_until_refused(importance::high), 2 * bricks_per_segment);
}

}  // namespace
}  // namespace logferry::journal
