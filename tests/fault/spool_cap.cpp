// The spool holds no more than it may: each policy gives up what it says and no other record, and tells exactly how
// many.
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::size_t cap = 1024 * 1024;

/// Shed and drop the oldest as they are; block no longer than this, for nobody makes room.
json policy(const char* word) { return {{"overflow", word}, {"block_for", 1}, {"buffer", cap}}; }

/// So large that all there may be are ready at any time. Small ones are used up faster than new ones are made, and what
/// comes then is refused, whatever the policy.
constexpr std::size_t large_segment = cap / 4;
json in_large_segments(const char* word) {
    json settings = policy(word);
    settings["segment_size"] = large_segment;
    return settings;
}

class spool_cap : public spool_fault {
protected:
    /// One vendor, which takes nothing. Another one gets what is left when the program has ended, for the first may
    /// still get something from it then.
    void with_one_destination(const char* word) {
        house in;
        fake_vendor refusing(moody(false), in.vendor());
        const auto app = in.start(refusing.url(), in_large_segments(word));
        app->log(1);  // the oldest, whichever of the threads comes first
        app->log(8000, 4);
        leave(*app);
        const auto given_up = expect_given_up(app->books());
        EXPECT_LE(bytes_of(in), cap + 5 * (large_segment + 4096));

        fake_vendor vendor(takes_all(), in.vendor());
        recover_but(in, vendor, given_up, in_large_segments(word));
        if (std::string(word) == "drop_oldest") {
            EXPECT_EQ(vendor.book().text_of(0), "");
        } else {
            EXPECT_NE(vendor.book().text_of(0), "");
        }
    }

    /// What is on its way loses its place in the spool, and then the thread hangs in a callback: it cannot tell any
    /// more what the next program will not find.
    void without_the_thread() {
        house in;
        std::atomic<bool> full{false};
        std::atomic<bool> refused{false};
        fake_vendor refusing_one(
            [&](const arrival&) {
                for (const auto until = clock_type::now() + 30s; !full && clock_type::now() < until;) {
                    std::this_thread::sleep_for(1ms);
                }
                return refused.exchange(true) ? reply{.silent = true} : reply{.status = 403};
            },
            in.vendor());
        json settings = in_large_segments("drop_oldest");
        settings["callback"] = "hangs_when_paused";
        const auto app = in.start(refusing_one.url(), settings);
        app->log(100);
        ASSERT_TRUE(refusing_one.server().wait_for_requests(1));
        const auto oldest = segments_of(in.spool()).front();
        app->log(8000, 4);
        ASSERT_TRUE(app->wait_until([&](const ledger&) { return !std::filesystem::exists(oldest); }));
        full = true;
        ASSERT_TRUE(app->wait_until([&](const ledger&) { return events(*app, event::kind::paused) > 0; }));
        close(*app, 0ms);
        EXPECT_TRUE(app->books().balanced);
        const auto given_up = expect_given_up(app->books());
        EXPECT_GT(app->books().dropped_for(drop_reason::at_close), 0u);
        EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);

        fake_vendor vendor(takes_all(), in.vendor());
        settings.erase("callback");
        recover_but(in, vendor, given_up, settings);
    }

    /// The close does not wait for a worker that is just giving up the oldest segment, of this program's or of the one
    /// before it. What it had no time to tell of it must not do any more.
    void closed_just_then(const char* failpoint, std::uint64_t logged_earlier) {
        house in;
        fake_vendor refusing(moody(false), in.vendor());
        json settings = in_large_segments("drop_oldest");
        const auto earlier = in.start(refusing.url(), settings);
        earlier->log(logged_earlier);
        leave(*earlier);
        const auto given_up_before = earlier->books().dropped_total();

        settings["rest_at"] = failpoint;
        const auto app = in.start(refusing.url(), settings);
        app->log(8000, 4);
        ASSERT_TRUE(app->wait_until([&](const ledger&) { return in.page().rests.load(); }));
        close(*app, 0ms);
        EXPECT_TRUE(app->books().balanced);
        const auto given_up = given_up_before + expect_given_up(app->books());
        in.page().go_on = true;
        ASSERT_TRUE(app->wait_until([&](const ledger&) { return !in.page().rests; }));
        std::this_thread::sleep_for(200ms);  // for what it would do wrongly
        EXPECT_EQ(WTERMSIG(app->kill()), SIGKILL);

        // The next one sheds, so that it does not give up any of that itself.
        fake_vendor vendor(takes_all(), in.vendor());
        recover_but(in, vendor, given_up, in_large_segments("shed"));
    }

    /// The first vendor is well, the second takes nothing. The first must not notice.
    void with_a_dead_neighbour(const char* word) {
        house in;
        fake_vendor living(takes_all(), in.vendor());
        fake_vendor dead(moody(false), in.vendor());
        json settings = policy(word);
        settings["second_url"] = dead.url();
        const auto app = in.start(living.url(), settings);
        constexpr std::uint64_t at_once = 200;
        for (std::uint64_t logged = at_once; logged <= 40 * at_once; logged += at_once) {
            app->log(at_once, 4);
            const auto& parts = app->page().of_destination;
            ASSERT_TRUE(app->wait_until([&](const ledger&) { return parts[0].delivered == logged; }));
        }
        leave(*app);
        const auto parts = app->page().of_destination;
        EXPECT_EQ(parts[0].dropped_total(), 0u);
        const auto given_up = expect_given_up(parts[1]);

        fake_vendor revived(takes_all(), in.vendor());
        settings["second_url"] = revived.url();
        recover_but(in, revived, given_up, settings, living.url());
        compare(in, living.book(), house::on_their_way);
    }

