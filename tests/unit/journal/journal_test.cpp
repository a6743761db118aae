// Reserve, commit, read, settle, release: the plain life of records, on one thread.
#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

TEST_F(journal_test, gives_out_what_was_put_in) {
    open(4);
    EXPECT_EQ(write("first"), state::granted);
    EXPECT_EQ(write(std::string_view("\0\xff\n", 3)), state::granted);
    EXPECT_EQ(write(""), state::granted);
    EXPECT_EQ(write("last"), state::granted);

    EXPECT_EQ(read(), "first");
    EXPECT_EQ(read(), std::string_view("\0\xff\n", 3));
    EXPECT_EQ(read(), "");
    EXPECT_EQ(read(), "last");
    EXPECT_EQ(read(), "(nothing)");
}

TEST_F(journal_test, is_empty_at_first) {
    open(4);
    EXPECT_EQ(log->accepted(), 0u);
    EXPECT_EQ(log->end(), 0u);
    EXPECT_EQ(reader->settled_to(), 0u);
    EXPECT_FALSE(reader->readable());
    EXPECT_FALSE(reader->held_up());
    EXPECT_EQ(read(), "(nothing)");
}

TEST_F(journal_test, aligns_records_and_their_data) {
    open(4);
    for (std::size_t size = 0; size < 40; ++size) {
        const auto room = log->reserve(size, importance::high);
        ASSERT_EQ(room.what, state::granted);
        EXPECT_EQ(room.size, size);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(room.data) % alignof(record_head), 0u);
        log->commit(room);
    }
    EXPECT_EQ(read_all(*reader), 40u);
}

TEST_F(journal_test, says_where_each_record_is_and_where_they_end) {
    open(4);
    write("0123456789abcdef");   // 16 bytes of head, 16 of data: 32
    write("0123456789abcdefg");  // 33, so 48
    EXPECT_EQ(log->end(), 80u);

    EXPECT_EQ(take(*reader)->at, 0u);
    EXPECT_EQ(take(*reader)->at, 32u);
}

TEST_F(journal_test, fills_a_segment_to_its_last_byte) {
    open(4);
    write_segments(1);
    EXPECT_EQ(log->end(), at(0, segment_bytes - alignment));
    write("over the edge");
    EXPECT_EQ(log->end(), at(1, stride(13)));

    EXPECT_EQ(read_some(*reader, bricks_per_segment), bricks_per_segment);
    EXPECT_EQ(take(*reader)->at, at(1, 0));
}

TEST_F(journal_test, moves_on_when_a_record_does_not_fit_and_wastes_the_rest) {
    open(4);
    write_bricks(bricks_per_segment - 1);
    const std::string long_one(brick_size + 16, 'l');
    write(long_one);
    EXPECT_EQ(log->end(), at(1, stride(long_one.size())));
    EXPECT_EQ(log->accepted(), bricks_per_segment);

    // The room that is left behind would do for this one, but order comes first.
    write("short");
    EXPECT_EQ(read_some(*reader, bricks_per_segment - 1), bricks_per_segment - 1);
    EXPECT_EQ(read(), long_one);
    EXPECT_EQ(read(), "short");
}

TEST_F(journal_test, takes_a_record_as_large_as_a_segment_and_none_larger) {
    open(4);
    const std::string largest(journal::largest_record(segment_bytes), 'x');
    EXPECT_EQ(stride(largest.size()), segment_bytes - alignment);
    EXPECT_EQ(write("before"), state::granted);
    EXPECT_EQ(write(largest), state::granted);
    EXPECT_EQ(write("after"), state::granted);

    EXPECT_EQ(write(largest + "y"), state::full);
    EXPECT_EQ(log->reserve(~std::size_t{0}, importance::high).what, state::full);
    EXPECT_EQ(log->end(), at(2, stride(5))) << "a record that can never fit must not use up segments";

    EXPECT_EQ(read(), "before");
    EXPECT_EQ(read(), largest);
    EXPECT_EQ(read(), "after");
}

