// A producer that must not wait, because it runs in a signal handler: what it interrupts may be a producer of the same
// thread that does wait, with a lock in its hands.
#include "interrupted.hpp"
#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

class patience_test : public journal_test {
protected:
    void open_full(std::chrono::milliseconds block_for) {
        settings chosen;
        chosen.size = 4 * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.policy = when_full::block;
        chosen.block_for = block_for;
        open(chosen);
        write_segments(4);
    }
    state without_waiting() { return log->reserve(brick_size, importance::high, patience::none).what; }
};

TEST_F(patience_test, without_it_a_full_journal_refuses_at_once) {
    open_full(std::chrono::hours(1));
    EXPECT_EQ(without_waiting(), state::full);
}

TEST_F(patience_test, without_it_room_is_taken_and_a_closed_journal_says_so) {
    open_full(std::chrono::hours(1));
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(without_waiting(), state::granted);
    log->close();
    EXPECT_EQ(without_waiting(), state::closed);
}

#ifdef LOGFERRY_CAN_INTERRUPT

TEST_F(patience_test, one_that_waits_is_interrupted_anywhere_by_one_that_does_not) {
    open_full(std::chrono::milliseconds(0));
    test::interrupter stop;
    auto waited = state::granted;
    auto did_not = state::granted;
    std::uint64_t n = 1;
    const auto wait = [&] { waited = log->reserve(brick_size, importance::high).what; };
    while (stop.at(n, wait, [&] { did_not = without_waiting(); })) {
        ASSERT_EQ(waited, state::full) << n;
        ASSERT_EQ(did_not, state::full) << n;
        ++n;
    }
    EXPECT_GT(n, 100u) << "nothing waited";
}

#endif

}  // namespace
}  // namespace logferry::journal
