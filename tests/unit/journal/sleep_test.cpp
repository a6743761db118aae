// Who wakes the consumer, and when. That no wake-up is lost between threads is for tests/stress.
#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

using sleep = journal::sleep;

class sleep_test : public journal_test {
protected:
    sleep_test() {
        settings chosen;
        chosen.size = 8 * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.wake = [](void* context) noexcept { ++*static_cast<int*>(context); };
        chosen.wake_context = &wakes;
        open(chosen);
    }
    int wakes = 0;
};

TEST_F(sleep_test, nobody_wakes_a_consumer_that_is_awake) {
    write_segments(3);
    EXPECT_EQ(wakes, 0);
}

TEST_F(sleep_test, the_first_record_wakes_it_from_deep_sleep_and_only_the_first) {
    log->announce(sleep::deep);
    const auto room = reserve("reserved is not written");
    EXPECT_EQ(wakes, 0);
    log->commit(room);
    EXPECT_EQ(wakes, 1);
    write("again");
    EXPECT_EQ(wakes, 1);

    log->announce(sleep::awake);
    write("and again");
    log->announce(sleep::deep);
    EXPECT_EQ(wakes, 1);
    write("once more");
    EXPECT_EQ(wakes, 2);
}

TEST_F(sleep_test, a_doze_is_ended_by_a_full_segment_and_nothing_less) {
    log->announce(sleep::doze);
    write_segments(1);
    EXPECT_EQ(wakes, 0);
    write("over the edge");
    EXPECT_EQ(wakes, 1);
    write_segments(2);
    EXPECT_EQ(wakes, 1);
}

TEST_F(sleep_test, a_sleep_that_is_over_is_not_ended_again) {
    log->announce(sleep::deep);
    log->announce(sleep::awake);
    write_segments(2);
    EXPECT_EQ(wakes, 0);
}

TEST_F(sleep_test, a_buffer_without_room_wakes_it_once_not_with_every_refusal) {
    write_bricks_until_refused(importance::high);
    log->announce(sleep::doze);
    for (int i = 0; i < 100; ++i) write(brick);
    EXPECT_LE(wakes, 1);
}

TEST_F(sleep_test, closing_wakes_it) {
    log->announce(sleep::doze);
    log->close();
    EXPECT_EQ(wakes, 1);
}

TEST_F(sleep_test, maintenance_is_due_from_a_change_of_segments_to_the_next_maintain) {
    EXPECT_FALSE(log->maintenance_due());
    write_segments(1);
    EXPECT_FALSE(log->maintenance_due());
    write("over the edge");
    EXPECT_TRUE(log->maintenance_due());
    log->maintain();
    EXPECT_FALSE(log->maintenance_due());
}

TEST_F(sleep_test, maintenance_that_can_do_nothing_is_not_due) {
    write_bricks_until_refused(importance::high);
    log->maintain();
    EXPECT_FALSE(log->maintenance_due());
    EXPECT_EQ(write("full"), state::full);
    EXPECT_FALSE(log->maintenance_due()) << "the consumer would never sleep while a destination is down";
}

}  // namespace
}  // namespace logferry::journal
