// Closing while nothing works, with a spool: always within its budget, and what is left is sent by the next process.
#include <functional>
#include <future>
#include <string>
#include <thread>

#include "small_disk.hpp"

namespace logferry::fault {
namespace {

/// A vendor that hears everything and never says a word.
conduct hangs() {
    return
        [](const arrival&) { return reply{.then = support::reaction::ending::hold, .silent = true, .takes = false}; };
}

/// How much longer than its budget a close waits for its worker.
constexpr milliseconds close_grace = 50ms;

class spool_closing : public spool_fault {
protected:
    /// What one program does with its budget.
    struct closing {
        house in;
        fake_vendor silent{hangs(), house::vendor()};
        std::unique_ptr<program> app;
        milliseconds took{0};

        closing() = default;
        explicit closing(const std::filesystem::path& place) : in(place) {}
    };

    /// All budgets at the same time: the longest wait is long.
    static void close_all(std::vector<std::unique_ptr<closing>>& all) {
        std::vector<std::future<void>> running;
        for (std::size_t i = 0; i < all.size(); ++i) {
            running.push_back(
                std::async(std::launch::async, [&, i] { all[i]->took = all[i]->app->close(budgets[i]); }));
        }
        for (auto& each : running) each.get();
    }

    /// Closed in time, ended well, and the next process delivers all but what the first said that it had dropped. More
    /// than that if the first counted as dropped what its worker was still writing down.
    void check(closing& one, milliseconds budget, const json& settings = as_usual, bool gave_up_worker = false) {
        SCOPED_TRACE("budget " + std::to_string(budget.count()) + " ms");
        note_close(one.took, budget);
        const ledger books = one.app->books();
        EXPECT_TRUE(books.balanced);
        EXPECT_EQ(one.app->end(), 0);
        one.in.page().names = name_service::knows_loopback;

        fake_vendor vendor(takes_all(), house::vendor());
        const auto next = one.in.start(vendor.url(), settings);
        ASSERT_TRUE(next->ready()) << next->books().last_error.data();
        next->drain(30s);
        EXPECT_EQ(next->books().pending, 0u);
        close(*next, long_enough);
        EXPECT_EQ(next->end(), 0);
        expect_empty(one.in);
        // Where the oldest give way, the next process needs room too.
        const auto dropped = books.dropped_total() + next->books().dropped_total();
        const auto lost = missing(one.in, vendor.book()).size();
        EXPECT_LE(lost, dropped);
        compare(one.in, vendor.book(), 0, gave_up_worker ? lost : dropped);
    }
};

TEST_F(spool_closing, E21_closes_while_the_server_hangs_and_there_is_a_spool) {
    std::vector<std::unique_ptr<closing>> all;
    for (const auto budget : budgets) {
        static_cast<void>(budget);
        auto& one = *all.emplace_back(std::make_unique<closing>());
        one.app = one.in.start(one.silent.url());
        one.app->log(500, 4);
        ASSERT_TRUE(one.silent.server().wait_for_requests(1));
    }
    close_all(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i]->app->books().dropped_total(), 0u);
        EXPECT_EQ(all[i]->app->books().pending, 500u);
        check(*all[i], budgets[i]);
    }
}

TEST_F(spool_closing, E21_closes_while_the_name_service_hangs_and_there_is_a_spool) {
    std::vector<std::unique_ptr<closing>> all;
    for (const auto budget : budgets) {
        static_cast<void>(budget);
        auto& one = *all.emplace_back(std::make_unique<closing>());
        one.in.page().names = name_service::hangs;
        one.app = one.in.start("http://vendor.test:" + std::to_string(one.silent.server().port()),
                               {{"connect_timeout", 60'000}});
        one.app->log(500, 4);
        ASSERT_TRUE(one.app->wait_until([&](const ledger&) { return one.in.page().names_asked > 0; }));
    }
    close_all(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i]->app->books().pending, 500u);
        check(*all[i], budgets[i]);
    }
}

// More is logged than there are files ready for, and nobody makes more: what lies in memory then is lost, and only
// that.
TEST_F(spool_closing, E21_closes_while_the_thread_hangs_and_much_was_logged) {
    house in;
    fake_vendor refusing([](const arrival&) { return reply{.status = 403}; }, in.vendor());
    const auto app = in.start(refusing.url(), {{"overflow", "shed"}, {"callback", "hangs_when_paused"}});
    app->log(100);
    ASSERT_TRUE(app->wait_until([&](const ledger&) { return events(*app, event::kind::paused) > 0; }));
    app->log(8000, 4);
    close(*app, 0ms);
    const auto& books = app->books();
    EXPECT_TRUE(books.balanced);
    EXPECT_GT(books.pending, 100u);
    const auto in_memory = books.dropped_for(drop_reason::at_close);
    EXPECT_GT(in_memory, 0u);
    EXPECT_EQ(books.dropped_total(), in_memory);
    EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);

    fake_vendor vendor(takes_all(), in.vendor());
    const auto last = in.start(vendor.url());
    last->drain(30s);
    EXPECT_EQ(last->books().recovered, 8100 - in_memory);
    close(*last, long_enough);
    EXPECT_EQ(last->end(), 0);
    compare(in, vendor.book(), 0, in_memory);
}

