// All faults at once, in an order that chance decides.
#include <atomic>
#include <cstdint>
#include <random>

#include "fault_test.hpp"

namespace logferry::fault {
namespace {

using ending = support::reaction::ending;

/// Out of its mind for the first 150 requests, and well then. Runs on the server's thread alone.
class moody_vendor {
public:
    explicit moody_vendor(std::uint32_t seed) : chance_(seed) {}

    reply operator()(const arrival& a) {
        const auto mood = a.number < 150 ? chance_() % 100 : 0;
        if (mood < 55) return {};
        if (mood < 60) return {.delay = 20ms};
        if (mood < 68) return {.status = 503};
        if (mood < 73) return {.status = 429, .headers = "Retry-After: 0\r\n"};
        if (mood < 78) return {.status = 500};
        if (mood < 83) return {.status = 413};
        if (mood < 86) return {.status = 422};
        if (mood < 88) return {.status = 401};
        // Nobody can tell from the other side whether the vendor has them.
        const bool takes = chance_() % 2 == 0;
        if (takes) untold_ += a.records.size();
        return {.then = mood < 94 ? ending::close : ending::reset, .silent = true, .takes = takes};
    }

    /// Records that it took without saying so.
    [[nodiscard]] std::uint64_t untold() const noexcept { return untold_; }

private:
    std::mt19937 chance_;
    std::atomic<std::uint64_t> untold_{0};
};

TEST_F(fault, F6_everything_at_random_duplicates_at_most_2000) {
    constexpr std::uint32_t rounds = 20;
    for (std::uint32_t seed = 0; seed < rounds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        moody_vendor mood(seed);
        fake_vendor vendor([&mood](const arrival& a) { return mood(a); }, {.vendor = "profound"});
        program app{{"url", vendor.url()}, {"vendor", "profound"}, {"batch_records", 20},
                    {"backoff_max", 20},   {"pause_min", 5},       {"pause_max", 20}};
        app.log(1000, 4);
        app.drain(30s);
        EXPECT_EQ(app.books().pending, 0u);
        close(app, long_enough);
        audit(app, vendor.book(), mood.untold());
        EXPECT_LE(vendor.book().duplicates(), mood.untold());
    }
}

TEST_F(fault, F6_closed_at_any_moment_of_it_duplicates_at_most_2000) {
    constexpr std::uint32_t rounds = 30;
    for (std::uint32_t seed = 0; seed < rounds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        moody_vendor mood(seed);
        fake_vendor vendor([&mood](const arrival& a) { return mood(a); }, {.vendor = "profound"});
        program app{{"url", vendor.url()}, {"vendor", "profound"}, {"batch_records", 20},
                    {"backoff_max", 20},   {"pause_min", 5},       {"pause_max", 20}};
        app.log(1000, 4);
        close(app, milliseconds(seed * 10));
        EXPECT_EQ(app.books().pending, 0u);
        // The vendor may also have what was on its way when the budget was over. Twice as much if that was after four
        // answers had come, and before their count was told and four more requests were sent.
        audit(app, vendor.book(), mood.untold() + 2 * 4 * 20);
    }
}

}  // namespace
}  // namespace logferry::fault
