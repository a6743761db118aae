#include <logferry/emulator.hpp>

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "emulator_fixture.hpp"
#include "gzipped.hpp"
#include "support/kept_port.hpp"

namespace logferry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(emulator_test, speaks_for_five_vendors) {
    EXPECT_THAT(emulator::vendors(), ElementsAre("logsfori", "logsh", "logsentry", "profound", "logwire"));
}

TEST_F(emulator_test, takes_a_good_record_at_every_base_url) {
    for (const auto& vendor : emulator::vendors()) {
        const auto got = send_good(vendor);
        EXPECT_EQ(got.status / 100, 2) << vendor << got.body;
        EXPECT_EQ(server_.accepted(vendor), 1U);
        EXPECT_EQ(server_.requests(vendor), 1U);
    }
}

TEST_F(emulator_test, takes_logsentrys_other_api_below_v1) {
    const auto got = client_.post(server_.base_url("logsentry") + "/v1/event", R"({"app":"a","level":6,"msg":"m"})",
                                  good_request_for(server_, "logsentry").headers);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(server_.accepted("logsentry"), 1U);
}

TEST_F(emulator_test, answers_as_the_vendors_function_says) {
    const auto got = send_good("logsfori");
    EXPECT_EQ(got.status, 202);
    EXPECT_EQ(got.body, R"({"status": "accepted"})");
    EXPECT_THAT(got.headers, HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(emulator_test, keeps_what_it_received_and_what_it_answered) {
    send_good("logsh");
    client_.post(server_.base_url("logsh") + "/api/event", "{}", {"Content-Type: application/json", "X-Mark: 7"});
    const auto kept = server_.received("logsh");
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].body, good_request_for(server_, "logsh").body);
    EXPECT_EQ(kept[0].accepted, 1U);
    EXPECT_THAT(kept[0].problem, IsEmpty());
    EXPECT_EQ(kept[1].vendor, "logsh");
    EXPECT_EQ(kept[1].path, "/api/event");
    EXPECT_EQ(kept[1].status, 401);
    EXPECT_THAT(kept[1].answer, HasSubstr("unauthorized"));
    EXPECT_EQ(kept[1].accepted, 0U);
    EXPECT_THAT(kept[1].problem, HasSubstr("key is missing"));
    EXPECT_THAT(kept[1].headers, ::testing::Contains(::testing::Pair("X-Mark", "7")));
    EXPECT_EQ(server_.accepted("logsh"), 1U);
    EXPECT_EQ(server_.requests("logsh"), 2U);
}

TEST_F(emulator_test, counts_the_entries_of_a_batch) {
    auto good = good_request_for(server_, "profound");
    const json batch(7, json::parse(good.body)[0]);
    client_.post(server_.base_url("profound") + good.path, batch.dump(), good.headers);
    EXPECT_EQ(server_.accepted("profound"), 7U);
    EXPECT_EQ(server_.requests("profound"), 1U);
}

TEST_F(emulator_test, gives_out_json_over_http) {
    send_good("logsfori");
    send_good("logwire");
    const auto all = json::parse(client_.get(origin() + "/received").body);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0]["vendor"], "logsfori");
    EXPECT_EQ(json::parse(all[0]["body"].get<std::string>())["message"], "hello");
    EXPECT_EQ(all[0]["headers"]["Content-Type"], "application/json");
    EXPECT_EQ(all[0]["status"], 202);
    EXPECT_EQ(all[0]["accepted"], 1);

    const auto one = json::parse(client_.get(origin() + "/received?vendor=logwire").body);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0]["vendor"], "logwire");
    EXPECT_EQ(one, json::parse(server_.received_json("logwire")));
    EXPECT_EQ(client_.get(origin() + "/received?vendor=nobody").status, 404);

    const auto counts = json::parse(client_.get(origin() + "/counts").body);
    EXPECT_EQ(counts["logwire"], (json{{"requests", 1}, {"accepted", 1}}));
    EXPECT_EQ(counts["logsh"], (json{{"requests", 0}, {"accepted", 0}}));
}

TEST_F(emulator_test, gives_out_json_whatever_bytes_it_was_sent) {
    client_.post(origin() + "/push-log", "\xFF\x01", {"Content-Type: application/json"});
    EXPECT_EQ(json::parse(server_.received_json())[0]["body"], "\uFFFD\u0001");
    EXPECT_EQ(server_.received("logsfori")[0].body, "\xFF\x01");
}

