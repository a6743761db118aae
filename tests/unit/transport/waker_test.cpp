#include <transport/waker.hpp>

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

#include <gtest/gtest.h>

namespace logferry::transport {
namespace {

bool readable(const waker& w) {
    pollfd watched{w.fd(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

TEST(waker, is_readable_from_wake_to_clear) {
    waker w;
    EXPECT_FALSE(readable(w));
    w.wake();
    EXPECT_TRUE(readable(w));
    w.clear();
    EXPECT_FALSE(readable(w));
}

TEST(waker, is_cleared_at_once_of_many_wakes) {
    waker w;
    for (int i = 0; i < 1000; ++i) w.wake();
    w.clear();
    EXPECT_FALSE(readable(w));
}

TEST(waker, does_not_block_when_there_is_nothing_to_clear) {
    waker w;
    w.clear();
    EXPECT_FALSE(readable(w));
}

TEST(waker, leaves_errno_alone) {
    waker w;
    errno = ENOENT;
    w.wake();
    EXPECT_EQ(errno, ENOENT);
}

TEST(waker, is_not_inherited_by_programs_that_the_host_starts) {
    waker w;
    EXPECT_NE(::fcntl(w.fd(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(::fcntl(w.fd(), F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace
}  // namespace logferry::transport
