#include <gtest/gtest.h>

#include <logferry/level.hpp>

namespace logferry {
namespace {

TEST(level, reads_the_names_that_it_writes) {
    for (auto lvl : {level::trace, level::debug, level::info, level::warn, level::err, level::critical, level::off}) {
        EXPECT_EQ(level_from_string(to_string(lvl)), lvl);
    }
}

TEST(level, reads_what_people_write) {
    EXPECT_EQ(level_from_string("warning"), level::warn);
    EXPECT_EQ(level_from_string("err"), level::err);
    EXPECT_EQ(level_from_string("fatal"), level::critical);
    EXPECT_EQ(level_from_string("crit"), level::critical);
    EXPECT_EQ(level_from_string("notice"), level::info);
    EXPECT_EQ(level_from_string("alert"), level::critical);
    EXPECT_EQ(level_from_string("emergency"), level::critical);
    EXPECT_EQ(level_from_string("information"), level::info);
    EXPECT_EQ(level_from_string("informational"), level::info);
}

TEST(level, is_read_in_any_case) {
    EXPECT_EQ(level_from_string("INFO"), level::info);
    EXPECT_EQ(level_from_string("Warning"), level::warn);
    EXPECT_EQ(level_from_string("cRiTiCaL"), level::critical);
}

TEST(level, is_no_other_word) {
    for (const auto* word : {"", " info", "info ", "inf", "infos", "3", "warn\xC3\xA9", "I\xC4\xB0NFO"}) {
        EXPECT_EQ(level_from_string(word), std::nullopt) << word;
    }
    EXPECT_EQ(level_from_string(std::string_view("info\0", 5)), std::nullopt);
}

TEST(level, is_ordered_by_severity) {
    EXPECT_LT(level::trace, level::debug);
    EXPECT_LT(level::debug, level::info);
    EXPECT_LT(level::info, level::warn);
    EXPECT_LT(level::warn, level::err);
    EXPECT_LT(level::err, level::critical);
    EXPECT_LT(level::critical, level::off);
}

}  // namespace
}  // namespace logferry
