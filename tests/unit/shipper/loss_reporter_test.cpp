// When a loss report leaves, what stands in it, and what becomes of one that does not arrive. Time is handed in.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include <shipper/loss_reporter.hpp>

namespace logferry::shipping {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using fate = delivery::settlement::fate;

delivery::settlement ended(fate what, drop_reason why = drop_reason::at_close) {
    delivery::settlement done;
    done.what = what;
    done.why = why;
    return done;
}

class loss_reporter_test : public testing::Test {
protected:
    /// So long after the test's beginning.
    static delivery::moment after(milliseconds t) {
        return {delivery::steady_time(seconds(1000) + t), delivery::wall_time(seconds(1'742'379'826) + t)};
    }
    static losses lost(std::uint64_t records, drop_reason why = drop_reason::full) {
        losses some;
        some.drop(why, level::info, 1'742'379'800'123'456'789, records);
        return some;
    }
    void lose(std::uint64_t records, milliseconds at) { reporter.add(lost(records), after(at).steady); }

    /// Milliseconds after the test's beginning.
    [[nodiscard]] std::optional<milliseconds> due(const loss_reporter& of) const {
        const auto at = of.due_at();
        if (!at) return std::nullopt;
        return std::chrono::duration_cast<milliseconds>(*at - after(milliseconds(0)).steady);
    }
    [[nodiscard]] std::optional<milliseconds> due() const { return due(reporter); }

    static std::map<std::string, value> fields_of(const record_view& report) {
        std::map<std::string, value> fields;
        for (const auto& f : report.fields) fields.emplace(f.key, f.val);
        return fields;
    }
    std::uint64_t told() const { return fields_of(reporter.read()).at("lost").uint64(); }

    loss_reporter reporter{seconds(60), 0xabcd};
};

TEST_F(loss_reporter_test, tells_nothing_when_nothing_is_lost) {
    EXPECT_EQ(due(), std::nullopt);
    reporter.add({}, after(seconds(1)).steady);
    EXPECT_EQ(due(), std::nullopt);
}

TEST_F(loss_reporter_test, lets_the_first_loss_wait_two_seconds_for_others) {
    lose(1, milliseconds(0));
    EXPECT_EQ(due(), seconds(2));
    lose(1, milliseconds(1500));
    EXPECT_EQ(due(), seconds(2)) << "counted from the first";
}

TEST_F(loss_reporter_test, waits_no_longer_than_the_time_between_reports) {
    loss_reporter often(milliseconds(10), 1);
    often.add(lost(1), after(seconds(1)).steady);
    EXPECT_EQ(due(often), milliseconds(1010));
}

TEST_F(loss_reporter_test, tells_once_in_its_time) {
    lose(1, milliseconds(0));
    reporter.write(after(seconds(2)));
    reporter.settle(ended(fate::delivered));
    EXPECT_EQ(due(), std::nullopt);
    lose(1, seconds(3));
    EXPECT_EQ(due(), seconds(62)) << "a minute after the last report";
    reporter.write(after(seconds(62)));
    reporter.settle(ended(fate::delivered));
    lose(1, seconds(500));
    EXPECT_EQ(due(), seconds(502)) << "the minute is long over";
}

TEST_F(loss_reporter_test, sends_one_report_at_a_time) {
    lose(1, milliseconds(0));
    reporter.write(after(seconds(2)));
    lose(5, seconds(3));
    EXPECT_EQ(due(), std::nullopt) << "the first is still on its way";
    reporter.settle(ended(fate::delivered));
    EXPECT_EQ(due(), seconds(62));
    reporter.write(after(seconds(62)));
    EXPECT_EQ(told(), 5u);
}

TEST_F(loss_reporter_test, is_silent_when_switched_off) {
    loss_reporter off(milliseconds(0), 1);
    off.add(lost(1000), after(seconds(1)).steady);
    EXPECT_EQ(due(off), std::nullopt);
}

TEST_F(loss_reporter_test, says_how_many_why_of_which_levels_and_from_when_to_when) {
    losses some;
    some.drop(drop_reason::full, level::info, 1'742'379'800'123'000'000, 9);
    some.reject(level::err, 1'742'379'810'456'000'000);
    reporter.add(some, after(milliseconds(0)).steady);
    reporter.write(after(milliseconds(2250)));
    const auto report = reporter.read();
    EXPECT_EQ(report.message,
              "logferry lost 10 records: 9 full, 1 rejected; levels: 9 info, 1 error; "
              "from 2025-03-19T10:23:20.123Z to 2025-03-19T10:23:30.456Z");
    EXPECT_EQ(report.logger, "logferry");
    EXPECT_EQ(report.time_ns, 1'742'379'828'250'000'000);
    const auto fields = fields_of(report);
    ASSERT_EQ(fields.size(), 5u);
    EXPECT_EQ(fields.at("lost").uint64(), 10u);
    EXPECT_EQ(fields.at("lost_reasons").text(), "10 records: 9 full, 1 rejected");
    EXPECT_EQ(fields.at("lost_levels").text(), "9 info, 1 error");
    EXPECT_EQ(fields.at("lost_from").text(), "2025-03-19T10:23:20.123Z");
    EXPECT_EQ(fields.at("lost_to").text(), "2025-03-19T10:23:30.456Z");
}

TEST_F(loss_reporter_test, says_nothing_of_levels_and_times_that_nobody_knows) {
    losses some;
    some.drop_unknown(drop_reason::corrupt, 2);
    reporter.add(some, after(milliseconds(0)).steady);
    reporter.write(after(seconds(2)));
    EXPECT_EQ(reporter.read().message, "logferry lost 2 records: 2 corrupt");
    const auto fields = fields_of(reporter.read());
    ASSERT_EQ(fields.size(), 2u);
    EXPECT_EQ(fields.at("lost").uint64(), 2u);
    EXPECT_EQ(fields.at("lost_reasons").text(), "2 records: 2 corrupt");
}

TEST_F(loss_reporter_test, says_what_it_knows_of_the_others) {
    losses some;
    some.drop_unknown(drop_reason::corrupt, 2);
    reporter.add(some, after(milliseconds(0)).steady);
    lose(1, milliseconds(0));
    reporter.write(after(seconds(2)));
    EXPECT_EQ(reporter.read().message,
              "logferry lost 3 records: 1 full, 2 corrupt; levels: 1 info; "
              "from 2025-03-19T10:23:20.123Z to 2025-03-19T10:23:20.123Z");
}

TEST_F(loss_reporter_test, says_all_of_the_largest_figures) {
    losses some;
    for (std::size_t i = 0; i < drop_reason_count; ++i) some.dropped[i] = UINT64_MAX / 10;
    for (auto& n : some.by_level) n = UINT64_MAX / 10;
    some.last_ns = INT64_MAX;
    reporter.add(some, after(milliseconds(0)).steady);
    reporter.write(after(seconds(2)));
    const auto report = reporter.read();
    EXPECT_FALSE(report.message_clipped);
    EXPECT_EQ(report.fields_dropped, 0u);
    EXPECT_EQ(told(), some.total());
}

TEST_F(loss_reporter_test, is_a_warning) {
    lose(1, milliseconds(0));
    reporter.write(after(seconds(2)));
    EXPECT_EQ(reporter.read().lvl, level::warn);
}

TEST_F(loss_reporter_test, marks_its_records_as_its_own_and_each_with_another_id) {
    lose(1, milliseconds(0));
    const auto first = reporter.write(after(seconds(2)));
    const auto first_id = reporter.read().id;
    reporter.settle(ended(fate::delivered));
    lose(1, seconds(3));
    const auto second = reporter.write(after(seconds(62)));
    EXPECT_NE(first & delivery::own_record, 0u);
    EXPECT_NE(second & delivery::own_record, 0u);
    EXPECT_NE(first, second);
    EXPECT_EQ(first_id.journal, 0xabcdu);
    EXPECT_FALSE(first_id == reporter.read().id);
}

TEST_F(loss_reporter_test, tells_again_what_nobody_has_seen) {
    lose(7, milliseconds(0));
    reporter.write(after(seconds(2)));
    lose(2, seconds(3));
    reporter.settle(ended(fate::dropped));
    EXPECT_EQ(due(), seconds(62)) << "not sooner than any other report";
    reporter.write(after(seconds(62)));
    EXPECT_EQ(told(), 9u);
}

TEST_F(loss_reporter_test, tells_again_even_when_nothing_more_is_lost) {
    lose(7, milliseconds(0));
    reporter.write(after(seconds(2)));
    reporter.settle(ended(fate::dropped));
    EXPECT_EQ(due(), seconds(62));
    reporter.write(after(seconds(62)));
    EXPECT_EQ(told(), 7u);
    EXPECT_EQ(fields_of(reporter.read()).at("lost_from").text(), "2025-03-19T10:23:20.123Z");
}

TEST_F(loss_reporter_test, forgets_what_the_vendor_fails_on) {
    lose(7, milliseconds(0));
    reporter.write(after(seconds(2)));
    reporter.settle(ended(fate::dropped, drop_reason::gave_up));
    EXPECT_EQ(due(), std::nullopt);
}

TEST_F(loss_reporter_test, forgets_what_the_vendor_will_not_have) {
    for (const auto what : {fate::rejected, fate::filtered}) {
        loss_reporter r(seconds(60), 1);
        r.add(lost(7), after(milliseconds(0)).steady);
        r.write(after(seconds(2)));
        r.settle(ended(what));
        EXPECT_EQ(due(r), std::nullopt);
        r.add(lost(2), after(seconds(3)).steady);
        r.write(after(seconds(62)));
        EXPECT_EQ(fields_of(r.read()).at("lost").uint64(), 2u);
    }
}

}  // namespace
}  // namespace logferry::shipping
