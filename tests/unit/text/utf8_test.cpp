#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <text/utf8.hpp>

#include "random_text.hpp"

namespace logferry::text {
namespace {

using test::dice;
using test::exact_copy;
using test::repaired_by_the_book;
using namespace std::string_literals;

struct repair {
    std::string text;
    std::size_t replacements;
    friend bool operator==(const repair&, const repair&) = default;
};

repair repaired(std::string_view in) {
    repair r;
    r.replacements = append_repaired(in, r.text);
    return r;
}

/// `x` stands for U+FFFD, so that expectations can be read.
std::string marked(std::string_view letters) {
    std::string text;
    for (const char c : letters) text += c == 'x' ? std::string(replacement_character) : std::string(1, c);
    return text;
}

TEST(Utf8, LeavesWellFormedTextAlone) {
    for (const std::string& text :
         {""s, "plain"s, "größer"s, "日本語"s, "👩‍💻"s, "\xF4\x8F\xBF\xBF"s, "a\0b"s}) {
        EXPECT_TRUE(valid_utf8(text)) << text;
        EXPECT_EQ(repaired(text), (repair{text, 0}));
    }
}

// The examples of Unicode 15, section 3.9, tables 3-8 to 3-11.
TEST(Utf8, ReplacesMaximalSubpartsAsTheStandardsExamplesDo) {
    EXPECT_EQ(repaired("a\xF1\x80\x80\xE1\x80\xC2"
                       "b\x80"
                       "c\x80\xBF"
                       "d"),
              (repair{marked("axxxbxcxxd"), 6}));
    EXPECT_EQ(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), (repair{marked("xxxxxxxxA"), 8}));
    EXPECT_EQ(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), (repair{marked("xxxxxxxxA"), 8}));
    EXPECT_EQ(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), (repair{marked("xxxxxAxxB"), 7}));
    EXPECT_EQ(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), (repair{marked("xxxxA"), 4}));
}

TEST(Utf8, ReplacesATailThatWasCutOffOnce) {
    EXPECT_EQ(repaired("ok \xC3"), (repair{marked("ok x"), 1}));
    EXPECT_EQ(repaired("ok \xE2\x82"), (repair{marked("ok x"), 1}));
    EXPECT_EQ(repaired("ok \xF0\x9F\x94"), (repair{marked("ok x"), 1}));
}

TEST(Utf8, AppendsBehindWhatIsThere) {
    std::string out = "before ";
    EXPECT_EQ(append_repaired("\xFF!", out), 1U);
    EXPECT_EQ(out, marked("before x!"));
}

TEST(Utf8, RepairsRandomBytesByTheBook) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const exact_copy in(i % 2 == 0 ? d.hostile(d.below(201)) : d.bytes(d.below(201)));
        const std::string expected = repaired_by_the_book(in.view());
        ASSERT_EQ(repaired(in.view()).text, expected);
        ASSERT_EQ(valid_utf8(in.view()), in.view() == expected);
        ASSERT_TRUE(valid_utf8(expected));
    }
}

TEST(Utf8, FindsOneBadByteAtEveryPlaceOfEveryLength) {
    for (std::size_t length = 1; length < 70; ++length) {
        for (std::size_t bad = 0; bad < length; ++bad) {
            std::string text(length, 'a');
            text[bad] = '\xFF';
            const exact_copy in(text);
            ASSERT_FALSE(valid_utf8(in.view())) << bad << " of " << length;
            ASSERT_EQ(repaired(in.view()), (repair{repaired_by_the_book(text), 1})) << bad << " of " << length;
        }
    }
}

TEST(Utf8, MeasuresInTheUnitOfTheVendor) {
    const std::string text = "aé€🔥";
    EXPECT_EQ(measure(text, length_unit::bytes), 10U);
    EXPECT_EQ(measure(text, length_unit::code_points), 4U);
    EXPECT_EQ(measure(text, length_unit::utf16), 5U);
    EXPECT_EQ(measure("", length_unit::utf16), 0U);
}

TEST(Utf8, TrimsWhatJavaScriptTrims) {
    const std::string white =
        "\t\n\v\f\r \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F"
        "\u205F\u3000\uFEFF";
    EXPECT_EQ(trim(white), "");
    EXPECT_EQ(trim(white + "pay ment" + white), "pay ment");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("é"), "é");
}

TEST(Utf8, KeepsWhatJavaScriptDoesNotTrim) {
    for (const std::string& kept : {"\u200B"s, "\u180E"s, "\u0085"s, "\0"s, "\u2060"s}) EXPECT_EQ(trim(kept), kept);
}

}  // namespace
}  // namespace logferry::text
