// Closing while nothing works: always within its budget, and every record accounted for.
#include "fault_test.hpp"

namespace logferry::fault {
namespace {

/// So long, in milliseconds, that a close which waited for the vendor would be far too late.
constexpr int never_given_up = 60'000;

TEST_F(fault, E21_closes_while_the_server_hangs) {
    for (const auto budget : budgets) {
        fake_vendor vendor([](const arrival&) {
            return reply{.then = support::reaction::ending::hold, .silent = true, .takes = false};
        });
        program app{{"url", vendor.url()}, {"request_timeout", never_given_up}};
        app.log(500, 4);
        ASSERT_TRUE(vendor.server().wait_for_requests(1));
        close(app, budget);
        EXPECT_EQ(app.books().dropped_for(drop_reason::at_close), 500u);
        audit(app, vendor.book());
    }
}

TEST_F(fault, E21_closes_while_the_name_service_hangs) {
    for (const auto budget : budgets) {
        fake_vendor vendor(takes_all());
        program app{{"url", "http://vendor.test:" + std::to_string(vendor.server().port())},
                    {"connect_timeout", never_given_up},
                    {"request_timeout", never_given_up}};
        app.page().names = name_service::hangs;
        app.log(500, 4);
        ASSERT_TRUE(app.wait_until([&](const ledger&) { return app.page().names_asked > 0; }));
        close(app, budget);
        EXPECT_EQ(app.books().dropped_for(drop_reason::at_close), 500u);
        audit(app, vendor.book());
    }
}

TEST_F(fault, E21_closes_while_the_buffer_is_full) {
    for (const auto budget : budgets) {
        for (const auto* policy : {"shed", "block", "drop_oldest"}) {
            if (budget > 100ms && std::string(policy) != "shed") continue;  // the long wait once is enough
            fake_vendor vendor([](const arrival&) {
                return reply{.then = support::reaction::ending::hold, .silent = true, .takes = false};
            });
            program app{{"url", vendor.url()},
                        {"buffer", 256 * 1024},
                        {"overflow", policy},
                        {"block_for", 1},
                        {"request_timeout", never_given_up}};
            app.log(3000, 4);
            EXPECT_GT(app.stats().dropped_for(drop_reason::full), 0u) << policy;
            close(app, budget);
            EXPECT_EQ(app.books().pending, 0u);
            audit(app, vendor.book());
        }
    }
}

TEST_F(fault, E21_closes_in_the_middle_of_the_traffic) {
    for (int round = 0; round < 10; ++round) {
        fake_vendor vendor([](const arrival&) { return reply{.delay = 1ms}; });
        program app{{"url", vendor.url()}};
        app.log(3000, 4);
        close(app, milliseconds(10 * round));
        // Those in flight when the budget was over: the vendor has them, and nobody could tell. Twice as many if that
        // was after four answers had come, and before their count was told and four more were sent.
        audit(app, vendor.book(), 2 * 4);
    }
}

}  // namespace
}  // namespace logferry::fault