TEST_F(emulator_test, says_what_is_not_there) {
    EXPECT_EQ(client_.get(origin() + "/nowhere").status, 404);
    const auto got = client_.send("PUT", origin() + "/api/event");
    EXPECT_EQ(got.status, 405);
    EXPECT_THAT(got.headers, HasSubstr("Allow: POST\r\n"));
    EXPECT_EQ(server_.requests("logsh"), 1U);
    EXPECT_THAT(client_.get(origin() + "/login").headers, HasSubstr("text/html"));
}

TEST_F(emulator_test, knows_no_other_vendor) {
    EXPECT_THROW((void)server_.base_url("syslog"), std::invalid_argument);
    EXPECT_THROW((void)server_.received_json("syslog"), std::invalid_argument);
    EXPECT_THROW(server_.fail_next("syslog", {}), std::invalid_argument);
}

TEST_F(emulator_test, waits_for_records) {
    EXPECT_TRUE(server_.wait_for("logsh", 0, 0ms));
    EXPECT_FALSE(server_.wait_for("logsh", 1, 1ms));
    std::thread sender([this] { send_good("logsh"); });
    EXPECT_TRUE(server_.wait_for("logsh", 1, 30s));
    sender.join();
}

TEST_F(emulator_test, plays_a_fault_as_often_as_told) {
    server_.fail_next(
        "logsh", {.status = 503, .body = "down", .headers = {{"Retry-After", "7"}, {"Content-Type", "text/plain"}}}, 2);
    server_.fail_next("logsh", {.status = 429});
    const auto first = send_good("logsh");
    EXPECT_EQ(first.status, 503);
    EXPECT_EQ(first.body, "down");
    EXPECT_THAT(first.headers, HasSubstr("Retry-After: 7\r\n"));
    EXPECT_THAT(first.headers, HasSubstr("Content-Type: text/plain\r\n"));
    EXPECT_EQ(send_good("logwire").status, 202) << "another vendor's";
    EXPECT_EQ(send_good("logsh").status, 503);
    EXPECT_EQ(send_good("logsh").status, 429);
    EXPECT_EQ(server_.accepted("logsh"), 0U);
    EXPECT_EQ(send_good("logsh").status, 201);
    EXPECT_EQ(server_.accepted("logsh"), 1U);
    EXPECT_EQ(server_.received("logsh")[0].status, 503);
    EXPECT_THAT(server_.received("logsh")[0].problem, HasSubstr("fault"));
}

TEST_F(emulator_test, can_take_a_record_and_say_it_did_not) {
    server_.fail_next("logsh", {.status = 500, .after_accepting = true});
    EXPECT_EQ(send_good("logsh").status, 500);
    EXPECT_EQ(server_.accepted("logsh"), 1U);
}

TEST_F(emulator_test, hangs_up_without_a_byte) {
    server_.fail_next("logsh", {.hang_up = true});
    EXPECT_EQ(send_good("logsh").code, CURLE_GOT_NOTHING);
    EXPECT_EQ(server_.accepted("logsh"), 0U);
    EXPECT_EQ(server_.received("logsh").at(0).status, 0);
    server_.fail_next("logsh", {.hang_up = true, .after_accepting = true});
    EXPECT_EQ(send_good("logsh").code, CURLE_GOT_NOTHING);
    EXPECT_EQ(server_.accepted("logsh"), 1U);
    EXPECT_EQ(send_good("logsh").status, 201);
}

TEST_F(emulator_test, delays_its_own_answer) {
    server_.fail_next("logsh", {.status = 0, .delay = 50ms});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(send_good("logsh").status, 201);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
    EXPECT_EQ(server_.accepted("logsh"), 1U);
}

TEST(emulator_options_test, forget_old_requests_but_not_their_number) {
    emulator server({.keep = 2});
    http_client client;
    const auto url = server.base_url("logsfori") + "/push-log";
    for (const auto* body : {"1", "2", "3"}) client.post(url, body, {"Content-Type: application/json"});
    ASSERT_EQ(server.received("logsfori").size(), 2U);
    EXPECT_EQ(server.received("logsfori")[0].body, "2");
    EXPECT_EQ(server.requests("logsfori"), 3U);
}

