#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

#include <text/utf8.hpp>

#include "random_text.hpp"

namespace logferry::text {
namespace {

using test::dice;
using test::exact_copy;
using test::repaired_by_the_book;
using test::without_nul;
using namespace std::string_literals;

constexpr auto all_units = {length_unit::bytes, length_unit::code_points, length_unit::utf16};

std::string_view clipped(std::string_view in, std::size_t limit, length_unit unit) {
    return in.substr(0, clip(in, limit, unit));
}

/// What `fit` gave, apart from the memory it may lie in.
struct outcome {
    std::string text;
    bool cut;
    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome fitted_into(std::string_view in, std::size_t limit, length_unit unit) {
    std::string scratch = "left over from before";
    const fitted f = fit(in, limit, unit, scratch);
    return {std::string(f.text), f.cut};
}

TEST(Clip, KeepsWhatFits) {
    for (const auto unit : all_units) {
        EXPECT_EQ(clipped("", 0, unit), "");
        EXPECT_EQ(clipped("abc", 3, unit), "abc");
        EXPECT_EQ(clipped("abc", std::numeric_limits<std::size_t>::max(), unit), "abc");
    }
    EXPECT_EQ(clipped("日本語", 3, length_unit::code_points), "日本語");
    EXPECT_EQ(clipped("🔥🔥", 4, length_unit::utf16), "🔥🔥");
}

TEST(Clip, CutsOnACodePoint) {
    EXPECT_EQ(clipped("aé€🔥", 9, length_unit::bytes), "aé€");
    EXPECT_EQ(clipped("aé€🔥", 5, length_unit::bytes), "aé");
    EXPECT_EQ(clipped("aé€🔥", 3, length_unit::code_points), "aé€");
    EXPECT_EQ(clipped("aé€🔥", 4, length_unit::utf16), "aé€");
    EXPECT_EQ(clipped("🔥", 1, length_unit::utf16), "");
    EXPECT_EQ(clipped("🔥", 3, length_unit::bytes), "");
}

TEST(Clip, DoesNotTearACharacterFromWhatModifiesIt) {
    EXPECT_EQ(clipped("cafe\u0301s", 4, length_unit::code_points), "caf");
    EXPECT_EQ(clipped("cafe\u0301s", 5, length_unit::code_points), "cafe\u0301");
    EXPECT_EQ(clipped("ok \u26A0\uFE0F", 4, length_unit::code_points), "ok ");
    EXPECT_EQ(clipped("by 👩\u200D💻", 4, length_unit::code_points), "by ") << "before the joiner";
    EXPECT_EQ(clipped("by 👩\u200D💻", 5, length_unit::code_points), "by ") << "after the joiner";
    EXPECT_EQ(clipped("x\u20E3\u1AB0\u1DC0\uFE20y", 4, length_unit::code_points), "x\u20E3\u1AB0\u1DC0")
        << "nothing but one character: cut within it";
}

TEST(Clip, GivesUpOnMarksWithoutEnd) {
    std::string marks = "ab";
    for (int i = 0; i < 1000; ++i) marks += "\u0301";
    EXPECT_EQ(measure(clipped(marks, 500, length_unit::utf16), length_unit::utf16), 500U);
}

constexpr std::size_t most_units_of_a_code_point(length_unit unit) {
    if (unit == length_unit::bytes) return 4;
    return unit == length_unit::utf16 ? 2 : 1;
}

TEST(Clip, KeepsAsMuchAsItMayOfRandomText) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 4000; ++i) {
        const exact_copy in(d.text(d.below(2000)));
        const std::size_t limit = d.below(2200);
        for (const auto unit : all_units) {
            const std::string_view kept = clipped(in.view(), limit, unit);
            ASSERT_LE(measure(kept, unit), limit);
            ASSERT_TRUE(valid_utf8(kept));
            if (kept.size() == in.view().size()) continue;
            ASSERT_GT(measure(in.view(), unit), limit);
            // At most one character as a reader sees it, which is 30 code points with what clings to it, is given up.
            ASSERT_GT(measure(kept, unit) + 32 * most_units_of_a_code_point(unit), limit);
        }
    }
}

TEST(Clip, StaysWithinTextThatIsNotWellFormed) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const exact_copy in(d.bytes(d.below(12)));
        for (const auto unit : all_units) ASSERT_LE(clip(in.view(), d.below(12), unit), in.view().size());
        const std::string_view trimmed = trim(in.view());
        ASSERT_LE(trimmed.size(), in.view().size());
    }
    EXPECT_EQ(trim("\xE0\x8A"), "\xE0\x8A") << "a line feed written too long, and cut off";
}

