// What goes over the wire when all is well, byte by byte.
#include <set>
#include <stdexcept>

#include <gmock/gmock.h>

#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

class request_test : public transport_test {};

TEST_F(request_test, is_exactly_what_was_asked_for) {
    raw_server server(always(answer(202)));
    const auto to = add({server.url("/v1/logs?x=1"), {{"Content-Type", "application/json"}, {"X-Api-Key", "k"}}});

    EXPECT_EQ(post(to, "{\"a\":1}").status, 202);

    ASSERT_EQ(server.requests().size(), 1u);
    EXPECT_EQ(server.requests()[0].head,
              "POST /v1/logs?x=1 HTTP/1.1\r\n"
              "Host: 127.0.0.1:" +
                  std::to_string(server.port()) +
                  "\r\n"
                  "User-Agent: logferry/" LOGFERRY_VERSION
                  "\r\n"
                  "Content-Type: application/json\r\n"
                  "X-Api-Key: k\r\n"
                  "Content-Length: 7\r\n"
                  "\r\n");
    EXPECT_EQ(server.requests()[0].body, "{\"a\":1}");
}

TEST_F(request_test, has_no_header_of_libcurls_own_making) {
    raw_server server(always(answer(202)));
    const auto to = add({server.url(), {}});

    EXPECT_EQ(post(to, "x").status, 202);

    EXPECT_EQ(server.requests()[0].head,
              "POST / HTTP/1.1\r\n"
              "Host: 127.0.0.1:" +
                  std::to_string(server.port()) +
                  "\r\n"
                  "User-Agent: logferry/" LOGFERRY_VERSION
                  "\r\n"
                  "Content-Length: 1\r\n"
                  "\r\n");
}

TEST_F(request_test, carries_vendor_headers_even_if_they_are_empty_or_replace_ours) {
    raw_server server(always(answer(202)));
    const auto to = add({server.url(), {{"X-Empty", ""}, {"accept", "text/html"}, {"User-Agent", "mine"}}});

    EXPECT_EQ(post(to, "x").status, 202);

    const std::string head = server.requests()[0].head;
    EXPECT_THAT(head, HasSubstr("\r\nX-Empty:\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\naccept: text/html\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nUser-Agent: mine\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("logferry/")));
}

TEST_F(request_test, may_have_an_empty_body) {
    raw_server server(always(answer(202)));
    EXPECT_EQ(post(endpoint(server.url()), {}).status, 202);
    EXPECT_THAT(server.requests()[0].head, HasSubstr("Content-Length: 0\r\n"));
}

TEST_F(request_test, carries_any_bytes) {
    std::string body;
    for (int i = 0; i < 256; ++i) body += static_cast<char>(i);
    raw_server server(always(answer(202)));
    EXPECT_EQ(post(endpoint(server.url()), body).status, 202);
    EXPECT_EQ(server.requests()[0].body, body);
}

// A server that knows nothing of 100-continue would cost a second for every body over 1 MB.
TEST_F(request_test, sends_a_large_body_whole_and_without_expect) {
    const std::string body(1'200'000, 'b');
    raw_server server(always(answer(202)));
    EXPECT_EQ(post(endpoint(server.url()), body).status, 202);
    ASSERT_EQ(server.requests().size(), 1u);
    EXPECT_TRUE(server.requests()[0].body == body);
    EXPECT_THAT(server.requests()[0].head, Not(HasSubstr("Expect")));
    EXPECT_THAT(server.requests()[0].head, Not(HasSubstr("chunked")));
    EXPECT_THAT(server.requests()[0].head, HasSubstr("Content-Length: 1200000\r\n"));
}

TEST_F(request_test, gives_back_status_body_and_both_headers) {
    raw_server server(always(answer(
        429, "{\"e\":1}", "Retry-After: 17\r\nretry-after: 99\r\nContent-Type: application/json; charset=utf-8\r\n")));
    const http_response got = post(endpoint(server.url()), "x");
    EXPECT_EQ(got.failure, http_failure::none);
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.body, "{\"e\":1}");
    EXPECT_EQ(got.retry_after, "17");
    EXPECT_EQ(got.content_type, "application/json; charset=utf-8");
    EXPECT_EQ(got.error, "");
}

TEST_F(request_test, is_answered_by_the_final_response_not_by_an_interim_one) {
    raw_server server(always("HTTP/1.1 103 Early Hints\r\nRetry-After: 7\r\n\r\n" + answer(200, "fine")));
    const http_response got = post(endpoint(server.url()), "x");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "fine");
    EXPECT_EQ(got.retry_after, "");
}

TEST_F(request_test, leaves_nothing_behind_for_the_next_one) {
    raw_server server(script{read_request(),
                             send(answer(503, "wait", "Retry-After: 5\r\nContent-Type: text/plain\r\n")),
                             read_request(), send(answer(204)), again()});
    const auto to = endpoint(server.url());
    post(to, "a longer first body");
    const http_response got = post(to, "x");
    EXPECT_EQ(got.status, 204);
    EXPECT_EQ(got.body + got.retry_after + got.content_type, "");
    EXPECT_EQ(server.requests()[1].body, "x");
}

