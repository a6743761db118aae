#include <transport/waker.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
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

TEST(waker, leaves_alone_what_the_program_puts_in_its_place) {
    std::array<int, 2> pipe;
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK), 0);
    ASSERT_EQ(::write(pipe[1], "the program's", 13), 13);
    int number = -1;
    {
        waker w;
        number = w.fd();
        w.clear();
        EXPECT_FALSE(w.lost());
        ASSERT_EQ(::dup2(pipe[0], number), number);
        w.clear();
        EXPECT_TRUE(w.lost());
        // The end that could be written to.
        ASSERT_EQ(::dup2(pipe[1], number), number);
        w.wake();
        w.clear();
    }
    std::array<char, 100> text;
    EXPECT_EQ(::read(pipe[0], text.data(), text.size()), 13);
    EXPECT_EQ(::close(number), 0) << "it was the program's to close";
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(waker, knows_when_the_program_has_closed_it) {
    waker w;
    ASSERT_EQ(::close(w.fd()), 0);
    EXPECT_FALSE(w.lost()) << "nobody has looked";
    w.wake();
    EXPECT_TRUE(w.lost());
}

}  // namespace
}  // namespace logferry::transport
