// The network between the program and its vendor: nobody listens, nobody answers, connections break.
#include <algorithm>
#include <random>

#include "fault_test.hpp"

namespace logferry::fault {
namespace {

using support::hold;
using support::read_bytes;
using support::read_request;
using support::reserved_port;
using support::reset_connection;
using support::script;
using ending = support::reaction::ending;

/// Until a request is given up, in milliseconds: much longer than a busy machine takes to serve one.
constexpr int patience = 10'000;
/// As many requests as leave together hang together.
constexpr std::size_t in_flight = 4;

/// So many times the same script.
std::vector<script> times(std::size_t count, const script& each) { return std::vector<script>(count, each); }

TEST_F(fault, C1_refused_then_back) {
    reserved_port place;
    program app{{"url", place.url("")}};
    app.log(2000, 4);
    ASSERT_TRUE(app.wait_until([](const ledger& books) { return books.retries >= 8; }));
    EXPECT_EQ(app.books().delivered, 0u);
    report("tries_while_away", app.books().requests);
    app.log(100);
    fake_vendor vendor(takes_all(), {}, std::move(place));
    finish(app, vendor.book());
}

TEST_F(fault, C2_connection_attempts_swallowed_then_let_in) {
    reserved_port place;
    place.swallow_connections();
    program app{{"url", place.url("")}, {"connect_timeout", 100}};
    app.log(500, 4);
    ASSERT_TRUE(app.wait_until([](const ledger& books) { return books.retries >= 3; }));
    fake_vendor vendor(takes_all(), {}, std::move(place));
    finish(app, vendor.book());
}

TEST_F(fault, C3_accepts_and_never_answers) {
    fake_vendor vendor(takes_all(), {.first = times(in_flight, {read_request(), hold()})});
    program app{{"url", vendor.url()}, {"request_timeout", patience}};
    app.log(500, 4);
    finish(app, vendor.book(), 60s);
}

TEST_F(fault, C3_answers_a_byte_at_a_time) {
    const script slow = {read_request(), support::drip("HTTP/1.1 200 OK\r\nX-Slow: " + std::string(1000, 'H'), 50ms)};
    fake_vendor vendor(takes_all(), {.first = times(in_flight, slow)});
    program app{{"url", vendor.url()}, {"request_timeout", patience}};
    app.log(500, 4);
    finish(app, vendor.book(), 60s);
    EXPECT_NE(std::string(app.books().last_error.data()).find("timed out"), std::string::npos)
        << app.books().last_error.data();
}

TEST_F(fault, C4_stalls_in_the_middle_of_the_upload) {
    fake_vendor vendor(
        takes_all(),
        {.vendor = "profound", .payload = {.bytes = 300}, .first = times(in_flight, {read_bytes(10'000), hold()})});
    program app{{"url", vendor.url()},
                {"vendor", "profound"},
                {"payload", 300},
                {"batch_records", 250},
                {"request_timeout", patience}};
    app.log(4000, 4);
    finish(app, vendor.book(), 60s);
}

TEST_F(fault, C5_resets_at_random_places_of_the_upload) {
    for (unsigned round = 0; round < 10; ++round) {
        std::mt19937 chance(round);
        std::uniform_int_distribution<std::size_t> place(0, 20'000);
        std::vector<script> first;
        for (int i = 0; i < 20; ++i) first.push_back({read_bytes(place(chance)), reset_connection()});
        fake_vendor vendor(takes_all(), {.vendor = "profound", .first = std::move(first)});
        program app{{"url", vendor.url()},
                    {"vendor", "profound"},
                    {"batch_records", 100},
                    {"backoff_max", 10},
                    {"backoff_min", 1}};
        app.log(1000, 4);
        finish(app, vendor.book());
        EXPECT_GT(vendor.server().connections(), 20u);
    }
}

TEST_F(fault, C6_closes_between_the_whole_body_and_the_reply_duplicates_at_most_200) {
    fake_vendor vendor(at_first(20, {.then = ending::close, .silent = true, .takes = true}), {.vendor = "profound"});
    program app{{"url", vendor.url()}, {"vendor", "profound"}, {"batch_records", 10}};
    app.log(1000, 4);
    finish(app, vendor.book());
}

TEST_F(fault, C6_resets_between_the_whole_body_and_the_reply_duplicates_at_most_20) {
    fake_vendor vendor(at_first(20, {.then = ending::reset, .silent = true, .takes = true}));
    program app{{"url", vendor.url()}};
    app.log(300, 4);
    finish(app, vendor.book());
}

TEST_F(fault, C6_what_alerts_a_person_is_not_sent_again) {
    fake_vendor vendor(at_first(20, {.then = ending::close, .silent = true, .takes = true}), {.vendor = "logwire"});
    program app{{"url", vendor.url()}, {"vendor", "logwire"}, {"alert_from", "info"}};
    app.log(300, 4);
    app.drain(30s);
    EXPECT_EQ(app.books().dropped_for(drop_reason::ambiguous), 20u);
    close(app, long_enough);
    audit(app, vendor.book(), 20);
}

TEST_F(fault, C24_closes_each_connection_after_one_answer) {
    fake_vendor vendor([](const arrival&) { return reply{.then = ending::close}; });
    program app{{"url", vendor.url()}};
    app.log(500, 4);
    finish(app, vendor.book());
    report("connections", vendor.server().connections());
    // Each record may meet a connection that has just been closed; two at once, and then it waits.
    EXPECT_LE(app.books().requests, 3 * 500u);
}

TEST_F(fault, C24_resets_each_connection_at_once) {
    fake_vendor vendor(takes_all(), {.first = times(30, {reset_connection()})});
    program app{{"url", vendor.url()}};
    app.log(200, 4);
    finish(app, vendor.book());
    EXPECT_LE(vendor.server().connections(), 3 * 200u);
}

TEST_F(fault, C25_many_records_and_few_connections) {
    constexpr int delay = 500;
    fake_vendor vendor([=](const arrival&) { return reply{.delay = milliseconds(delay)}; });
    program app{{"url", vendor.url()}, {"in_flight", 2}, {"request_timeout", patience}};
    // Two at a time, they take a fifth longer than one request may.
    app.log(2 * patience / delay * 6 / 5, 4);
    finish(app, vendor.book(), 60s);
    // Nothing waited inside libcurl until its time was over.
    EXPECT_EQ(app.books().retries, 0u);
    EXPECT_LE(vendor.server().connections(), 2u);
}

TEST_F(fault, C27_name_unknown_then_known) {
    fake_vendor vendor(takes_all());
    program app{{"url", "http://vendor.test:" + std::to_string(vendor.server().port())}};
    app.page().names = name_service::knows_nobody;
    app.log(500, 4);
    ASSERT_TRUE(app.wait_until([](const ledger& books) { return books.retries >= 4; }));
    app.page().names = name_service::knows_loopback;
    finish(app, vendor.book());
}

TEST_F(fault, C27_name_service_hangs_then_answers) {
    fake_vendor vendor(takes_all());
    program app{{"url", "http://vendor.test:" + std::to_string(vendor.server().port())}, {"connect_timeout", 100}};
    app.page().names = name_service::hangs;
    app.log(500, 4);
    ASSERT_TRUE(app.wait_until([&](const ledger& books) { return books.retries >= 3 && app.page().names_asked > 0; }));
    app.page().names = name_service::knows_loopback;
    finish(app, vendor.book());
}

TEST_F(fault, C30_fifty_clients_come_back_spread_out) {
    // All fail in the same moment, and then wait a random part of ten seconds: so long that a machine which lets nobody
    // run for a while makes only a few of them come together.
    reserved_port place;
    program app{{"url", place.url("")}, {"sinks", 50}, {"backoff_min", 10'000}, {"backoff_max", 10'000}};
    app.log(50);
    ASSERT_TRUE(app.wait_until([](const ledger& books) { return books.requests >= 50; }));
    fake_vendor vendor(takes_all(), {}, std::move(place));
    finish(app, vendor.book(), 60s);
    auto times = vendor.book().arrivals();
    std::sort(times.begin(), times.end());
    std::size_t most = 0;
    for (auto from = times.begin(); from != times.end(); ++from) {
        const auto to = std::upper_bound(from, times.end(), *from + 100ms);
        most = std::max(most, static_cast<std::size_t>(to - from));
    }
    report("most_in_100_ms", most);
    EXPECT_LE(most, 40u);
}

TEST_F(fault, E13_resets_while_the_program_writes_and_SIGPIPE_kills) {
    fake_vendor vendor(
        takes_all(),
        {.vendor = "profound", .payload = {.bytes = 300}, .first = times(50, {read_bytes(1), reset_connection()})});
    program app{
        {"url", vendor.url()}, {"vendor", "profound"}, {"payload", 300}, {"batch_records", 1000}, {"backoff_max", 10}};
    app.log(5000, 4);
    finish(app, vendor.book());
}

}  // namespace
}  // namespace logferry::fault
