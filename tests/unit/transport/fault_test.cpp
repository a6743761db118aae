// Everything that can go wrong between here and a vendor, and what it says about the records on their way.
#include <sys/resource.h>
#include <sys/socket.h>

#include <gmock/gmock.h>

#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using ::testing::HasSubstr;

class fault_test : public transport_test {
protected:
    /// Posts and expects no status.
    http_response fails(endpoint_id to, std::string_view body = "x") {
        const http_response got = post(to, body);
        EXPECT_EQ(got.status, 0);
        EXPECT_NE(got.error, "");
        return got;
    }
};

TEST_F(fault_test, refused_connection_is_not_sent) {
    const support::reserved_port closed;
    const http_response got = fails(endpoint(closed.url()));
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_THAT(got.error, HasSubstr("127.0.0.1"));
}

TEST_F(fault_test, silence_after_the_request_is_ambiguous) {
    use({.request_timeout = 5s});
    raw_server server(script{read_request(), hold()});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
    EXPECT_TRUE(server.wait_for_requests(1));
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(fault_test, silence_in_the_middle_of_the_upload_is_ambiguous) {
    use({.request_timeout = 5s});
    raw_server server(script{read_bytes(1), hold()});
    EXPECT_EQ(fails(endpoint(server.url()), std::string(16'000'000, 'b')).failure, http_failure::ambiguous);
}

TEST_F(fault_test, silence_in_the_middle_of_the_head_is_ambiguous) {
    use({.request_timeout = 5s});
    raw_server server(script{read_request(), send("HTTP/1.1 200 OK\r\nContent-Le"), hold()});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
}

TEST_F(fault_test, dripping_answer_is_given_up_by_its_low_speed) {
    use({.request_timeout = 60s, .low_speed_limit = 1000, .low_speed_time = 1s});
    raw_server server(script{read_request(), drip("HTTP/1.1 200 OK\r\nX-Slow: " + std::string(10'000, 'H'), 50ms)});
    const auto failed = fails(endpoint(server.url()), std::string(65'537, 'b'));
    EXPECT_EQ(failed.failure, http_failure::ambiguous);
    EXPECT_THAT(failed.error, testing::HasSubstr("too slow"));
}

TEST_F(fault_test, small_request_waits_for_its_answer_however_slow) {
    use({.request_timeout = 5s, .low_speed_limit = 1000, .low_speed_time = 1s});
    raw_server server(script{read_request(), hold()});
    const auto failed = fails(endpoint(server.url()), "b");
    EXPECT_EQ(failed.failure, http_failure::ambiguous);
    EXPECT_THAT(failed.error, testing::HasSubstr("timed out"));
}

TEST_F(fault_test, close_after_the_whole_request_is_ambiguous) {
    raw_server server(script{read_request(), close_connection()});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
}

TEST_F(fault_test, reset_after_the_whole_request_is_ambiguous) {
    raw_server server(script{read_request(), reset_connection()});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
}

TEST_F(fault_test, reset_in_the_middle_of_the_upload_is_ambiguous) {
    raw_server server(script{read_bytes(100'000), reset_connection()});
    EXPECT_EQ(fails(endpoint(server.url()), std::string(16'000'000, 'b')).failure, http_failure::ambiguous);
    EXPECT_EQ(server.connections(), 1u);
}

TEST_F(fault_test, something_that_is_not_http_is_ambiguous) {
    raw_server server(script{read_request(), send("220 mail.example ESMTP\r\n")});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
}

TEST_F(fault_test, only_an_interim_answer_is_ambiguous) {
    raw_server server(script{read_request(), send("HTTP/1.1 100 Continue\r\n\r\n"), close_connection()});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
}

TEST_F(fault_test, endless_head_is_cut_and_ambiguous) {
    raw_server server(script{read_request(), send("HTTP/1.1 200 OK\r\n"), flood("X-Filler: 0123456789\r\n")});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
    EXPECT_TRUE(server.wait_for_ended(1));
}

TEST_F(fault_test, endless_interim_answers_are_cut) {
    raw_server server(script{read_request(), flood("HTTP/1.1 102 Processing\r\n\r\n")});
    EXPECT_EQ(fails(endpoint(server.url())).failure, http_failure::ambiguous);
    EXPECT_TRUE(server.wait_for_ended(1));
}

TEST_F(fault_test, endless_body_is_cut_and_its_status_counts) {
    raw_server server(script{read_request(), send("HTTP/1.1 200 OK\r\n\r\n"), flood(std::string(10'000, 'f'))});
    const http_response got = post(endpoint(server.url()), "x");
    EXPECT_EQ(got.failure, http_failure::none);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body.size(), 64u * 1024);
    EXPECT_TRUE(server.wait_for_ended(1));
}

TEST_F(fault_test, status_counts_though_the_body_is_cut_short) {
    raw_server server(script{read_request(), send("HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 9\r\n\r\nhalf"),
                             reset_connection()});
    const http_response got = post(endpoint(server.url()), "x");
    EXPECT_EQ(got.failure, http_failure::none);
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.retry_after, "5");
}

TEST_F(fault_test, status_counts_though_it_comes_in_the_middle_of_the_upload) {
    raw_server server(script{read_bytes(100'000), send(answer(413, "too much")), hold()});
    const http_response got = post(endpoint(server.url()), std::string(16'000'000, 'b'));
    EXPECT_EQ(got.failure, http_failure::none);
    EXPECT_EQ(got.status, 413);
}

// A close right after the answer becomes a reset, for much of the upload was never read. Now and then the reset meets
// our sending before libcurl has read the answer. Then nobody can know more than that the server had some of it; the
// next attempt tells.
TEST_F(fault_test, status_comes_through_though_the_server_closes_in_the_middle_of_the_upload) {
    raw_server server(script{read_bytes(100'000), send(answer(413, "too much")), close_connection()});
    const auto to = endpoint(server.url());
    const std::string body(16'000'000, 'b');
    http_response got = post(to, body);
    for (int attempt = 1; attempt < 20 && got.status == 0; ++attempt) {
        ASSERT_EQ(got.failure, http_failure::ambiguous);
        got = post(to, body);
    }
    EXPECT_EQ(got.status, 413);
}

TEST_F(fault_test, connection_closed_while_idle_is_replaced_unnoticed) {
    raw_server server({{read_request(), send(answer(200)), close_connection()}, always(answer(200))});
    const auto to = endpoint(server.url());
    ASSERT_EQ(post(to, "first").status, 200);
    ASSERT_TRUE(server.wait_for_ended(1));

    EXPECT_EQ(post(to, "second").status, 200);

    ASSERT_EQ(server.requests().size(), 2u);
    EXPECT_EQ(server.requests()[1].body, "second");
    EXPECT_EQ(server.connections(), 2u);
}

TEST_F(fault_test, connection_reset_while_idle_is_replaced_unnoticed) {
    raw_server server({{read_request(), send(answer(200)), reset_connection()}, always(answer(200))});
    const auto to = endpoint(server.url());
    ASSERT_EQ(post(to, "first").status, 200);
    ASSERT_TRUE(server.wait_for_ended(1));
    EXPECT_EQ(post(to, "second").status, 200);
    EXPECT_EQ(server.requests().size(), 2u);
}

// A kept connection that dies with a request: libcurl sends the request once more by itself.
class reused_connection_test : public fault_test, public ::testing::WithParamInterface<support::step> {
protected:
    /// What a connection does: one request is fine, the next one kills it.
    script dies_with_the_second() const { return {read_request(), send(answer(200)), read_request(), GetParam()}; }
};

TEST_P(reused_connection_test, that_dies_with_a_request_has_it_sent_again) {
    raw_server server({dies_with_the_second(), always(answer(200))});
    const auto to = endpoint(server.url());
    ASSERT_EQ(post(to, "first").status, 200);

    EXPECT_EQ(post(to, "second").status, 200);

    EXPECT_EQ(server.requests().size(), 3u);
    EXPECT_EQ(server.requests().back().body, "second");
}

TEST_P(reused_connection_test, that_dies_ever_again_has_a_request_sent_three_times) {
    constexpr std::size_t kept = 6;
    raw_server server(dies_with_the_second());
    const auto to = endpoint(server.url());
    for (std::size_t tag = 0; tag < kept; ++tag) start(to, "first", tag);
    finish(kept);
    ASSERT_EQ(server.connections(), kept);

    const http_response got = fails(to, "second");

    EXPECT_EQ(got.failure, http_failure::ambiguous);
    EXPECT_THAT(got.error, HasSubstr("closed before an answer came"));
    EXPECT_EQ(server.requests().size(), kept + 3);
    EXPECT_EQ(server.connections(), kept);
}

TEST_P(reused_connection_test, is_not_used_for_what_must_not_be_sent_twice) {
    raw_server server(
        {dies_with_the_second(), script{read_request(), GetParam()}, script{read_request(), send(answer(200))}});
    const auto to = endpoint(server.url());
    ASSERT_EQ(post(to, "first").status, 200);

    EXPECT_EQ(post_once(to, "second").failure, http_failure::ambiguous);

    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_EQ(server.connections(), 2u);
}

INSTANTIATE_TEST_SUITE_P(by, reused_connection_test, ::testing::Values(close_connection(), reset_connection()),
                         [](const auto& p) { return p.param.what == support::step::kind::close ? "close" : "reset"; });

TEST_F(fault_test, what_must_not_be_sent_twice_has_a_connection_of_its_own_each_time) {
    raw_server server(always(answer(200)));
    const auto to = endpoint(server.url());
    ASSERT_EQ(post(to, "shared").status, 200);
    for (std::size_t alone = 1; alone <= 3; ++alone) {
        EXPECT_EQ(post_once(to, "alone").status, 200);
        EXPECT_TRUE(server.wait_for_ended(alone));
    }
    EXPECT_EQ(post(to, "shared").status, 200);

    std::vector<std::size_t> connections;
    for (const raw_request& each : server.requests()) connections.push_back(each.connection);
    EXPECT_EQ(connections, (std::vector<std::size_t>{0, 1, 2, 3, 0}));
}

TEST_F(fault_test, one_endpoint_that_hangs_costs_another_nothing) {
    raw_server silent(script{read_request(), hold()});
    raw_server lively(always(answer(200)));
    const std::string body = "x";
    start(endpoint(silent.url()), body, 1);
    start(endpoint(lively.url()), body, 2);
    const auto done = finish(1);
    EXPECT_EQ(done[0].tag, 2u);
    EXPECT_EQ(done[0].response.status, 200);
}

TEST_F(fault_test, lack_of_descriptors_is_not_sent) {
    raw_server server(always(answer(200)));
    const auto to = endpoint(server.url());
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{3, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const http_response got = post(to, "x");
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_EQ(post(to, "x").status, 200);
}

}  // namespace
}  // namespace logferry::transport
