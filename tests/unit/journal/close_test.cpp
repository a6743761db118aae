// After close nothing comes in, and what was granted before still comes out.
#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

TEST_F(journal_test, refuses_everything_once_closed) {
    open(4);
    write("before");
    log->close();
    for (const auto worth : {importance::normal, importance::raised, importance::high}) {
        EXPECT_EQ(write("after", worth), state::closed);
    }
    EXPECT_EQ(log->accepted(), 1u);
    EXPECT_EQ(log->end(), stride(6));
    EXPECT_EQ(read(), "before");
    EXPECT_EQ(read(), "(nothing)");
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(journal_test, lets_a_record_that_was_granted_before_close_be_finished) {
    open(4);
    write("one");
    const auto late = reserve("late");
    log->close();
    EXPECT_EQ(read(), "one");
    EXPECT_EQ(read(), "(nothing)");
    EXPECT_TRUE(reader->held_up());
    log->commit(late);
    EXPECT_EQ(read(), "late");
    EXPECT_EQ(log->accepted(), 2u);
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(journal_test, closes_while_it_is_empty) {
    open(4);
    log->close();
    EXPECT_EQ(write("after"), state::closed);
    EXPECT_EQ(log->accepted(), 0u);
    EXPECT_EQ(log->end(), 0u);
    EXPECT_FALSE(reader->readable());
}

TEST_F(journal_test, closes_at_the_very_end_of_a_segment) {
    open(4);
    write_segments(1);
    log->close();
    EXPECT_EQ(write("after"), state::closed);
    EXPECT_EQ(log->end(), at(0, segment_bytes - alignment));
    EXPECT_EQ(read_all(*reader), bricks_per_segment);
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(journal_test, closes_while_it_is_full) {
    open(4);
    const auto taken = write_bricks_until_refused(importance::high);
    log->close();
    EXPECT_EQ(write("after"), state::closed);
    EXPECT_EQ(log->accepted(), taken);
    EXPECT_EQ(read_all(*reader), taken);
    log->maintain();
    EXPECT_EQ(write("there is room, but it is closed"), state::closed);
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(journal_test, closes_twice_and_is_maintained_as_before) {
    open(4);
    write_segments(2);
    log->close();
    log->close();
    for (int i = 0; i < 3; ++i) {
        log->maintain();
        EXPECT_FALSE(log->maintenance_due());
        EXPECT_EQ(write("after"), state::closed);
    }
    EXPECT_EQ(read_all(*reader), 2 * bricks_per_segment);
    EXPECT_EQ(log->accepted(), 2 * bricks_per_segment);
}

}  // namespace
}  // namespace logferry::journal
