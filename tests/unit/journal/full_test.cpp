// What is refused when room runs out, to the record.
#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

struct thresholds {
    std::size_t segments;
    // Segments that are filled when a record of the importance is refused for the first time.
    std::size_t normal, raised, high;
};

class shed_test : public journal_test, public ::testing::WithParamInterface<thresholds> {};

// Under 1/4 free `normal` is refused, under 1/8 `raised` too. The consumer does not run: all that the buffer is said to
// hold must be there for a burst.
TEST_P(shed_test, refuses_by_importance_at_its_thresholds) {
    const auto& p = GetParam();
    open(p.segments);
    auto taken = write_bricks_until_refused(importance::normal);
    EXPECT_EQ(taken, p.normal * bricks_per_segment);
    taken += write_bricks_until_refused(importance::raised);
    EXPECT_EQ(taken, p.raised * bricks_per_segment);
    EXPECT_EQ(write("still no", importance::normal), state::full);
    taken += write_bricks_until_refused(importance::high);
    EXPECT_EQ(taken, p.high * bricks_per_segment);
    EXPECT_EQ(log->accepted(), taken);
    EXPECT_EQ(read_all(*reader), taken);
}

TEST_P(shed_test, takes_everything_again_when_there_is_room_again) {
    const auto& p = GetParam();
    open(p.segments);
    write_bricks_until_refused(importance::high);
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(write("room", importance::normal), state::granted);
}

INSTANTIATE_TEST_SUITE_P(sizes, shed_test,
                         ::testing::Values(thresholds{4, 3, 3, 4}, thresholds{8, 6, 7, 8}, thresholds{16, 12, 14, 16},
                                           thresholds{64, 48, 56, 64}),
                         [](const auto& test) { return std::to_string(test.param.segments) + "_segments"; });

TEST_F(journal_test, has_room_for_a_burst_after_it_has_run_for_long) {
    open(16);
    for (int i = 0; i < 100; ++i) {
        write_segments(1);
        read_all(*reader);
        log->maintain();
    }
    // The consumer sleeps on. It keeps two segments back to use their memory again, not more.
    EXPECT_GE(write_bricks_until_refused(importance::high), 13 * bricks_per_segment);
    log->maintain();
    write_bricks_until_refused(importance::high);
    EXPECT_EQ(log->end() / segment_bytes, 99u + 15);
}

TEST_F(journal_test, gives_up_the_oldest_segments_when_told_to) {
    open(16, when_full::drop_oldest);
    // Until the consumer makes room there is none; an eighth is what it makes.
    EXPECT_EQ(write_bricks_until_refused(importance::normal), 16 * bricks_per_segment);
    log->maintain();
    EXPECT_EQ(reader->given_up(), 2 * bricks_per_segment);
    EXPECT_EQ(write_bricks_until_refused(importance::normal), 2 * bricks_per_segment);

    EXPECT_EQ(take(*reader)->at, at(2, 0));
    EXPECT_EQ(read_all(*reader), 16 * bricks_per_segment - 1);
    EXPECT_EQ(log->accepted(), 18 * bricks_per_segment);
}

TEST_F(journal_test, gives_up_no_record_that_is_read_or_under_way) {
    open(4, when_full::drop_oldest);
    write_segments(4);
    read_some(*reader, 10);
    const auto under_way = *take(*reader);
    log->maintain();
    EXPECT_EQ(reader->given_up(), bricks_per_segment - 11);
    EXPECT_EQ(reader->settled_to(), at(1, 0));

    reader->settle(under_way.token);
    EXPECT_EQ(reader->settled_to(), at(1, 0));
    EXPECT_EQ(read_all(*reader), 3 * bricks_per_segment);
    EXPECT_EQ(reader->settled_to(), log->end());
}

TEST_F(journal_test, gives_up_only_records_that_are_finished) {
    open(4, when_full::drop_oldest);
    const auto slow = reserve(brick);
    write_bricks_until_refused(importance::high);
    log->maintain();
    EXPECT_EQ(reader->given_up(), 0u);
    EXPECT_EQ(write("no"), state::full);

    log->commit(slow);
    log->maintain();
    EXPECT_EQ(reader->given_up(), bricks_per_segment);
    EXPECT_EQ(write("yes"), state::granted);
}

TEST_F(journal_test, counts_a_passed_record_among_those_given_up) {
    open(4, when_full::drop_oldest);
    const auto slow = reserve(brick);
    reader->pass_unfinished();
    write_bricks_until_refused(importance::high);
    const auto read = read_some(*reader, bricks_per_segment + 5);
    log->maintain();
    EXPECT_EQ(reader->given_up(), 0u) << "its producer still writes";

    log->commit(slow);
    log->maintain();
    EXPECT_EQ(reader->given_up(), 1u);
    EXPECT_EQ(read + read_all(*reader) + reader->given_up(), log->accepted());
}

TEST_F(journal_test, gives_up_segment_after_segment_for_ever) {
    open(4, when_full::drop_oldest);
    std::size_t taken = 0;
    for (int round = 0; round < 500; ++round) {
        taken += write_bricks_until_refused(importance::normal);
        log->maintain();
    }
    EXPECT_EQ(taken, (4 + 499) * bricks_per_segment);
    const auto left = read_all(*reader);
    EXPECT_EQ(left, 3 * bricks_per_segment);
    EXPECT_EQ(reader->given_up() + left, taken);
    EXPECT_EQ(log->accepted(), taken);
}

}  // namespace
}  // namespace logferry::journal
