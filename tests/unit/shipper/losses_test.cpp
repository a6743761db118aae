// What was lost, added up and put into words.
#include <gtest/gtest.h>

#include <shipper/losses.hpp>

namespace logferry::shipping {
namespace {

TEST(losses, begin_with_none) {
    const losses none;
    EXPECT_EQ(none.total(), 0u);
    EXPECT_EQ(none.by_reason(), "0 records: ");
    EXPECT_EQ(none.levels(), "");
}

TEST(losses, name_every_reason_that_has_records) {
    losses lost;
    lost.drop(drop_reason::full, level::info, 100, 9);
    lost.drop(drop_reason::gave_up, level::warn, 200);
    lost.reject(level::err, 300);
    lost.reject(level::err, 400);
    EXPECT_EQ(lost.total(), 12u);
    EXPECT_EQ(lost.by_reason(), "12 records: 9 full, 1 gave_up, 2 rejected");
    EXPECT_EQ(lost.levels(), "9 info, 1 warn, 2 error");
}

TEST(losses, of_one_record_are_no_plural) {
    losses lost;
    lost.drop(drop_reason::expired, level::critical, 1);
    EXPECT_EQ(lost.by_reason(), "1 record: 1 expired");
    EXPECT_EQ(lost.levels(), "1 critical");
}

TEST(losses, know_every_reason_and_every_level_by_name) {
    losses lost;
    for (std::size_t i = 0; i < drop_reason_count; ++i) lost.drop(static_cast<drop_reason>(i), level::trace, 1);
    EXPECT_EQ(lost.by_reason(),
              "9 records: 1 full, 1 expired, 1 gave_up, 1 ambiguous, 1 after_close, 1 reentrant, 1 at_close, 1 forked, "
              "1 corrupt");
    losses of_levels;
    for (std::size_t i = 0; i < level_count; ++i) of_levels.reject(static_cast<level>(i), 1);
    EXPECT_EQ(of_levels.levels(), "1 trace, 1 debug, 1 info, 1 warn, 1 error, 1 critical");
}

TEST(losses, reach_from_the_oldest_record_to_the_newest_in_whatever_order_they_come) {
    losses lost;
    for (const std::int64_t time : {500, 100, 900, 300}) lost.reject(level::info, time);
    EXPECT_EQ(lost.first_ns, 100);
    EXPECT_EQ(lost.last_ns, 900);
}

TEST(losses, without_a_time_do_not_begin_in_1970) {
    losses lost;
    lost.drop(drop_reason::full, level::info, 0, 5);
    lost.reject(level::info, 700);
    lost.drop(drop_reason::full, level::info, 0, 5);
    EXPECT_EQ(lost.first_ns, 700);
    EXPECT_EQ(lost.last_ns, 700);
    EXPECT_EQ(lost.total(), 11u);
}

TEST(losses, may_be_of_records_of_which_nothing_else_is_known) {
    losses lost;
    lost.drop_unknown(drop_reason::corrupt, 4);
    EXPECT_EQ(lost.total(), 4u);
    EXPECT_EQ(lost.by_reason(), "4 records: 4 corrupt");
    EXPECT_EQ(lost.levels(), "");
    EXPECT_EQ(lost.first_ns, 0);
    EXPECT_EQ(lost.last_ns, 0);
    lost.drop(drop_reason::full, level::debug, 700);
    losses all;
    all.add(lost);
    EXPECT_EQ(all.by_reason(), "5 records: 1 full, 4 corrupt");
    EXPECT_EQ(all.levels(), "1 debug");
    EXPECT_EQ(all.first_ns, 700);
}

TEST(losses, add_up) {
    losses one;
    one.drop(drop_reason::full, level::info, 400, 3);
    losses more;
    more.drop(drop_reason::full, level::debug, 200, 4);
    more.reject(level::info, 600);
    one.add(more);
    EXPECT_EQ(one.by_reason(), "8 records: 7 full, 1 rejected");
    EXPECT_EQ(one.levels(), "4 debug, 4 info");
    EXPECT_EQ(one.first_ns, 200);
    EXPECT_EQ(one.last_ns, 600);
    one.add({});
    EXPECT_EQ(one.total(), 8u);
    EXPECT_EQ(one.first_ns, 200);
}

}  // namespace
}  // namespace logferry::shipping
