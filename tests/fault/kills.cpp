// The process dies while it logs, at any moment and in any way, and the next one sends what it had logged. As many
// rounds as LOGFERRY_KILL_ROUNDS says; tests/fault/kill makes many.
#include <sys/wait.h>

#include <thread>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

class kills : public spool_fault {
protected:
    /// Segments of the usual size now and then, else small ones, so that they change often.
    [[nodiscard]] json any_segments() { return any(3) == 0 ? json{{"segment_size", 0}} : as_usual; }

    /// That is the fault, no wait for anything.
    void let_it_live(std::chrono::microseconds most) {
        std::this_thread::sleep_for(std::chrono::microseconds(any(static_cast<std::uint64_t>(most.count()))));
    }

    /// Logs from so many threads for a while and is killed.
    void log_and_die(const house& in, const std::string& url, int threads) {
        const auto app = in.start(url, any_segments());
        ASSERT_TRUE(app->ready()) << app->books().last_error.data();
        app->keep_logging(threads);
        let_it_live(40ms);
        EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);
    }
};

constexpr int thread_counts[] = {1, 2, 4, 8, 16};
TEST_F(kills, A1_killed_at_any_moment_and_the_vendor_is_there) {
    for (const int threads : thread_counts) {
        for (int round = 0; round < rounds(10); ++round) {
            SCOPED_TRACE(std::to_string(threads) + " threads");
            house in;
            fake_vendor vendor(takes_all(), in.vendor());
            log_and_die(in, vendor.url(), threads);
            recover(in, vendor, house::on_their_way);
        }
    }
}

TEST_F(kills, A1_killed_at_any_moment_and_the_vendor_is_gone) {
    for (const int threads : thread_counts) {
        for (int round = 0; round < rounds(10); ++round) {
            SCOPED_TRACE(std::to_string(threads) + " threads");
            house in;
            support::reserved_port closed;
            log_and_die(in, closed.url(""), threads);
            fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
            recover(in, vendor, 0);
        }
    }
}

TEST_F(kills, A1_killed_again_and_again_while_it_logs_and_recovers) {
    for (int round = 0; round < rounds(6); ++round) {
        house in;
        fake_vendor vendor(takes_all(), in.vendor());
        constexpr int lives = 5;
        for (int life = 0; life < lives; ++life) log_and_die(in, vendor.url(), 4);
        recover(in, vendor, lives * house::on_their_way);
    }
}

TEST_F(kills, A1_killed_three_times_during_the_recovery) {
    for (int round = 0; round < rounds(10); ++round) {
        house in;
        support::reserved_port closed;
        log_and_die(in, closed.url(""), 4);
        fake_vendor vendor([](const arrival&) { return reply{.delay = 1ms}; }, in.vendor(), std::move(closed));
        for (int attempt = 0; attempt < 3; ++attempt) {
            const auto app = in.start(vendor.url());
            let_it_live(20ms);
            EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);
        }
        recover(in, vendor, 3 * house::on_their_way);
    }
}

class other_ends : public kills {
protected:
    void end_by(const char* how) {
        for (int round = 0; round < rounds(3); ++round) {
            house in;
            fake_vendor vendor(takes_all(), in.vendor());
            const auto app = in.start(vendor.url(), any_segments());
            app->keep_logging(4);
            let_it_live(20ms);
            status_ = app->die(how);
            recover(in, vendor, house::on_their_way);
        }
    }
    /// Sanitizers have a word of their own to say at some ends.
    void expect_signal(int wanted) const {
        if (slowness == 1) {
            EXPECT_EQ(WIFSIGNALED(status_) ? WTERMSIG(status_) : 0, wanted);
        }
    }

    int status_ = -1;
};

TEST_F(other_ends, A9_aborts) {
    end_by("abort");
    expect_signal(SIGABRT);
}

TEST_F(other_ends, A9_an_exception_leaves_a_thread) {
    end_by("terminate");
    expect_signal(SIGABRT);
}

TEST_F(other_ends, A9_segmentation_fault) {
    end_by("segfault");
    expect_signal(SIGSEGV);
}

TEST_F(other_ends, A9_stack_overflow) {
    end_by("stack_overflow");
    expect_signal(SIGSEGV);
}

TEST_F(other_ends, A9_bus_error) {
    end_by("bus_error");
    expect_signal(SIGBUS);
}

TEST_F(other_ends, A10_leaves_without_any_handler) {
    end_by("_exit");
    EXPECT_EQ(status_, 0);
}

TEST_F(other_ends, A10_leaves_by_quick_exit) {
    end_by("quick_exit");
    EXPECT_EQ(status_, 0);
}

TEST_F(other_ends, A10_becomes_another_program) {
    end_by("execve");
    EXPECT_EQ(status_, 0);
}

}  // namespace
}  // namespace logferry::fault