TEST(emulator_options_test, bound_what_is_kept_in_bytes) {
    emulator server({.keep_bytes = 1000});
    http_client client;
    const auto url = server.base_url("logsfori") + "/push-log";
    for (int i = 0; i < 5; ++i) client.post(url, std::string(400, 'x'), {"Content-Type: application/json"});
    EXPECT_LE(server.received("logsfori").size(), 2U);
    EXPECT_EQ(server.requests("logsfori"), 5U);
}

TEST(emulator_options_test, raise_logshs_description) {
    const auto status_of_151_units = [](emulator_options options) {
        const emulator server(std::move(options));
        const auto body = R"({"workspace":"w","event":"e","description":")" + std::string(151, 'x') + R"("})";
        return http_client()
            .post(server.base_url("logsh") + "/api/event", body, good_request_for(server, "logsh").headers)
            .status;
    };
    EXPECT_EQ(status_of_151_units({}), 403);
    EXPECT_EQ(status_of_151_units({.logsh_description_limit = 250}), 201);
}

/// The good request for the vendor, gzipped.
good_request gzipped_request_for(const emulator& server, const std::string& vendor) {
    auto request = good_request_for(server, vendor);
    request.body = gzipped(request.body);
    request.headers.emplace_back("Content-Encoding: gzip");
    return request;
}

TEST_F(emulator_test, keeps_profounds_gzipped_bodies_decompressed) {
    const auto sent = gzipped_request_for(server_, "profound");
    EXPECT_EQ(client_.post(server_.base_url("profound") + sent.path, sent.body, sent.headers).status, 200);
    EXPECT_EQ(server_.accepted("profound"), 1U);
    const auto kept = server_.received("profound").at(0);
    EXPECT_EQ(kept.body, good_request_for(server_, "profound").body);
    EXPECT_THAT(kept.headers, ::testing::Contains(::testing::Pair("Content-Encoding", "gzip")));
}

TEST_F(emulator_test, refuses_gzipped_bodies_of_all_other_vendors) {
    for (const auto& vendor : emulator::vendors()) {
        if (vendor == "profound") continue;
        const auto sent = gzipped_request_for(server_, vendor);
        EXPECT_EQ(client_.post(server_.base_url(vendor) + sent.path, sent.body, sent.headers).status, 415) << vendor;
        EXPECT_EQ(server_.accepted(vendor), 0U);
    }
}

TEST_F(emulator_test, does_not_take_for_gzip_what_is_none) {
    auto sent = good_request_for(server_, "profound");
    sent.headers.emplace_back("Content-Encoding: gzip");
    EXPECT_EQ(client_.post(server_.base_url("profound") + sent.path, sent.body, sent.headers).status, 400);
    EXPECT_EQ(server_.accepted("profound"), 0U);
    EXPECT_EQ(server_.requests("profound"), 0U);
    EXPECT_EQ(send_good("profound").status, 200) << "on the same connection or another";
}

TEST(emulator_options_test, refuse_gzip_for_profound) {
    const emulator server({.profound_gzip = false});
    const auto sent = gzipped_request_for(server, "profound");
    http_client client;
    EXPECT_EQ(client.post(server.base_url("profound") + sent.path, sent.body, sent.headers).status, 415);
    EXPECT_EQ(server.received("profound").at(0).body, good_request_for(server, "profound").body);
    const auto plain = good_request_for(server, "profound");
    EXPECT_EQ(client.post(server.base_url("profound") + plain.path, plain.body, plain.headers).status, 200);
}

TEST(emulator_options_test, tell_of_every_request) {
    std::atomic<int> told{0};
    std::string problem;
    emulator server({.on_request = [&](const emulated_request& request) {
        problem = request.problem;
        ++told;
    }});
    http_client().post(server.base_url("logsfori") + "/push-log", "{}", {"Content-Type: application/json"});
    EXPECT_EQ(told, 1);
    EXPECT_THAT(problem, HasSubstr("token"));
}

TEST(emulator_options_test, refuse_a_port_that_is_taken) {
    const emulator first;
    EXPECT_THROW(emulator({.port = first.port()}), std::runtime_error);
}

TEST(emulator_options_test, give_a_port_back) {
    const support::kept_port place;
    {
        const emulator first({.port = place.number()});
        http_client().get("http://127.0.0.1:" + std::to_string(first.port()) + "/counts");
    }
    EXPECT_EQ(emulator({.port = place.number()}).port(), place.number());
}

}  // namespace
}  // namespace logferry