TEST_F(request_test, goes_out_on_the_connection_of_the_one_before) {
    raw_server server(always(answer(200)));
    const auto to = endpoint(server.url());
    for (int i = 0; i < 100; ++i) ASSERT_EQ(post(to, "x").status, 200);
    EXPECT_EQ(server.requests().size(), 100u);
    EXPECT_EQ(server.connections(), 1u);
}

TEST_F(request_test, shares_connections_between_endpoints_of_one_server) {
    raw_server server(always(answer(200)));
    const auto one = endpoint(server.url("/one"));
    const auto two = endpoint(server.url("/two"));
    EXPECT_EQ(post(one, "x").status, 200);
    EXPECT_EQ(post(two, "x").status, 200);
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_THAT(server.requests()[1].head, HasSubstr("POST /two "));
}

// None waits inside libcurl for a connection: the server answers only when it has seen all of them.
TEST_F(request_test, is_in_flight_beside_many_others) {
    constexpr std::size_t many = 64;
    raw_server server(script{read_request(), hold()});
    const auto to = endpoint(server.url());
    const std::string body = "x";
    for (std::size_t tag = 0; tag < many; ++tag) start(to, body, tag);
    drive_until([&] { return server.requests().size() == many; });
    EXPECT_EQ(server.connections(), many);
}

TEST_F(request_test, comes_back_under_its_own_tag) {
    raw_server server(
        script{read_request(), respond([](const raw_request& got) { return answer(200, got.body); }), again()});
    const auto to = endpoint(server.url());
    std::vector<std::string> bodies;
    for (int i = 0; i < 32; ++i) bodies.push_back("record " + std::to_string(i));
    for (std::size_t tag = 0; tag < bodies.size(); ++tag) start(to, bodies[tag], tag);

    std::set<std::uint64_t> tags;
    for (const completion& each : finish(bodies.size())) {
        EXPECT_EQ(each.response.body, bodies.at(each.tag));
        tags.insert(each.tag);
    }
    EXPECT_EQ(tags.size(), bodies.size());
}

TEST_F(request_test, keeps_64_kib_of_a_long_answer_and_the_connection) {
    const std::string body(1'000'000, 'r');
    raw_server server(always(answer(200, body)));
    const auto to = endpoint(server.url());
    EXPECT_EQ(post(to, "x").body, body.substr(0, 64 * 1024));
    EXPECT_EQ(post(to, "x").status, 200);
    EXPECT_EQ(server.connections(), 1u);
}

TEST_F(request_test, goes_where_the_endpoint_is_by_now) {
    raw_server old(always(answer(200)));
    raw_server fresh(always(answer(201)));
    const auto to = add({old.url("/old"), {{"X-Api-Key", "old-key"}}});
    ASSERT_EQ(post(to, "x").status, 200);

    transport_->update(to, {fresh.url("/new"), {{"X-Api-Key", "new-key"}}});

    EXPECT_EQ(post(to, "x").status, 201);
    EXPECT_EQ(old.requests().size(), 1u);
    EXPECT_THAT(fresh.requests().at(0).head, HasSubstr("POST /new "));
    EXPECT_THAT(fresh.requests().at(0).head, HasSubstr("\r\nX-Api-Key: new-key\r\n"));
    EXPECT_THAT(fresh.requests().at(0).head, Not(HasSubstr("old-key")));
}

TEST_F(request_test, in_flight_is_not_touched_by_an_update) {
    const std::string large(16'000'000, 'b');
    raw_server server(script{read_request(), send(answer(200)), again()});
    const auto to = add({server.url("/old"), {{"X-Api-Key", "old-key"}}});
    start(to, large, 1);
    start(to, "not even connected", 2);
    transport_->update(to, {server.url("/new"), {{"X-Api-Key", "new-key"}}});
    start(to, "later", 3);

    for (const completion& each : finish(3)) EXPECT_EQ(each.response.status, 200);

    for (const raw_request& each : server.requests()) {
        const bool later = each.body == "later";
        EXPECT_THAT(each.head, HasSubstr(later ? "POST /new " : "POST /old "));
        EXPECT_THAT(each.head, HasSubstr(later ? "new-key" : "old-key"));
    }
    // Whoever carried the old ones carries the new ones too.
    for (std::uint64_t tag = 4; tag < 7; ++tag) start(to, "later", tag);
    finish(3);
    for (std::size_t i = 3; i < 6; ++i) EXPECT_THAT(server.requests().at(i).head, HasSubstr("new-key"));
}

TEST_F(request_test, may_change_to_another_scheme_and_to_no_forged_header) {
    raw_server server(always(answer(200)));
    const auto to = endpoint("https://127.0.0.1:1/");
    EXPECT_EQ(post(to, "x").failure, http_failure::not_sent);
    EXPECT_THROW(transport_->update(to, {server.url(), {{"X", "a\r\nY: b"}}}), std::runtime_error);
    transport_->update(to, {server.url(), {}});
    EXPECT_EQ(post(to, "x").status, 200);
}

}  // namespace
}  // namespace logferry::transport
