// What is read from an answer, and what of it is repeated.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vendors/answer_text.hpp>

namespace logferry::vendors {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(scrub, replaces_every_occurrence) {
    EXPECT_EQ(scrub("a hunter2 b hunter2", "hunter2"), "a *** b ***");
    EXPECT_EQ(scrub("nothing here", "hunter2"), "nothing here");
    EXPECT_EQ(scrub("no credential", ""), "no credential");
    EXPECT_EQ(scrub("**", "*"), "******");
}

TEST(scrub, knows_the_escaped_forms) {
    EXPECT_EQ(scrub(R"({"t":"a\"b\\c"})", R"(a"b\c)"), R"({"t":"***"})");
    EXPECT_EQ(scrub(R"({"t":"a\/b"})", "a/b"), R"({"t":"***"})");
    EXPECT_EQ(scrub(R"({"t":"a/b"})", "a/b"), R"({"t":"***"})");
}

TEST(scrub, knows_the_escapes_of_other_writers) {
    EXPECT_EQ(scrub(R"({"t":"gr\u00fc\u00df\/e"})", "grüß/e"), R"({"t":"***"})") << "as PHP's json_encode";
    EXPECT_EQ(scrub(R"({"t":"gr\u00fc\u00df/e"})", "grüß/e"), R"({"t":"***"})") << "as Python's json.dumps";
    EXPECT_EQ(scrub(R"({"t":"\ud83d\udd11"})", "🔑"), R"({"t":"***"})");
    EXPECT_EQ(scrub("no such page: /x?t=a%7Cb%2F%C3%A9-_.~", "a|b/é-_.~"), "no such page: /x?t=***");
    EXPECT_EQ(scrub("no such page: /x?t=a%7cb", "a|b"), "no such page: /x?t=***");
}

TEST(scrub, takes_a_credential_that_no_text_can_hold) {
    EXPECT_EQ(scrub("said", std::string_view("\0", 1)), "said");
    EXPECT_EQ(scrub("said \xFF", "\xFF"), "said ***");
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(parse_answer, takes_json_of_a_bounded_depth) {
    EXPECT_EQ(parse_answer(R"({"status":"ok"})").at("status"), "ok");
    EXPECT_TRUE(parse_answer(nested(deepest_answer)).is_array());
    EXPECT_TRUE(parse_answer(nested(deepest_answer + 1)).is_discarded());
    EXPECT_TRUE(parse_answer(nested(32'000)).is_discarded());
    EXPECT_TRUE(parse_answer("").is_discarded());
    EXPECT_TRUE(parse_answer("<html>").is_discarded());
}

TEST(parse_answer, takes_no_bracket_of_a_text_for_a_level) {
    const std::string text = R"("\"\\)" + std::string(100, '[') + "\"";
    EXPECT_TRUE(parse_answer("[" + text + "," + text + "]").is_array());
    std::string siblings = "[";
    for (int i = 0; i < 100; ++i) siblings += "{},";
    EXPECT_TRUE(parse_answer(siblings + "1]").is_array());
}

TEST(excerpt, is_one_short_printable_line) {
    EXPECT_EQ(excerpt("  one\r\ntwo\tthree\x7F\x1B[31m \n"), "one  two three  [31m");
    EXPECT_EQ(excerpt("bad \xFF byte"), "bad \uFFFD byte");
    EXPECT_EQ(excerpt(std::string("a\0b", 3)), "a b");
    EXPECT_EQ(excerpt(""), "");
    EXPECT_EQ(excerpt(std::string(200, 'x')), std::string(200, 'x'));
    EXPECT_EQ(excerpt(std::string(64 * 1024, 'x')).size(), 200U);
}

TEST(excerpt, leaves_no_part_of_a_credential_at_its_edge) {
    EXPECT_THAT(excerpt(std::string(195, 'x').append("hunter2"), "hunter2"), Not(HasSubstr("h")));
}

TEST(text_of, is_empty_unless_there_is_a_text) {
    const auto text = [](const char* body) { return std::string(text_of(json::parse(body), "hash")); };
    EXPECT_EQ(text(R"({"hash":"f00d","other":1})"), "f00d");
    for (const auto* body : {R"({})", R"({"hash":null})", R"({"hash":7})", R"({"hash":{"hash":"x"}})", R"(["hash"])",
                             R"("hash")", "null"}) {
        EXPECT_EQ(text(body), "") << body;
    }
    EXPECT_EQ(text_of(parse_answer("no JSON"), "hash"), "");
}

TEST(is_web_page, looks_at_the_first_byte_that_is_no_white_space) {
    EXPECT_TRUE(is_web_page("<html>"));
    EXPECT_TRUE(is_web_page("\r\n\t <!DOCTYPE html>"));
    for (const auto* body : {"", " ", "{}", "x<html>"}) EXPECT_FALSE(is_web_page(body)) << body;
}

}  // namespace
}  // namespace logferry::vendors
