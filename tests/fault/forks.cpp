// Programs that fork, and programs that say a last word when they crash, with a spool: whatever dies, what was logged
// is sent by the next process.
#include <sys/wait.h>

#include <csignal>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

class forks : public spool_fault {};

// In a child of a process with threads AddressSanitizer's allocator may stay locked for ever, and ThreadSanitizer ends
// a child that starts a thread.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

TEST_F(forks, E7_parent_and_child_log_and_are_killed) {
    for (int round = 0; round < rounds(5); ++round) {
        house in;
        support::reserved_port closed;
        {
            const auto app = in.start(closed.url(""));
            app->log(100);
            app->fork(100, "killed");
            app->log(100);
            EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);
        }
        fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
        recover(in, vendor, 0);
        EXPECT_EQ(vendor.book().distinct(), 300u);
    }
}

TEST_F(forks, E7_children_of_a_program_whose_threads_log) {
    constexpr int children = 10;
    for (int round = 0; round < rounds(5); ++round) {
        house in;
        fake_vendor vendor(takes_all(), in.vendor());
        {
            const auto app = in.start(vendor.url());
            app->keep_logging(2);
            for (int i = 0; i < children; ++i) app->fork(20, i % 2 == 0 ? "killed" : "_exit");
            EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);
        }
        recover(in, vendor, (1 + children) * house::on_their_way);
    }
}

TEST_F(forks, E7_child_that_outlives_its_parent_does_not_hold_its_spool) {
    house in;
    support::reserved_port closed;
    // Its child has the orders' other end, so it lives until `app` goes.
    const auto app = in.start(closed.url(""));
    app->log(100);
    app->fork(0, "stays");
    EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);
    fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
    recover(in, vendor, 0);
    EXPECT_EQ(vendor.book().distinct(), 100u);
}

#endif

TEST_F(forks, E11_last_words_of_a_crash) {
    for (const auto& [how, signal] : {std::pair("segfault", SIGSEGV), std::pair("abort", SIGABRT),
                                      std::pair("stack_overflow", SIGSEGV), std::pair("terminate", SIGABRT)}) {
        SCOPED_TRACE(how);
        house in;
        support::reserved_port closed;
        const json messages = {{"vendor", "logsfori"}, {"in_flight", 1}, {"batch_records", 1}};
        {
            const auto app = in.start(closed.url(""), messages);
            ASSERT_TRUE(app->ready()) << app->books().last_error.data();
            app->log(100);
            app->leave_last_record();
            EXPECT_EQ(WTERMSIG(app->die(how)), signal);
        }
        auto of_messages = in.vendor();
        of_messages.vendor = "logsfori";
        fake_vendor vendor(takes_all(), of_messages, std::move(closed));
        recover(in, vendor, 0, messages);
        EXPECT_EQ(vendor.book().distinct(), 101u);
    }
}

}  // namespace
}  // namespace logferry::fault
