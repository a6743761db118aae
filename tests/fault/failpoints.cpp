// The process is killed at the very place where it hurts most, at each of them, and the next one sends what it had
// logged. In builds with failpoints only.
#ifdef LOGFERRY_FAILPOINTS

#include <sys/wait.h>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

class failpoints : public spool_fault {
protected:
    /// Dies there, every time, at any one of its first visits.
    void die_at(const char* point, std::uint64_t of_visits) {
        for (int round = 0; round < rounds(5); ++round) {
            const auto visit = 1 + any(of_visits - 1);
            SCOPED_TRACE(point + (", visit " + std::to_string(visit)));
            house in;
            fake_vendor vendor(takes_all(), in.vendor());
            const auto app = in.start(vendor.url(), {{"die_at", point}, {"die_after", visit}});
            expect_killed(app->ready() ? app->log_until_its_end(4) : app->await_end());
            recover(in, vendor, house::on_their_way);
        }
    }
    /// The same for a place that only a program comes to that finds records.
    void die_at_in_recovery(const char* point, std::uint64_t of_visits) {
        for (int round = 0; round < rounds(5); ++round) {
            const auto visit = 1 + any(of_visits - 1);
            SCOPED_TRACE(point + (", visit " + std::to_string(visit)));
            house in;
            support::reserved_port closed;
            const auto first = in.start(closed.url(""));
            // Enough for each of the three, whatever the ones before it could still send.
            first->log(4000, 4);
            first->kill();
            fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
            for (int attempt = 0; attempt < 3; ++attempt) {
                const auto app = in.start(vendor.url(), {{"die_at", point}, {"die_after", visit}});
                expect_killed(app->await_end());
            }
            recover(in, vendor, 3 * house::on_their_way);
        }
    }

private:
    static void expect_killed(int status) {
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "never came there";
    }
};

TEST_F(failpoints, A2_killed_between_reservation_and_claim) { die_at("reserved", 2000); }
TEST_F(failpoints, A2_killed_between_claim_and_record) { die_at("claimed", 2000); }
TEST_F(failpoints, A2_killed_in_the_middle_of_the_record) { die_at("half_copied", 2000); }
TEST_F(failpoints, A2_killed_between_record_and_commit) { die_at("before_commit", 2000); }
TEST_F(failpoints, A2_killed_between_commit_and_return) { die_at("committed", 2000); }

TEST_F(failpoints, A3_killed_when_a_segment_is_full) { die_at("sealing", 20); }
TEST_F(failpoints, A3_killed_before_the_next_segment_is_used) { die_at("changing_segment", 20); }
TEST_F(failpoints, A3_killed_when_the_next_segment_is_used) { die_at("changed_segment", 20); }

TEST_F(failpoints, A4_killed_when_a_spare_is_made) { die_at("spare_created", 20); }
TEST_F(failpoints, A4_killed_when_a_spare_has_its_blocks) { die_at("spare_allocated", 20); }
TEST_F(failpoints, A4_killed_when_a_spare_has_its_head) { die_at("spare_headed", 20); }
TEST_F(failpoints, A4_killed_when_a_spare_is_mapped) { die_at("spare_mapped", 20); }

TEST_F(failpoints, A5_killed_between_the_answer_and_its_note) { die_at("answered", 20); }
TEST_F(failpoints, A5_killed_before_the_cursors_are_written) { die_at("before_cursors", 40); }

TEST_F(failpoints, A6_killed_between_cursors_and_unlink) { die_at("cursors_saved", 40); }
TEST_F(failpoints, A6_killed_before_a_segment_is_removed) { die_at("before_unlink", 20); }
TEST_F(failpoints, A6_killed_after_a_segment_was_removed) { die_at("unlinked", 20); }

TEST_F(failpoints, A1_killed_three_times_at_a_file_that_was_found) { die_at_in_recovery("backlog_file", 3); }
TEST_F(failpoints, A1_killed_three_times_at_a_record_that_was_found) { die_at_in_recovery("recovered_record", 1000); }
TEST_F(failpoints, A5_killed_three_times_before_it_is_written_how_much_of_it_is_sent) {
    die_at_in_recovery("backlog_before_cursors", 3);
}
TEST_F(failpoints, A6_killed_three_times_between_that_and_unlink) { die_at_in_recovery("backlog_cursors_saved", 3); }
TEST_F(failpoints, A6_killed_three_times_after_a_file_that_was_found_is_removed) {
    die_at_in_recovery("backlog_unlinked", 3);
}

}  // namespace
}  // namespace logferry::fault

#endif