#ifdef LOGFERRY_FAILPOINTS
// The vendor has refused the record, and the worker has had no time to say so: it is pending, and so it is there for
// the next process.
TEST_F(spool_closing, E21_closes_before_an_answer_is_noted) {
    house in;
    fake_vendor refusing([](const arrival&) { return reply{.status = 400}; }, in.vendor());
    const auto app = in.start(refusing.url(), {{"rest_at", "answered"}});
    app->log(1);
    ASSERT_TRUE(app->wait_until([&](const ledger&) { return in.page().rests.load(); }));
    close(*app, 0ms);
    EXPECT_TRUE(app->books().balanced);
    EXPECT_EQ(app->books().pending, 1u);
    in.page().go_on = true;
    ASSERT_TRUE(app->wait_until([&](const ledger&) { return !in.page().rests; }));
    std::this_thread::sleep_for(200ms);  // for what it would do wrongly
    EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);

    fake_vendor vendor(takes_all(), in.vendor());
    recover(in, vendor, 0);
}
#endif

TEST_F(spool_closing, E21_closes_while_the_spool_is_full) {
    for (const auto* policy : {"shed", "block", "drop_oldest"}) {
        const json settings = {{"buffer", 256 * 1024}, {"overflow", policy}, {"block_for", 1}};
        std::vector<std::unique_ptr<closing>> all;
        for (const auto budget : budgets) {
            if (budget > 100ms && std::string(policy) != "shed") continue;  // the long wait once is enough
            auto& one = *all.emplace_back(std::make_unique<closing>());
            one.app = one.in.start(one.silent.url(), settings);
            one.app->log(3000, 4);
            EXPECT_GT(one.app->stats().dropped_for(drop_reason::full), 0u) << policy;
        }
        close_all(all);
        for (std::size_t i = 0; i < all.size(); ++i) {
            // A worker that the machine did not let run may have had files ready that nobody knew of.
            const bool gave_up_worker =
                std::string(policy) == "drop_oldest" && all[i]->took >= budgets[i] + close_grace;
            check(*all[i], budgets[i], settings, gave_up_worker);
        }
    }
}

TEST_F(spool_closing, E21_closes_while_the_disk_is_full) {
    std::vector<std::unique_ptr<small_disk>> full;
    std::vector<std::unique_ptr<closing>> all;
    for (const auto budget : budgets) {
        static_cast<void>(budget);
        auto& disk = *full.emplace_back(std::make_unique<small_disk>());
        auto& one = *all.emplace_back(std::make_unique<closing>(disk.path()));
        one.app = one.in.start(one.silent.url());
        disk.fill(*one.app);
        one.app->log(3000, 4);
        ASSERT_TRUE(one.app->wait_until([](const ledger& books) { return books.spool.unspooled > 0; }));
    }
    close_all(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& books = all[i]->app->books();
        EXPECT_GT(books.dropped_for(drop_reason::at_close), 0u);
        const bool gave_up_worker = books.pending == 0;
        if (gave_up_worker) {
            // Right only after that long a wait for a worker that the machine did not let run.
            EXPECT_GE(all[i]->took, budgets[i] + close_grace);
        } else {
            // What was never on the disk has nowhere to go; what was there stays.
            EXPECT_LE(books.dropped_for(drop_reason::at_close), books.spool.unspooled);
        }
        check(*all[i], budgets[i], as_usual, gave_up_worker);
        all[i]->app.reset();
    }
}

}  // namespace
}  // namespace logferry::fault
