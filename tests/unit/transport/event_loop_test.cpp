// How the transport waits for many sockets at once.
#include "event_loop.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include <support/processor_time.hpp>

#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using test::processor_time;

class event_loop_test : public transport_test {};

bool is_connection(int fd) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    return ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.ss_family == AF_INET;
}

// What libcurl opens for itself is in the tests of descriptors that children inherit.
TEST_F(event_loop_test, leaves_no_connection_to_programs_that_the_host_starts) {
    raw_server server(script{read_request(), hold()});
    start(endpoint(server.url()), "x");
    drive_until([&] { return server.requests().size() == 1; });

    std::size_t found = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int fd = std::stoi(each.path().filename().string());
        if (!is_connection(fd)) continue;
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0) << fd;
        ++found;
    }
    EXPECT_EQ(found, 2u);  // both ends of the connection
}

TEST_F(event_loop_test, handles_many_sockets_that_are_ready_at_once) {
    constexpr std::size_t many = 200;
    raw_server server(
        script{read_request(), respond([](const raw_request& got) { return answer(200, got.body); }), again()});
    const auto to = endpoint(server.url());
    const std::string body = "x";
    for (int round = 0; round < 3; ++round) {
        for (std::size_t tag = 0; tag < many; ++tag) start(to, body, tag);
        // All are answered before the first answer is looked at.
        std::vector<completion> done;
        const std::size_t all = many * static_cast<std::size_t>(round + 1);
        while (server.requests().size() < all) transport_->drive(1ms, done);
        while (done.size() < many) transport_->drive(30s, done);
        EXPECT_EQ(done.size(), many);
        for (const completion& each : done) EXPECT_EQ(each.response.status, 200) << each.response.error;
    }
    EXPECT_EQ(server.connections(), many);
}

TEST_F(event_loop_test, does_not_spin_on_idle_connections_that_the_server_closes) {
    raw_server server(script{read_request(), send(answer(200)), close_connection()});
    const auto to = endpoint(server.url());
    for (std::uint64_t tag = 0; tag < 4; ++tag) start(to, "x", tag);
    finish(4);
    ASSERT_TRUE(server.wait_for_ended(4));
    const auto before = processor_time();
    std::vector<completion> done;
    transport_->drive(400ms, done);
    EXPECT_LT(processor_time() - before, 100ms);
}

TEST_F(event_loop_test, does_not_spin_when_the_program_has_closed_its_waker) {
    ASSERT_EQ(::close(waker_.fd()), 0);
    const auto before = processor_time();
    const auto start = std::chrono::steady_clock::now();
    std::vector<completion> done;
    std::size_t rounds = 0;
    for (; std::chrono::steady_clock::now() < start + 400ms; ++rounds) transport_->drive(30s, done);
    EXPECT_LT(processor_time() - before, 100ms);
    EXPECT_LT(rounds, 20u);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 25s) << "it looks now and then by itself";
}

TEST_F(event_loop_test, sends_though_the_program_has_closed_its_waker) {
    raw_server server(script{read_request(), send(answer(200))});
    const auto to = endpoint(server.url());
    ASSERT_EQ(::close(waker_.fd()), 0);
    std::vector<completion> none;
    transport_->drive(0ms, none);
    ASSERT_TRUE(waker_.lost());
    // Its number is free, so the connection gets it.
    EXPECT_EQ(post(to, "x").status, 200);
}

class poll_set_test : public ::testing::Test {
protected:
    ~poll_set_test() override {
        ::close(one_);
        ::close(other_);
    }

    poll_set set_;
    // Both can be written to, not read.
    int one_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int other_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
};

TEST_F(poll_set_test, reports_what_it_watches_for_and_nothing_else) {
    ASSERT_TRUE(set_.watch(one_, POLLIN));
    EXPECT_EQ(set_.wait(0).size(), 0u);
    ASSERT_TRUE(set_.watch(one_, POLLOUT));
    ASSERT_EQ(set_.wait(0).size(), 1u);
    EXPECT_EQ(set_.wait(0)[0].fd, one_);
    EXPECT_EQ(set_.wait(0)[0].revents, POLLOUT);
    ASSERT_TRUE(set_.watch(one_, POLLIN));
    EXPECT_EQ(set_.wait(0).size(), 0u);
}

TEST_F(poll_set_test, forgets_one_and_not_the_other) {
    ASSERT_TRUE(set_.watch(one_, POLLOUT));
    ASSERT_TRUE(set_.watch(other_, POLLOUT));
    EXPECT_EQ(set_.wait(0).size(), 2u);
    set_.forget(one_);
    set_.forget(one_);
    ASSERT_EQ(set_.wait(0).size(), 1u);
    EXPECT_EQ(set_.wait(0)[0].fd, other_);
    set_.forget(other_);
    EXPECT_EQ(set_.wait(0).size(), 0u);
}

TEST_F(poll_set_test, may_change_while_what_is_ready_is_looked_at) {
    ASSERT_TRUE(set_.watch(one_, POLLOUT));
    ASSERT_TRUE(set_.watch(other_, POLLOUT));
    std::size_t seen = 0;
    for (const pollfd& each : set_.wait(0)) {
        EXPECT_TRUE(each.fd == one_ || each.fd == other_);
        set_.forget(one_);
        set_.forget(other_);
        for (int fd = 1000; fd < 1100; ++fd) ASSERT_TRUE(set_.watch(fd, POLLOUT));
        ++seen;
        if (seen == 2) break;
    }
    EXPECT_EQ(seen, 2u);
}

}  // namespace
}  // namespace logferry::transport
