#include "forking.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bad_ends.hpp"

namespace logferry::fault {

namespace {

/// The other end of the orders is closed by the test. The answers are not: the test waits for their end.
[[noreturn]] void stay() {
    ::close(STDOUT_FILENO);
    pollfd orders{STDIN_FILENO, 0, 0};
    while (::poll(&orders, 1, -1) < 0) {
    }
    ::_exit(0);
}

[[noreturn]] void end_child(const std::string& how) {
    if (how == "stays") stay();
    if (how == "killed") ::kill(::getpid(), SIGKILL);
    end_by(how);
}

}  // namespace

void fork_child(const std::function<void()>& work, const std::string& how) {
    int done[2];
    if (::pipe(done) != 0) return;
    const pid_t child = ::fork();
    if (child == 0) {
        work();
        ::close(done[0]);
        ::close(done[1]);
        end_child(how);
    }
    // The end of the pipe says that the child has come so far.
    ::close(done[1]);
    for (char none = 0; ::read(done[0], &none, 1) > 0;) {
    }
    ::close(done[0]);
    if (how != "stays") ::waitpid(child, nullptr, 0);
}

}  // namespace logferry::fault
