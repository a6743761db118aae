#include "emoji.hpp"

#include <gtest/gtest.h>

namespace logferry::emulation {
namespace {

TEST(emoji, are_known_that_the_servers_table_has) {
    for (const auto* text :
         {"👤", "🔥", "⚠️", "⚠", "✅", "❌", "ℹ️", "ℹ", "🐛", "🚨", "💥", "🔴", "🔵", "⚪", "🔍", "📝", "🛑", "💀", "👍"}) {
        EXPECT_TRUE(is_known_emoji(text)) << text;
    }
}

TEST(emoji, may_be_keycaps_and_flags) {
    for (const auto* text : {"1️⃣", "1⃣", "#️⃣", "*️⃣", "🇩🇪", "🇳🇴"})
        EXPECT_TRUE(is_known_emoji(text)) << text;
    for (const auto* text : {"🇩", "🇩🇩🇩", "🇽🇽", "a⃣", "1"}) EXPECT_FALSE(is_known_emoji(text)) << text;
}

TEST(emoji, are_unknown_when_newer_than_the_table) {
    for (const auto* text : {"🟡", "🟢", "🪵", "🫠"}) EXPECT_FALSE(is_known_emoji(text)) << text;
}

TEST(emoji, are_unknown_with_skin_tone_or_joined) {
    for (const auto* text : {"👍🏽", "🏽", "🧑‍💻"}) EXPECT_FALSE(is_known_emoji(text)) << text;
}

TEST(emoji, are_single) {
    for (const auto* text : {"", "🔥🔥", "🔥 ", "x🔥", "\uFE0F"}) EXPECT_FALSE(is_known_emoji(text)) << text;
}

TEST(emoji, are_not_words) {
    for (const auto* text : {"a", "fire", ":fire:", "é"}) EXPECT_FALSE(is_known_emoji(text)) << text;
}

}  // namespace
}  // namespace logferry::emulation
