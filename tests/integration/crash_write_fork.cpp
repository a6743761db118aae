// Records from handlers of fatal signals, in children.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <iterator>

#include "fork_test.hpp"

namespace logferry::test {
namespace {

class crash_write_fork_test : public fork_test {
protected:
    void SetUp() override { log = logger_to(logsfori()); }

    std::shared_ptr<spdlog::logger> log;
};

TEST_F(crash_write_fork_test, belongs_to_a_child_once_that_has_logged) {
    EXPECT_EQ(in_child([&] {
                  const bool before = shared().crash_write("lost");
                  log->info("first");
                  return !before && shared().crash_write("crash of the child") && delivers(2);
              }),
              0);
    EXPECT_EQ(messages().at("crash of the child"), 1);
}

/// From now on any other system call of this thread ends the process.
bool only_write_and_exit() {
#define LOGFERRY_ALLOW(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        LOGFERRY_ALLOW(SYS_gettid),
        LOGFERRY_ALLOW(SYS_write),
        LOGFERRY_ALLOW(SYS_fstat),
        LOGFERRY_ALLOW(SYS_newfstatat),
        LOGFERRY_ALLOW(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
#undef LOGFERRY_ALLOW
    const sock_fprog filter{static_cast<unsigned short>(std::size(rules)), rules};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// The time comes without a system call; the wake-up is a write, after a look that the descriptor is still there.
TEST_F(crash_write_fork_test, makes_no_system_call_but_for_the_thread_id_and_a_wake_up) {
    EXPECT_EQ(in_child([&] {
                  log->info("first");
                  if (!delivers(1) || !only_write_and_exit()) return false;
                  for (int i = 0; i < 1000; ++i) {
                      if (!shared().crash_write("confined")) return false;
                  }
                  return true;
              }),
              0);
    const auto killed = in_child([] { return only_write_and_exit() && ::getppid() == 0; });
    EXPECT_TRUE(WIFSIGNALED(killed)) << "nothing is confined";
}

}  // namespace
}  // namespace logferry::test
