#include "iso_time.hpp"

#include <gtest/gtest.h>

namespace logferry::emulation {
namespace {

// 2024-01-11T12:00:00Z is 1704974400 seconds after the epoch.
TEST(iso_time, reads_every_zone_as_utc) {
    const std::chrono::sys_seconds noon(std::chrono::seconds(1'704'974'400));
    for (const auto* text : {"2024-01-11T12:00:00Z", "2024-01-11T12:00:00.999Z", "2024-01-11T12:00:00.123456789Z",
                             "2024-01-11T13:30:00+01:30", "2024-01-11T08:00:00-04:00", "2024-01-12T00:00:00+12:00"}) {
        EXPECT_EQ(read_iso_time(text), noon) << text;
    }
}

TEST(iso_time, knows_the_calendar) {
    EXPECT_TRUE(read_iso_time("2024-02-29T00:00:00Z"));
    for (const auto* text :
         {"2023-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
          "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z"}) {
        EXPECT_FALSE(read_iso_time(text)) << text;
    }
}

TEST(iso_time, takes_no_other_form) {
    for (const auto* text :
         {"", "2024", "2024-01-11", "2024-01-11T12:00:00", "2024-01-11 12:00:00Z", "2024-01-11T12:00Z",
          "2024-01-11T12:00:00.Z", "2024-01-11T12:00:00.1234567890Z", "2024-01-11T12:00:00z",
          "2024-01-11T12:00:00+0100", "2024-01-11T12:00:00Zx", "24-01-11T12:00:00Z", "1704974400"}) {
        EXPECT_FALSE(read_iso_time(text)) << text;
    }
}

}  // namespace
}  // namespace logferry::emulation