private:
    /// What found no room, and what was on its way from a segment that had to make room: that ends with the process.
    template <typename Books>
    static std::uint64_t expect_given_up(const Books& books) {
        EXPECT_GT(books.dropped_for(drop_reason::full), 0u);
        EXPECT_LE(books.dropped_for(drop_reason::at_close), house::on_their_way);
        EXPECT_EQ(books.dropped_total(),
                  books.dropped_for(drop_reason::full) + books.dropped_for(drop_reason::at_close));
        return books.dropped_total();
    }

    /// With time for its worker, whose figures are exact: a vendor that takes nothing gets one more try.
    void leave(program& app) {
        close(app, long_enough);
        EXPECT_TRUE(app.books().balanced);
        EXPECT_EQ(app.end(), 0);
    }

    static std::uint64_t bytes_of(const house& in) {
        std::uint64_t sum = 0;
        for (const auto& each : files_of(in.spool())) sum += std::filesystem::file_size(each);
        return sum;
    }

    void recover_but(const house& in, const fake_vendor& vendor, std::uint64_t given_up, const json& settings,
                     const std::string& first_url = {}) {
        const auto last = in.start(first_url.empty() ? vendor.url() : first_url, settings);
        last->drain(30s);
        EXPECT_EQ(last->books().pending, 0u);
        // Where the oldest give way, it needs room for records of its own as well.
        const auto given_up_later = last->books().dropped_for(drop_reason::full);
        EXPECT_TRUE(given_up_later == 0 || settings.at("overflow") == "drop_oldest");
        EXPECT_EQ(last->books().dropped_total(), given_up_later);
        close(*last, long_enough);
        EXPECT_EQ(last->end(), 0);
        expect_empty(in);
        compare(in, vendor.book(), 0, given_up + given_up_later);
    }
};

TEST_F(spool_cap, B24_shed_at_the_cap) { with_one_destination("shed"); }
TEST_F(spool_cap, B24_block_at_the_cap) { with_one_destination("block"); }
TEST_F(spool_cap, B24_drop_oldest_at_the_cap) { with_one_destination("drop_oldest"); }
TEST_F(spool_cap, B24_drop_oldest_and_the_thread_hangs) { without_the_thread(); }
#ifdef LOGFERRY_FAILPOINTS
TEST_F(spool_cap, B24_drop_oldest_and_closed_just_then) { closed_just_then("gave_up", 3000); }
TEST_F(spool_cap, B24_drop_oldest_of_another_and_closed_just_then) { closed_just_then("gave_up_backlog", 3000); }
TEST_F(spool_cap, B24_drop_oldest_of_another_with_one_segment_and_closed_just_then) {
    closed_just_then("gave_up_backlog", 200);
}
#endif
TEST_F(spool_cap, B24_shed_beside_a_dead_destination) { with_a_dead_neighbour("shed"); }
TEST_F(spool_cap, B24_block_beside_a_dead_destination) { with_a_dead_neighbour("block"); }
TEST_F(spool_cap, B24_drop_oldest_beside_a_dead_destination) { with_a_dead_neighbour("drop_oldest"); }

}  // namespace
}  // namespace logferry::fault
