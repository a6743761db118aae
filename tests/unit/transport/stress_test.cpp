// Many requests at once for a while: each comes back exactly once, with its own answer, over few connections.
#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

class stress_test : public transport_test {};

TEST_F(stress_test, twenty_thousand_requests_thirty_two_in_flight) {
    constexpr std::size_t total = 20'000;
    constexpr std::size_t in_flight = 32;
    raw_server server(
        script{read_request(), respond([](const raw_request& got) { return answer(200, got.body); }), again()});
    const auto to = endpoint(server.url());
    std::vector<std::string> bodies(total);
    std::vector<int> times_ended(total, 0);
    std::size_t started = 0;
    std::size_t ended = 0;
    std::size_t wrong = 0;
    const auto start_next = [&] {
        bodies[started] = std::string(started % 500, 'r') + std::to_string(started);
        start(to, bodies[started], started);
        ++started;
    };

    while (started < in_flight) start_next();
    std::vector<completion> done;
    while (ended < total) {
        done.clear();
        transport_->drive(60s, done);
        ASSERT_FALSE(done.empty());
        for (const completion& each : done) {
            ++times_ended.at(each.tag);
            ++ended;
            if (each.response.status != 200 || each.response.body != bodies[each.tag]) ++wrong;
            bodies[each.tag] = {};  // no longer pinned
            if (started < total) start_next();
        }
    }

    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(std::count(times_ended.begin(), times_ended.end(), 1), static_cast<std::ptrdiff_t>(total));
    EXPECT_EQ(server.requests().size(), total);
    EXPECT_EQ(server.connections(), in_flight);
}

// A server that ends a connection after every third answer, with a close or a reset, while requests keep coming: the
// end meets the next request at any moment. What each failure says about the request is held against what the server
// saw.
TEST_F(stress_test, connections_that_keep_dying_are_never_a_lie) {
    constexpr std::size_t total = 3'000;
    const auto echo = respond([](const raw_request& got) { return answer(200, got.body); });
    std::vector<script> scripts;
    for (std::size_t i = 0; i < total; ++i) {
        scripts.push_back({read_request(), echo, read_request(), echo, read_request(), echo,
                           i % 2 == 0 ? close_connection() : reset_connection()});
    }
    raw_server server(std::move(scripts));
    const auto to = endpoint(server.url());
    std::vector<http_response> got;
    const auto once = [](std::size_t i) { return i % 4 == 0; };
    for (std::size_t i = 0; i < total; ++i) {
        const std::string body = std::to_string(i);
        got.push_back(once(i) ? post_once(to, body) : post(to, body));
    }

    std::vector<int> seen(total, 0);
    for (const raw_request& each : server.requests()) ++seen.at(std::stoul(each.body));
    for (std::size_t i = 0; i < total; ++i) {
        const int most = once(i) ? 1 : 3;
        switch (got[i].failure) {
            case http_failure::none:
                EXPECT_GE(seen[i], 1) << i;
                EXPECT_LE(seen[i], most) << i;
                break;
            case http_failure::ambiguous:
                EXPECT_LE(seen[i], most) << i;
                break;
            case http_failure::closed_unused:
                EXPECT_EQ(seen[i], 0) << i;
                break;
            default:
                ADD_FAILURE() << i << ": " << got[i].error;
        }
    }
}

}  // namespace
}  // namespace logferry::transport
