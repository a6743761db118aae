#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <text/time.hpp>

#include "random_text.hpp"

namespace logferry::text {
namespace {

using std::chrono::seconds;
using test::dice;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t new_year_2024 = 1704067200;
constexpr std::int64_t example_time = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT: RFC 9110 section 5.6.7

std::string rfc3339(std::int64_t time_ns, int decimals = 3) {
    std::string out;
    append_rfc3339(out, time_ns, decimals);
    return out;
}

std::string formatted(const char* format, std::int64_t epoch_seconds) {
    const auto time = static_cast<std::time_t>(epoch_seconds);
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

TEST(Rfc3339, WritesWellKnownTimes) {
    EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(rfc3339(1'000'000'000 * second), "2001-09-09T01:46:40.000Z");
    EXPECT_EQ(rfc3339(951782400 * second), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(rfc3339(4107542399 * second), "2100-02-28T23:59:59.000Z");
    EXPECT_EQ(rfc3339(4107542400 * second), "2100-03-01T00:00:00.000Z");
}

TEST(Rfc3339, CutsDecimals) {
    constexpr std::int64_t time = example_time * second + 999'999'999;
    EXPECT_EQ(rfc3339(time, 0), "1994-11-06T08:49:37Z");
    EXPECT_EQ(rfc3339(time, 3), "1994-11-06T08:49:37.999Z");
    EXPECT_EQ(rfc3339(time, 6), "1994-11-06T08:49:37.999999Z");
    EXPECT_EQ(rfc3339(time, 9), "1994-11-06T08:49:37.999999999Z");
    EXPECT_EQ(rfc3339(5'000'042, 9), "1970-01-01T00:00:00.005000042Z");
}

TEST(Rfc3339, GoesBackwardsBefore1970) {
    EXPECT_EQ(rfc3339(-1, 9), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(rfc3339(-1, 3), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(rfc3339(-1, 0), "1969-12-31T23:59:59Z");
}

TEST(Rfc3339, SpansTheWholeRange) {
    EXPECT_EQ(rfc3339(std::numeric_limits<std::int64_t>::min(), 9), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(rfc3339(std::numeric_limits<std::int64_t>::max(), 9), "2262-04-11T23:47:16.854775807Z");
}

TEST(Rfc3339, AgreesWithTheCLibraryOnRandomTimes) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const auto time = static_cast<std::int64_t>(d.bits()) >> d.below(40);
        const std::int64_t whole = (time - (time % second + second) % second) / second;
        char decimals[16];
        std::snprintf(decimals, sizeof decimals, ".%09dZ", static_cast<int>((time % second + second) % second));
        ASSERT_EQ(rfc3339(time, 9), formatted("%Y-%m-%dT%H:%M:%S", whole) + decimals) << time;
    }
}

// The three examples of RFC 9110 section 5.6.7.
TEST(HttpDate, ReadsTheThreeForms) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", new_year_2024), example_time);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", new_year_2024), example_time);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", new_year_2024), example_time);
    EXPECT_EQ(parse_http_date(" \tSun, 06 Nov 1994 08:49:37 GMT\t ", new_year_2024), example_time);
}

TEST(HttpDate, ReadsWhatTheCLibraryWrites) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    constexpr std::size_t one_century = 3155760000;
    for (int i = 0; i < 20000; ++i) {
        // From 1974 to 2073, where two digits of a year mean what they do in 2024.
        const auto time = static_cast<std::int64_t>(126230400 + d.below(one_century));
        for (const char* form : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
            const std::string text = formatted(form, time);
            ASSERT_EQ(parse_http_date(text, new_year_2024), time) << text;
        }
    }
}

TEST(HttpDate, TakesAYearOfTwoDigitsMoreThan50YearsAheadForOneOfThePast) {
    EXPECT_EQ(parse_http_date("Friday, 29-Dec-73 00:00:00 GMT", new_year_2024), 3281731200) << "2073";
    EXPECT_EQ(parse_http_date("Saturday, 29-Dec-74 00:00:00 GMT", new_year_2024), 157507200) << "1974";
    EXPECT_EQ(parse_http_date("Friday, 01-Jan-10 00:00:00 GMT", 4070908800 - 86400), 4417977600)
        << "2110, seen from 2098";
    EXPECT_EQ(parse_http_date("Tuesday, 29-Feb-00 00:00:00 GMT", new_year_2024), 951782400) << "2000 had that day";
}

TEST(HttpDate, KnowsLeapDaysAndLeapSeconds) {
    EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", 0), 1709164800);
    EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", 0), 1483228800);
    EXPECT_EQ(parse_http_date("Wed, 29 Feb 2023 00:00:00 GMT", 0), std::nullopt);
    EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:61 GMT", 0), std::nullopt);
}

TEST(HttpDate, RefusesEverythingElse) {
    for (const char* text : {"",
                             " ",
                             "Malformed",
                             "Sun",
                             "Sun,",
                             ",",
                             "Sun, 06 Nov 1994 08:49:37",
                             "Sun, 06 Nov 1994 08:49:37 UTC",
                             "Sun, 06 Nov 1994 08:49:37 GMT x",
                             "Sun, 6 Nov 1994 08:49:37 GMT",
                             "Sun, 06 nov 1994 08:49:37 GMT",
                             "Xyz, 06 Nov 1994 08:49:37 GMT",
                             "Sun, 06 Nov 94 08:49:37 GMT",
                             "Sun, 06 Nov 1994 24:00:00 GMT",
                             "Sun, 06 Nov 1994 08:60:00 GMT",
                             "Sun, 00 Nov 1994 08:49:37 GMT",
                             "Sun, 31 Nov 1994 08:49:37 GMT",
                             "Sun, 06 Nov -994 08:49:37 GMT",
                             "Sun, +6 Nov 1994 08:49:37 GMT",
                             "Sunday, 06-Nov-1994 08:49:37 GMT",
                             "Sunday, 06 Nov 94 08:49:37 GMT",
                             "Sun, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov 6 08:49:37 1994",
                             "Sun Nov  6 08:49:37 94",
                             "Sun Nov   6 08:49:37 1994",
                             "1994-11-06T08:49:37Z"}) {
        EXPECT_EQ(parse_http_date(text, new_year_2024), std::nullopt) << text;
    }
}

TEST(HttpDate, DoesNotTrustTheClock) {
    for (const auto clock : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_TRUE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", clock).has_value());
        EXPECT_TRUE(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", clock).has_value());
    }
}

TEST(RetryAfter, ReadsSeconds) {
    EXPECT_EQ(parse_retry_after("0", new_year_2024), seconds(0));
    EXPECT_EQ(parse_retry_after("5", new_year_2024), seconds(5));
    EXPECT_EQ(parse_retry_after("120", new_year_2024), seconds(120));
    EXPECT_EQ(parse_retry_after("0007", new_year_2024), seconds(7));
    EXPECT_EQ(parse_retry_after("\t 5 \t", new_year_2024), seconds(5));
}

TEST(RetryAfter, TakesASecondsCountBeyondMeasureForTheLargest) {
    EXPECT_EQ(parse_retry_after("9223372036854775807", new_year_2024), seconds::max());
    EXPECT_EQ(parse_retry_after("9223372036854775808", new_year_2024), seconds::max());
    EXPECT_EQ(parse_retry_after(std::string(100000, '9'), new_year_2024), seconds::max());
}

TEST(RetryAfter, ReadsDatesAsTheTimeUntilThen) {
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", example_time - 90), seconds(90));
    EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", example_time - 90), seconds(90));
    EXPECT_EQ(parse_retry_after(" Sun Nov  6 08:49:37 1994 ", example_time - 90), seconds(90));
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", example_time), seconds(0));
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", new_year_2024), seconds(0));
}

TEST(RetryAfter, RefusesEverythingElse) {
    for (const char* text :
         {"", " ", "-1", "+5", "1e12", "5.5", "5 5", "5s", "0x10", "Malformed", "5,6", "\n5", "\u0665"}) {
        EXPECT_EQ(parse_retry_after(text, new_year_2024), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace logferry::text