TEST(Fit, DoesNotCopyWhatNeedsNoChange) {
    const std::string text = "Zahlung über 5 € 🔥";
    std::string scratch;
    const fitted f = fit(text, 255, length_unit::utf16, scratch);
    EXPECT_EQ(f.text.data(), text.data());
    EXPECT_EQ(f.text, text);
    EXPECT_FALSE(f.cut);
    EXPECT_TRUE(scratch.empty());
}

TEST(Fit, RepairsAndRemovesNulBeforeItCounts) {
    EXPECT_EQ(fitted_into("a\0b\0c"s, 3, length_unit::utf16), (outcome{"abc", false}));
    EXPECT_EQ(fitted_into("a\xE2\x82", 2, length_unit::utf16), (outcome{"a\uFFFD", false}));
    EXPECT_EQ(fitted_into("\xE2\x82", 2, length_unit::bytes), (outcome{"", true})) << "U+FFFD takes three bytes";
    EXPECT_EQ(fitted_into("\0\0\0\0"s, 2, length_unit::utf16), (outcome{"", false}));
    EXPECT_EQ(fitted_into("\xE2\0\x82\xAC"s, 9, length_unit::utf16), (outcome{"\uFFFD\uFFFD\uFFFD", false}))
        << "bytes that NUL kept apart do not become a character";
}

TEST(Fit, MarksACutWhereThereIsRoom) {
    EXPECT_EQ(fitted_into("payment", 7, length_unit::utf16), (outcome{"payment", false}));
    EXPECT_EQ(fitted_into("payment", 6, length_unit::utf16), (outcome{"pay...", true}));
    EXPECT_EQ(fitted_into("payment", 4, length_unit::utf16), (outcome{"p...", true}));
    EXPECT_EQ(fitted_into("payment", 3, length_unit::utf16), (outcome{"pay", true}));
    EXPECT_EQ(fitted_into("payment", 0, length_unit::utf16), (outcome{"", true}));
    EXPECT_EQ(fitted_into("", 0, length_unit::utf16), (outcome{"", false}));
    EXPECT_EQ(fitted_into("🔥🔥🔥", 5, length_unit::utf16), (outcome{"🔥...", true}));
}

TEST(Fit, SaysThatItCutOnlyIfSomethingIsMissing) {
    const std::string padded = "abc" + std::string(10'000'000, '\0');
    EXPECT_EQ(fitted_into(padded, 3, length_unit::utf16), (outcome{"abc", false}));
    EXPECT_EQ(fitted_into(padded + "d", 3, length_unit::utf16), (outcome{"abc", true}));
    EXPECT_EQ(fitted_into(std::string(10'000'000, 'a'), 6, length_unit::utf16), (outcome{"aaa...", true}));
    EXPECT_EQ(fitted_into("abc", std::numeric_limits<std::size_t>::max(), length_unit::utf16), (outcome{"abc", false}));
}

TEST(Fit, IsRepairThenClipOfRandomBytes) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const exact_copy in(d.hostile(d.below(201)));
        const std::size_t limit = d.below(120);
        const std::string whole = without_nul(repaired_by_the_book(in.view()));
        for (const auto unit : all_units) {
            const bool cut = measure(whole, unit) > limit;
            outcome expected = {whole, cut};
            if (cut && limit >= 4) expected.text = std::string(clipped(whole, limit - 3, unit)) + "...";
            if (cut && limit < 4) expected.text = clipped(whole, limit, unit);
            const outcome got = fitted_into(in.view(), limit, unit);
            ASSERT_EQ(got, expected) << "limit " << limit;
            ASSERT_LE(measure(got.text, unit), limit);
        }
    }
}

}  // namespace
}  // namespace logferry::text
