#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <text/json_writer.hpp>
#include <vendors/body.hpp>

namespace logferry::vendors {
namespace {

using nlohmann::json;

constexpr auto roomy = std::size_t{1} << 20;

struct written {
    std::string text;
    bool cut = false;
};

written entry(std::string object, std::string_view name, const value& v, std::size_t most = roomy) {
    std::string scratch;
    written w{std::move(object), false};
    w.cut = append_entry(w.text, {name, false}, v, most, scratch);
    return w;
}

json value_of(const value& v) { return json::parse(entry("{", "k", v).text + "}").at("k"); }

TEST(values, keep_their_types) {
    EXPECT_EQ(value_of("text"), "text");
    EXPECT_EQ(value_of(true), true);
    EXPECT_EQ(value_of(-7), -7);
    EXPECT_EQ(value_of(9.99), 9.99);
    EXPECT_EQ(value_of(value::json(R"({"a":[1,null]})")), json::parse(R"({"a":[1,null]})"));
}

TEST(values, that_json_or_javascript_cannot_hold_are_strings) {
    EXPECT_EQ(value_of(std::numeric_limits<double>::quiet_NaN()), "NaN");
    EXPECT_EQ(value_of(std::numeric_limits<double>::infinity()), "Infinity");
    EXPECT_EQ(value_of(std::int64_t{9007199254740991}), 9007199254740991);
    EXPECT_EQ(value_of(std::int64_t{9007199254740992}), "9007199254740992");
    EXPECT_EQ(value_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(values, that_only_claim_to_be_json_are_strings) {
    EXPECT_EQ(value_of(value::json("{\"a\":")), "{\"a\":");
    EXPECT_EQ(value_of(value::json("NaN")), "NaN");
    EXPECT_EQ(value_of(value::json("1e400")), "1e400");
    EXPECT_EQ(value_of(value::json(std::string(17, '[') + std::string(17, ']'))).type(), json::value_t::string);
    EXPECT_EQ(value_of(value::json(std::string(16, '[') + std::string(16, ']'))).type(), json::value_t::array);
}

TEST(entries, are_separated_by_commas) {
    EXPECT_EQ(entry("{", "a", 1).text, R"({"a":1)");
    EXPECT_EQ(entry(entry("{", "a", 1).text, "b", "x").text, R"({"a":1,"b":"x")");
}

TEST(entries, have_their_keys_escaped_where_needed) {
    EXPECT_EQ(json::parse(entry("{", "a\"\n", 1).text + "}"), json::parse(R"({"a\"\n":1})"));
    std::string out = "{";
    append_key(out, {"plain", true});
    EXPECT_EQ(out, R"({"plain":)");
    append_key(out += '1', {"", true});
    EXPECT_EQ(out, R"({"plain":1,"":)");
}

TEST(entries, cut_one_long_text_so_that_others_find_room) {
    const auto w = entry("{", "k", std::string(max_value_bytes + 1, 'x'));
    EXPECT_TRUE(w.cut);
    EXPECT_EQ(json::parse(w.text + "}").at("k").get<std::string>().size(), max_value_bytes);
}

TEST(entries, cut_text_at_the_bodys_end_and_leave_out_the_rest) {
    const auto text = entry("{", "k", std::string(1000, '"'), 200);
    EXPECT_TRUE(text.cut);
    EXPECT_LE(text.text.size(), 200U);
    EXPECT_TRUE(json::accept(text.text + "}"));

    const auto number = entry("{\"a\":1", "k", 12345, 8);
    EXPECT_TRUE(number.cut);
    EXPECT_EQ(number.text, "{\"a\":1");
}

TEST(cut_encoded, splits_neither_an_escape_nor_a_code_point) {
    const std::string source = "a\"\\\n\x01\u00E4\u20AC\U0001F600z\u2028";
    std::string quoted = "[";
    text::append_json_string(quoted, source + source + source);
    for (std::size_t limit = 8; limit < quoted.size() + 2; ++limit) {
        auto out = quoted;
        const bool cut = cut_encoded(out, 1, limit);
        EXPECT_EQ(cut, quoted.size() - 1 > limit);
        EXPECT_LE(out.size() - 1, limit);
        EXPECT_GE(out.size() + 5, std::min(limit, quoted.size() - 1))
            << "no more is cut than a code point's or escape's length";
        EXPECT_TRUE(json::accept(out + "]")) << out;
        EXPECT_EQ(cut, out.ends_with("...\""));
    }
}

TEST(append_clipped, counts_in_the_unit_it_is_told) {
    std::string scratch;
    const auto clipped = [&](std::string_view in, std::size_t limit, text::length_unit unit) {
        std::string out;
        const bool cut = append_clipped(out, in, limit, unit, scratch);
        const auto text = json::parse(out).get<std::string>();
        EXPECT_EQ(cut, text != in);
        return text;
    };
    EXPECT_EQ(clipped("abcdef", 6, text::length_unit::utf16), "abcdef");
    EXPECT_EQ(clipped("abcdefg", 6, text::length_unit::utf16), "abc...");
    EXPECT_EQ(clipped("\U0001F600\U0001F600\U0001F600", 6, text::length_unit::utf16), "\U0001F600\U0001F600\U0001F600");
    EXPECT_EQ(clipped("\U0001F600\U0001F600\U0001F600\U0001F600", 6, text::length_unit::utf16), "\U0001F600...");
    EXPECT_EQ(clipped("\u00E4\u00E4\u00E4", 6, text::length_unit::bytes), "\u00E4\u00E4\u00E4");
    EXPECT_EQ(clipped("\u00E4\u00E4\u00E4\u00E4", 6, text::length_unit::bytes), "\u00E4...");
}

TEST(append_clipped, holds_a_limit_in_bytes_also_where_repair_makes_text_longer) {
    std::string scratch;
    std::string out;
    EXPECT_TRUE(append_clipped(out, std::string(100, '\xFF'), 100, text::length_unit::bytes, scratch));
    EXPECT_LE(json::parse(out).get<std::string>().size(), 100U);
}

}  // namespace
}  // namespace logferry::vendors
