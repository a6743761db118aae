#include "strict_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logferry::emulation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(strict_json, reads_what_every_reader_reads_alike) {
    const std::string text = R"({"a":[1,-2,3.5,true,false,null,"x",{}],"b":{"c":[[],[1]]}})";
    const auto read = read_strictly(text);
    EXPECT_THAT(read.malformed, IsEmpty());
    EXPECT_THAT(read.objection(), IsEmpty());
    EXPECT_EQ(read.value, json::parse(text));
}

TEST(strict_json, takes_a_lone_value_for_a_document) { EXPECT_EQ(read_strictly(" 7 ").value, 7); }

TEST(strict_json, calls_malformed_what_is_no_json) {
    for (const auto* text : {"", "{", "{} x", "{'a':1}", "[1,]", "NaN", "\"\x01\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"",
                             "\"\\uD800\"", "\xEF\xBB\xBF{}", "01", "+1"}) {
        EXPECT_THAT(read_strictly(text).malformed, Not(IsEmpty())) << text;
    }
}

TEST(strict_json, objects_to_a_key_given_twice) {
    EXPECT_THAT(read_strictly(R"({"a":1,"a":1})").flaw, HasSubstr("\"a\" is given twice"));
    EXPECT_THAT(read_strictly(R"([{"b":{"a":1,"\u0061":2}}])").flaw, HasSubstr("given twice"));
    EXPECT_THAT(read_strictly(R"({"a":{"a":1},"b":[{"a":1},{"a":1}]})").flaw, IsEmpty());
}

TEST(strict_json, objects_to_integers_that_a_double_would_round) {
    for (const auto* text : {"9007199254740991", "-9007199254740991", "1e300", "0.1", "-9223372036854775808",
                             "18446744073709551616", "-36893488147419103232", "100000000000000000000"}) {
        EXPECT_THAT(read_strictly(text).flaw, IsEmpty()) << text;
    }
    for (const auto* text : {"9007199254740993", "-9007199254740993", "9223372036854775807", "18446744073709551615",
                             "18446744073709551617"}) {
        EXPECT_THAT(read_strictly(text).flaw, HasSubstr("would be rounded")) << text;
    }
}

TEST(strict_json, objects_to_numbers_that_are_infinite_as_doubles) {
    EXPECT_THAT(read_strictly("[1e400]").flaw, HasSubstr("too large"));
    EXPECT_THAT(read_strictly("[1e400]").malformed, IsEmpty());
}

TEST(strict_json, objects_to_deep_nesting) {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    EXPECT_THAT(read_strictly(nested(deepest_json)).flaw, IsEmpty());
    EXPECT_THAT(read_strictly(nested(deepest_json + 1)).flaw, HasSubstr("nested deeper"));
    EXPECT_THAT(read_strictly(nested(1'000'000)).flaw, HasSubstr("nested deeper"));
}

TEST(strict_json, notes_nul_in_keys_and_values) {
    EXPECT_TRUE(read_strictly(R"({"a":"x\u0000"})").holds_nul);
    EXPECT_TRUE(read_strictly(R"({"\u0000":1})").holds_nul);
    EXPECT_FALSE(read_strictly(R"({"a":"\\u0000"})").holds_nul);
    EXPECT_THAT(read_strictly(R"(["\u0000"])").objection(), HasSubstr("U+0000"));
}

}  // namespace
}  // namespace logferry::emulation