TEST_F(journal_test, keeps_order_and_count_while_its_slots_are_used_again_and_again) {
    open(4);
    std::uint64_t written = 0;
    std::uint64_t got = 0;
    while (log->end() < at(1000, 0)) {
        for (int i = 0; i < 50; ++i) {
            // Sizes that leave a different rest in each segment.
            const auto text = std::to_string(written) + std::string(written * 37 % 700, '.');
            ASSERT_EQ(write(text, importance::normal), state::granted) << "record " << written;
            ++written;
        }
        for (; got < written; ++got) {
            const auto text = std::to_string(got) + std::string(got * 37 % 700, '.');
            ASSERT_EQ(read(), text);
        }
        ASSERT_EQ(read(), "(nothing)");
        ASSERT_EQ(reader->settled_to(), log->end());
        ASSERT_EQ(log->accepted(), written);
        log->maintain();
    }
    EXPECT_EQ(reader->given_up(), 0u);
}

TEST_F(journal_test, counts_what_is_reserved_before_it_is_committed) {
    open(4);
    const auto room = reserve("not yet");
    EXPECT_EQ(log->accepted(), 1u);
    EXPECT_EQ(log->end(), stride(7));
    log->commit(room);
    EXPECT_EQ(log->accepted(), 1u);
}

TEST_F(journal_test, does_not_count_what_it_refuses) {
    open(4);
    const auto taken = write_bricks_until_refused(importance::high);
    EXPECT_EQ(taken, 4 * bricks_per_segment);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(write(brick), state::full);
    EXPECT_EQ(log->accepted(), taken);
    EXPECT_EQ(log->end(), at(3, segment_bytes - alignment));
}

TEST_F(journal_test, goes_on_counting_when_segments_are_released) {
    open(4);
    for (std::uint64_t round = 1; round <= 20; ++round) {
        write_segments(2);
        EXPECT_EQ(log->accepted(), round * 2 * bricks_per_segment);
        read_all(*reader);
        log->maintain();
        EXPECT_EQ(log->accepted(), round * 2 * bricks_per_segment);
    }
}

TEST_F(journal_test, finds_room_again_when_records_are_settled_and_maintained) {
    open(4);
    write_segments(4);
    EXPECT_EQ(write("no"), state::full);
    EXPECT_EQ(read_all(*reader), 4 * bricks_per_segment);
    EXPECT_EQ(write("not before maintain"), state::full);
    log->maintain();
    // The active segment is full but stays; the other three are free.
    EXPECT_EQ(write_bricks_until_refused(importance::high), 3 * bricks_per_segment);
}

TEST_F(journal_test, keeps_a_segment_whose_records_are_read_but_not_settled) {
    open(4);
    write_segments(4);
    std::vector<std::uint64_t> tokens;
    while (const auto e = take(*reader)) tokens.push_back(e->token);
    log->maintain();
    EXPECT_EQ(write("no"), state::full);

    // The very first holds all of them.
    for (std::size_t i = 1; i < tokens.size(); ++i) reader->settle(tokens[i]);
    log->maintain();
    EXPECT_EQ(write("still no"), state::full);
    EXPECT_EQ(reader->settled_to(), 0u);

    reader->settle(tokens[0]);
    log->maintain();
    EXPECT_EQ(write_bricks_until_refused(importance::high), 3 * bricks_per_segment);
}

TEST_F(journal_test, waits_with_the_release_for_a_record_that_is_not_finished) {
    open(4);
    const auto slow = reserve("slow");
    write_bricks_until_refused(importance::high);
    ASSERT_TRUE(reader->pass_unfinished());
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(write("no"), state::full) << "the segment of the unfinished record must not be used again";

    log->commit(slow);
    EXPECT_EQ(read(), "slow");
    log->maintain();
    EXPECT_EQ(write("yes"), state::granted);
}

TEST_F(journal_test, takes_a_size_that_is_no_multiple_of_a_segment) {
    settings chosen;
    chosen.segment_size = segment_bytes;
    chosen.size = 5 * segment_bytes + 1000;
    open(chosen);
    EXPECT_EQ(write_bricks_until_refused(importance::high), 5 * bricks_per_segment);
    EXPECT_EQ(read_all(*reader), 5 * bricks_per_segment);
}

TEST_F(journal_test, has_four_segments_at_least) {
    open(1);
    EXPECT_EQ(write_bricks_until_refused(importance::high), 4 * bricks_per_segment);
}

}  // namespace
}  // namespace logferry::journal
