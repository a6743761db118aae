#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

#include <config/quantity.hpp>
#include <config/suggestion.hpp>

namespace logferry::config {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST(a_duration, is_read) {
    for (const auto& [text, meant] : {std::pair<std::string, milliseconds>("0s", 0ms),
                                      {"1ms", 1ms},
                                      {"250ms", 250ms},
                                      {"5s", 5000ms},
                                      {"2min", 120'000ms},
                                      {"1h", 3'600'000ms},
                                      {"7d", 604'800'000ms},
                                      {"007s", 7000ms},
                                      {"3650d", 315'360'000'000ms},
                                      {"315360000000ms", 315'360'000'000ms}}) {
        const auto read = duration_from(text);
        ASSERT_TRUE(std::holds_alternative<milliseconds>(read)) << text;
        EXPECT_EQ(std::get<milliseconds>(read), meant) << text;
    }
}

TEST(a_duration, is_refused) {
    for (const std::string text : {"",
                                   "s",
                                   "5",
                                   "5 s",
                                   " 5s",
                                   "5s ",
                                   "-5s",
                                   "+5s",
                                   "5S",
                                   "5sec",
                                   "5m",
                                   "1.5s",
                                   "1,5s",
                                   "5s5s",
                                   "0x5s",
                                   "3651d",
                                   "315360000001ms",
                                   "18446744073709551616ms",
                                   "99999999999999999999999999999999d",
                                   "5\xC2\xB5s",
                                   "5s\n"}) {
        EXPECT_TRUE(std::holds_alternative<complaint>(duration_from(text))) << text;
    }
}

TEST(a_duration, is_written_as_it_is_read) {
    for (const std::string text : {"0s", "1ms", "250ms", "5s", "2min", "90s", "1h", "36h", "7d"}) {
        EXPECT_EQ(to_text(std::get<milliseconds>(duration_from(text))), text);
    }
}

TEST(a_size, is_read) {
    constexpr std::uint64_t KiB = 1024;
    for (const auto& [text, meant] : {std::pair<std::string, std::uint64_t>("0KiB", 0),
                                      {"64KiB", 64 * KiB},
                                      {"16MiB", 16 * KiB * KiB},
                                      {"3GiB", 3 * KiB * KiB * KiB},
                                      {"8388607GiB", 8388607 * KiB * KiB * KiB}}) {
        const auto read = size_from(text);
        ASSERT_TRUE(std::holds_alternative<std::uint64_t>(read)) << text;
        EXPECT_EQ(std::get<std::uint64_t>(read), meant) << text;
    }
}

TEST(a_size, is_refused) {
    for (const std::string text : {"", "64", "64k", "64K", "64KB", "64kB", "64kib", "64B", "1.5MiB", "-1KiB", "1 GiB",
                                   "1TiB", "8388608GiB", "18446744073709551616KiB", "KiB"}) {
        EXPECT_TRUE(std::holds_alternative<complaint>(size_from(text))) << text;
    }
}

TEST(a_size, is_written_as_it_is_read) {
    for (const std::string text : {"1KiB", "1023KiB", "1025KiB", "16MiB", "1GiB", "1025GiB"}) {
        EXPECT_EQ(size_to_text(std::get<std::uint64_t>(size_from(text))), text);
    }
}

TEST(a_suggestion, is_the_nearest_word) {
    const word_list known = {"name", "token", "base_url", "batch_records", "batch_bytes"};
    EXPECT_EQ(nearest("tokne", known), "token");  // swapped
    EXPECT_EQ(nearest("toke", known), "token");
    EXPECT_EQ(nearest("ttoken", known), "token");
    EXPECT_EQ(nearest("taken", known), "token");
    EXPECT_EQ(nearest("baseUrl", known), "base_url");
    EXPECT_EQ(nearest("BATCH-BYTE", known), "batch_bytes");
    EXPECT_EQ(nearest("batch_recrods", known), "batch_records");
    EXPECT_EQ(nearest("colour", known), std::nullopt);
    EXPECT_EQ(nearest("", known), std::nullopt);
    EXPECT_EQ(nearest(std::string(10'000, 'x'), known), std::nullopt);
    EXPECT_EQ(nearest("x", {"y"}), std::nullopt);
}

TEST(a_shown_key, is_short_and_on_one_line) {
    EXPECT_EQ(printable("batch_bytes"), "batch_bytes");
    EXPECT_EQ(printable(""), "\"\"");
    EXPECT_EQ(printable("a b"), "\"a b\"");
    EXPECT_EQ(printable("a\n\"\xC3\xA9"), "\"a????\"");
    EXPECT_EQ(printable(std::string(1000, 'x')), "\"" + std::string(48, 'x') + "...\"");
}

}  // namespace
}  // namespace logferry::config
