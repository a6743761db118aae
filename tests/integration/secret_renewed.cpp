// A credential that is refused, and replaced while the program runs.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "told_world.hpp"

namespace logferry::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class secret_renewed : public told_world, public testing::WithParamInterface<std::string> {};

// The pause would last an hour.
TEST_P(secret_renewed, delivers_at_once_what_the_old_one_was_refused_for) {
    const auto to = shipper::open(patient(vendor(GetParam(), wrong())));
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(submit(*to, level::info));
    ASSERT_THAT(awaited_events(event::kind::paused), ElementsAre(HasSubstr("refused the credentials")));
    EXPECT_EQ(to->stats().pending(), 40u);

    to->set_secret(GetParam(), token(GetParam()));
    const auto book = settled(*to);
    EXPECT_EQ(book.delivered, 40u);
    EXPECT_EQ(server.accepted(GetParam()), 40u);
    EXPECT_THAT(events(event::kind::resumed), SizeIs(1));
    // LogsForI has the credential in the body: what was held had to be written anew.
    for (const auto& request : server.received(GetParam())) {
        if (request.accepted == 0) continue;
        EXPECT_THAT(request.body, Not(HasSubstr(wrong_text())));
    }
    EXPECT_THAT(book.last_error, Not(HasSubstr("hunter2")));
}

TEST_P(secret_renewed, keeps_the_records_in_order_where_the_vendor_is_strict) {
    auto opts = patient(vendor(GetParam(), wrong()));
    opts.destinations[0].options.in_flight = 1;
    const auto to = shipper::open(std::move(opts));
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(submit(*to, level::info));
    to->set_secret(GetParam(), token(GetParam()));
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(submit(*to, level::info));
    EXPECT_EQ(settled(*to).delivered, 80u);
    int next = 0;
    for (const auto& request : server.received(GetParam())) {
        if (request.accepted == 0) continue;
        // Each record's path ends with its number.
        for (auto at = request.body.find("/products/"); at != std::string::npos;
             at = request.body.find("/products/", at + 1)) {
            EXPECT_EQ(std::stoi(request.body.substr(at + 10)), next++);
        }
    }
    EXPECT_EQ(next, 80);
}

TEST_P(secret_renewed, from_many_threads_under_load_loses_nothing) {
    constexpr int threads = 3;
    constexpr int each = 100;
    auto opts = patient(vendor(GetParam()));
    opts.buffer.size = 16 << 20;
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    const auto to = sink->get_shipper();
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([this, to, t] {
            std::uint64_t number = static_cast<std::uint64_t>(t) * each;
            for (int i = 0; i < each; ++i, ++number) {
                const std::array<field, 6> fields = {{{"method", "GET"},
                                                      {"host", "shop.example"},
                                                      {"path", "/"},
                                                      {"status_code", 200},
                                                      {"ip", "192.0.2.1"},
                                                      {"user_agent", "t"}}};
                record_input record;
                record.time_ns = time_of(number);
                record.message = "under load";
                record.fields = fields.data();
                record.field_count = fields.size();
                EXPECT_TRUE(to->submit(record));
                if (i % 10 == 0) to->set_secret(GetParam(), i % 20 == 0 ? wrong() : token(GetParam()));
            }
        });
    }
    for (auto& thread : running) thread.join();
    to->set_secret(GetParam(), token(GetParam()));
    const auto book = settled();
    EXPECT_EQ(book.delivered, std::uint64_t{threads * each});
    EXPECT_EQ(server.accepted(GetParam()), std::uint64_t{threads * each});
}

TEST_P(secret_renewed, from_inside_the_callback) {
    auto opts = patient(vendor(GetParam(), wrong()));
    std::atomic<shipper*> known{nullptr};
    opts.on_event = [&](const event& e) {
        if (e.what != event::kind::paused) return;
        while (known == nullptr) std::this_thread::yield();
        known.load()->set_secret(e.destination, token(GetParam()));
    };
    const auto to = shipper::open(std::move(opts));
    known = to.get();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(submit(*to, level::info));
    EXPECT_EQ(settled(*to).delivered, 20u);
    to->close(seconds(30));
}

TEST_P(secret_renewed, that_cannot_be_used_changes_nothing) {
    const auto to = shipper::open(patient(vendor(GetParam())));
    for (const auto& unusable :
         {secret(), secret::from_env("LOGFERRY_TEST_NO_SUCH_VARIABLE"), secret("two\r\nlines")}) {
        try {
            to->set_secret(GetParam(), unusable);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const config_error& error) {
            ASSERT_THAT(error.problems(), SizeIs(1));
            EXPECT_THAT(error.problems()[0].field, HasSubstr("destinations[0]."));
            EXPECT_THAT(std::string(error.what()), Not(HasSubstr("lines\n")));
        }
    }
    submit(*to, level::info);
    EXPECT_EQ(settled(*to).delivered, 1u);
    EXPECT_EQ(server.requests(GetParam()), 1u);
}

INSTANTIATE_TEST_SUITE_P(vendors, secret_renewed,
                         testing::Values("logsfori", "logsh", "logsentry", "profound", "logwire"), name_of);

class secret_of : public told_world {};

TEST_F(secret_of, a_destination_that_is_not_there_is_refused) {
    const auto to = shipper::open(quiet({{logsfori()}, {logsh(), {.name = "team"}}}));
    for (const auto* name : {"", "logsh", "Team", "logsentry"}) {
        EXPECT_THROW(to->set_secret(name, secret("anything")), config_error) << name;
    }
    EXPECT_NO_THROW(to->set_secret("team", token("logsh")));
    submit(*to, level::info);
    const auto closed = to->close(seconds(30));
    EXPECT_EQ(closed.delivered(), 2u);
}

TEST_F(secret_of, one_destination_is_not_given_to_another) {
    auto opts = quiet({{vendor("logsfori", wrong())}, {vendor("logsfori", wrong())}});
    opts.delivery.pause_min = opts.delivery.pause_max = std::chrono::hours(1);
    const auto to = shipper::open(std::move(opts));
    submit(*to, level::info);
    to->set_secret("logsfori2", token("logsfori"));
    ASSERT_TRUE(server.wait_for("logsfori", 1, seconds(30)));
    const auto stats = to->close(seconds(30));
    EXPECT_EQ(stats.destinations[0].delivered, 0u);
    EXPECT_EQ(stats.destinations[1].delivered, 1u);
}

TEST_F(secret_of, a_closed_shipper_may_be_given_still) {
    const auto to = shipper::open(quiet({{logsfori()}}));
    to->close(seconds(5));
    EXPECT_NO_THROW(to->set_secret("logsfori", token("logsfori")));
}

}  // namespace
}  // namespace logferry::test
