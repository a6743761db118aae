// What a process finds: much of it, or for other destinations than it has itself.
#include <atomic>
#include <fstream>
#include <string>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

class backlogs : public spool_fault {
protected:
    /// A program that could deliver nothing has left so many records.
    static void leave(const house& in, const std::string& url, std::uint64_t records, const json& more = as_usual) {
        const auto app = in.start(url, more);
        ASSERT_TRUE(app->ready()) << app->books().last_error.data();
        app->log(records, 2);
        app->kill();
    }
};

std::size_t most_resident_kib(const program& of) {
    std::ifstream in("/proc/" + std::to_string(of.pid()) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    return 0;
}

/// A vendor that takes everything, and counts the old records that came before the last new one. Runs on the server's
/// thread.
class arrivals_of_two_ages {
public:
    explicit arrivals_of_two_ages(std::uint64_t first_new) : first_new_(first_new) {}

    reply operator()(const arrival& a) {
        for (const auto& record : a.records) {
            if (record.id < first_new_) {
                ++old_;
            } else {
                old_before_last_new_ = old_;
            }
        }
        return {};
    }
    [[nodiscard]] std::uint64_t old_before_last_new() const noexcept { return old_before_last_new_; }

private:
    const std::uint64_t first_new_;
    std::uint64_t old_ = 0;
    std::atomic<std::uint64_t> old_before_last_new_{0};
};

TEST_F(backlogs, A19_a_thousand_segments_and_new_records_are_sent_as_well) {
    constexpr std::uint64_t bytes = std::uint64_t{64} * 1024 * 1024 / slowness;
    constexpr std::uint64_t fresh = 100;
    constexpr payload_kind payload{.bytes = 400};
    const json large = {{"payload", payload.bytes}, {"spread", 0}};
    house in;
    support::reserved_port closed;
    leave(in, closed.url(""), bytes / (2 * payload.bytes), large);
    const auto left = in.page().calls_that(call::returned);
    report("segments", segments_of(in.spool()).size());
    EXPECT_GE(segments_of(in.spool()).size(), bytes / small_segment);

    const auto start = std::chrono::steady_clock::now();
    const auto next = in.start(closed.url(""), large);
    const auto ready = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    report("ready_ms", ready.count());
    EXPECT_LT(ready, long_enough);

    // The vendor comes when both are there. What it had when, it notes itself: a test looks too late.
    next->log(fresh);
    arrivals_of_two_ages seen(left);
    fake_vendor vendor([&](const arrival& a) { return seen(a); }, {.vendor = "profound", .payload = payload},
                       std::move(closed));
    next->drain(80s);
    report("old_ones_before_the_last_new_one", seen.old_before_last_new());
    EXPECT_LT(seen.old_before_last_new(), left);
    report("most_resident_kib", most_resident_kib(*next));
    EXPECT_LT(most_resident_kib(*next), std::size_t{128} * 1024 * slowness);
    EXPECT_EQ(next->books().pending, 0u);
    close(*next, long_enough);
    EXPECT_EQ(next->end(), 0);
    expect_empty(in);
    compare(in, vendor.book(), 0);
}

TEST_F(backlogs, A16_a_destination_was_added) {
    house in;
    support::reserved_port closed;
    leave(in, closed.url(""), 1000);
    // It gets all that is still there.
    fake_vendor first(takes_all(), in.vendor(), std::move(closed));
    fake_vendor second(takes_all(), in.vendor());
    recover(in, first, 0, {{"second_url", second.url()}});
    compare(in, second.book(), 0);
}

TEST_F(backlogs, A16_a_destination_was_removed) {
    house in;
    fake_vendor first(takes_all(), in.vendor());
    support::reserved_port closed;
    {
        const auto app = in.start(first.url(), {{"second_url", closed.url("")}});
        app->log(1000, 2);
        const auto& part = app->page().of_destination[0];
        ASSERT_TRUE(app->wait_until([&](const ledger&) { return part.delivered == 1000; }));
        app->kill();
    }
    // Nobody waits for it any more, and the first gets nothing twice but what was being noted.
    recover(in, first, house::on_their_way);
}

TEST_F(backlogs, A16_a_destination_was_renamed) {
    house in;
    std::atomic<bool> open{false};
    fake_vendor vendor([&](const arrival& a) { return reply{.status = open || a.number < 5 ? 200 : 503}; },
                       in.vendor());
    {
        const auto app = in.start(vendor.url(), {{"name", "old"}});
        app->log(1000, 2);
        ASSERT_TRUE(app->wait_until([&](const ledger& books) {
            return vendor.book().requests() > 5 && books.delivered == vendor.book().distinct();
        }));
        EXPECT_LT(vendor.book().distinct(), 1000u);
        app->kill();
    }
    // It goes on where the one of the old name was.
    open = true;
    recover(in, vendor, house::on_their_way, {{"name", "new"}});
}

}  // namespace
}  // namespace logferry::fault
