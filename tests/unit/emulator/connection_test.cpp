// Connections: kept alive, many at a time, and closed at once at the end.
#include <csignal>
#include <list>
#include <memory>
#include <thread>

#include "emulator_fixture.hpp"

namespace logferry {
namespace {

using clock = std::chrono::steady_clock;

TEST_F(emulator_test, keeps_a_connection_for_as_long_as_it_is_used) {
    EXPECT_EQ(send_good("logsh").connects, 1);
    for (int i = 0; i < 200; ++i) ASSERT_EQ(send_good("logsh").connects, 0) << "request " << i;
}

TEST_F(emulator_test, keeps_a_connection_after_refusals_too) {
    client_.get(origin() + "/nowhere");
    EXPECT_EQ(client_.post(origin() + "/push-log", "{", {"Content-Type: application/json"}).connects, 0);
    EXPECT_EQ(client_.send("PUT", origin() + "/push-log").connects, 0);
    EXPECT_EQ(send_good("logsfori").connects, 0);
}

TEST_F(emulator_test, serves_more_connections_than_any_pool_would_hold) {
    std::list<http_client> idle(150);
    for (auto& client : idle) ASSERT_EQ(send_good("logsh", client).status, 201);
    for (auto& client : idle) ASSERT_EQ(send_good("logsh", client).connects, 0);
    EXPECT_EQ(server_.accepted("logsh"), 300U);
}

TEST_F(emulator_test, counts_right_when_many_send_at_once) {
    std::vector<std::thread> senders;
    for (int i = 0; i < 8; ++i) {
        senders.emplace_back([this] {
            http_client client;
            for (int n = 0; n < 100; ++n) send_good("logwire", client);
        });
    }
    EXPECT_TRUE(server_.wait_for("logwire", 800, 30s));
    for (auto& sender : senders) sender.join();
    EXPECT_EQ(server_.accepted("logwire"), 800U);
    EXPECT_EQ(server_.received("logwire").size(), 800U);
}

TEST_F(emulator_test, takes_a_body_that_waits_for_continue) {
    auto good = good_request_for(server_, "profound");
    good.headers.emplace_back("Expect: 100-continue");
    const json batch(1000, json::parse(good.body)[0]);
    const auto got = client_.post(server_.base_url("profound") + good.path, batch.dump(), good.headers);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(server_.accepted("profound"), 1000U);
}

TEST_F(emulator_test, takes_a_body_in_chunks) {
    auto good = good_request_for(server_, "logsh");
    good.headers.emplace_back("Transfer-Encoding: chunked");
    EXPECT_EQ(client_.post(server_.base_url("logsh") + good.path, good.body, good.headers).status, 201);
}

TEST_F(emulator_test, refuses_a_body_without_bounds) {
    const std::string huge(std::size_t{65} << 20, ' ');
    EXPECT_EQ(client_.post(origin() + "/v1/logs/custom", huge, {"Content-Type: application/json", "Expect:"}).status,
              413);
}

TEST_F(emulator_test, hangs_up_on_what_is_not_http) {
    const auto tls = "https://127.0.0.1:" + std::to_string(server_.port()) + "/counts";
    EXPECT_EQ(client_.get(tls).code, CURLE_SSL_CONNECT_ERROR);
    EXPECT_EQ(client_.get(origin() + "/counts").status, 200);
}

TEST(emulator_end_test, is_prompt_with_idle_connections) {
    auto server = std::make_unique<emulator>();
    std::list<http_client> idle(64);
    for (auto& client : idle) client.get(server->base_url("logsh") + "/counts");
    const auto start = clock::now();
    server.reset();
    EXPECT_LT(clock::now() - start, 20s);
}

TEST(emulator_end_test, is_prompt_while_an_answer_is_delayed) {
    auto server = std::make_unique<emulator>();
    server->fail_next("logsfori", {.status = 0, .delay = 1h});
    const auto good = good_request_for(*server, "logsfori");
    std::thread sender(
        [good, url = server->base_url("logsfori") + good.path] { http_client().post(url, good.body, good.headers); });
    EXPECT_TRUE(server->wait_for("logsfori", 1, 30s));
    const auto start = clock::now();
    server.reset();
    EXPECT_LT(clock::now() - start, 20s);
    sender.join();
}

TEST(emulator_end_test, leaves_the_applications_sigpipe_alone) {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    struct sigaction before {};
    ::sigaction(SIGPIPE, &usual, &before);
    const emulator server;
    struct sigaction after {};
    ::sigaction(SIGPIPE, &before, &after);
    EXPECT_EQ(after.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace logferry
