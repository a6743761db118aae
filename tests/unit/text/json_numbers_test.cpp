#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <locale>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include <text/json_writer.hpp>
#include <text/time.hpp>

#include "random_text.hpp"

namespace logferry::text {
namespace {

using nlohmann::json;
using test::dice;

std::string written(double number) {
    std::string out;
    append_json_double(out, number);
    return out;
}

std::string written_int(std::int64_t number, big_integers big = big_integers::as_strings) {
    std::string out;
    append_json_int(out, number, big);
    return out;
}

std::string written_uint(std::uint64_t number, big_integers big = big_integers::as_strings) {
    std::string out;
    append_json_uint(out, number, big);
    return out;
}

/// The number in as few digits as printf needs until it reads back the same.
std::string shortest_by_trial(double number) {
    char text[64];
    for (int digits = 1; digits <= 17; ++digits) {
        std::snprintf(text, sizeof text, "%.*e", digits - 1, number);
        if (std::strtod(text, nullptr) == number) break;
    }
    return text;
}

/// The digits that carry information: without sign, exponent, point, and zeros at either end.
std::string significant(std::string text) {
    text = text.substr(0, text.find('e'));
    std::erase_if(text, [](char c) { return c == '-' || c == '.'; });
    text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

TEST(JsonDouble, IsWrittenAsPeopleWriteIt) {
    EXPECT_EQ(written(0), "0");
    EXPECT_EQ(written(9.99), "9.99");
    EXPECT_EQ(written(-0.1), "-0.1");
    EXPECT_EQ(written(1e20), "1e+20");
    EXPECT_EQ(written(5e-324), "5e-324");
}

TEST(JsonDouble, NeverLooksLikeAnIntegerThatParsersRound) {
    EXPECT_EQ(written(9007199254740991), "9007199254740991");
    EXPECT_EQ(written(9007199254740992), "9.007199254740992e+15");
    EXPECT_EQ(written(18446744073709551616.0), "1.8446744073709552e+19") << "2^64, which no integer type holds";
    EXPECT_EQ(written(-73786976294838206464.0), "-7.378697629483821e+19");
}

TEST(JsonDouble, IsAStringWhenItIsNotFinite) {
    EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
    EXPECT_EQ(written(-std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
    EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "\"Infinity\"");
    EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
}

TEST(JsonDouble, ReadsBackTheSameInTheFewestDigits) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 50000; ++i) {
        const auto number = std::bit_cast<double>(d.bits());
        if (!std::isfinite(number)) continue;
        const std::string text = written(number);
        ASSERT_EQ(json::parse(text).get<double>(), number) << text;
        ASSERT_TRUE(valid_json(text)) << text;
        const std::string shortest = shortest_by_trial(number);
        ASSERT_LE(text.size(), shortest.size()) << text;
        // A whole number may be written out, as long as that is no longer.
        const bool written_out = text.find_first_of(".e") == std::string::npos;
        ASSERT_TRUE(written_out || significant(text).size() <= significant(shortest).size()) << text;
    }
}

TEST(JsonInteger, IsAStringWhenJavaScriptWouldRoundIt) {
    constexpr std::int64_t safe = 9007199254740991;  // Number.MAX_SAFE_INTEGER of ECMAScript
    EXPECT_EQ(written_int(safe), "9007199254740991");
    EXPECT_EQ(written_int(-safe), "-9007199254740991");
    EXPECT_EQ(written_int(safe + 1), "\"9007199254740992\"");
    EXPECT_EQ(written_int(-safe - 1), "\"-9007199254740992\"");
    EXPECT_EQ(written_uint(9007199254740991), "9007199254740991");
    EXPECT_EQ(written_uint(9007199254740992), "\"9007199254740992\"");
}

TEST(JsonInteger, ReachesTheEndsOfItsRange) {
    EXPECT_EQ(written_int(0), "0");
    EXPECT_EQ(written_int(std::numeric_limits<std::int64_t>::min()), "\"-9223372036854775808\"");
    EXPECT_EQ(written_uint(std::numeric_limits<std::uint64_t>::max()), "\"18446744073709551615\"");
    EXPECT_EQ(written_int(std::numeric_limits<std::int64_t>::min(), big_integers::as_numbers), "-9223372036854775808");
    EXPECT_EQ(written_uint(std::numeric_limits<std::uint64_t>::max(), big_integers::as_numbers),
              "18446744073709551615");
}

TEST(JsonInteger, ReadsBackTheSame) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const std::uint64_t number = d.bits() >> d.below(64);
        const auto negative = -static_cast<std::int64_t>(number >> 1);
        ASSERT_EQ(json::parse(written_uint(number, big_integers::as_numbers)), number);
        ASSERT_EQ(json::parse(written_int(negative, big_integers::as_numbers)), negative);
        const json read = json::parse(written_int(negative));
        ASSERT_EQ(read.is_string() ? read.get<std::string>() : read.dump(), std::to_string(negative));
    }
}

/// While it lives, numbers have a decimal comma and dots between thousands wherever the locale is asked.
class german_locale {
public:
    german_locale() : before_(std::locale::global(std::locale(std::locale::classic(), new german_numbers))) {
        // The C library's own locale as well, where the machine has one.
        for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "de_DE"}) {
            if (std::setlocale(LC_ALL, name) != nullptr) break;
        }
    }
    ~german_locale() {
        std::locale::global(before_);
        std::setlocale(LC_ALL, "C");
    }
    german_locale(const german_locale&) = delete;
    german_locale& operator=(const german_locale&) = delete;

private:
    struct german_numbers : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\3"; }
    };
    std::locale before_;
};

TEST(Locale, ChangesNothing) {
    const german_locale german;
    std::ostringstream control;
    control << 1234.5;
    ASSERT_EQ(control.str(), "1.234,5") << "the locale is not in force, so the test would show nothing";

    EXPECT_EQ(written(1234.5), "1234.5");
    EXPECT_EQ(written_int(1234567), "1234567");
    EXPECT_TRUE(valid_json("[1234.5,1e5]"));
    EXPECT_FALSE(valid_json("[1234,5e400]"));
    EXPECT_FALSE(valid_json("1.234,5"));
    std::string time;
    append_rfc3339(time, 1'700'000'000'123'456'789);
    EXPECT_EQ(time, "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", 0), 784111777);
}

}  // namespace
}  // namespace logferry::text
