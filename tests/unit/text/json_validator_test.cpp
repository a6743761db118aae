#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <text/json_writer.hpp>

#include "random_text.hpp"

namespace logferry::text {
namespace {

using nlohmann::json;
using test::dice;
using test::exact_copy;
using namespace std::string_literals;

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(ValidJson, TakesWhatTheStandardAllows) {
    for (const std::string& text :
         {"{}"s, "[]"s, "null"s, "true"s, "false"s, "\"\""s, "0"s, "-0"s, "-1.5e+10"s, "1E5"s, "0.1"s, " [ 1 , 2 ] "s,
          "\t{\n\"a\" :\r\"b\" , \"c\":[{}]}\n"s, R"("\"\\\/\b\f\n\r\t\u00e9\uFFFD")"s,
          "\"größer 👩‍💻 \u2028 \x7F\""s, R"("\ud83d\udd25")"s, R"({"a":1,"a":2})"s, R"(["\\u0000"])"s}) {
        EXPECT_TRUE(valid_json(text)) << text;
    }
}

TEST(ValidJson, RefusesBrokenStructure) {
    for (const std::string& text : {""s,        " "s,         "["s,          "]"s,     "{"s,
                                    "[1"s,      "[1,"s,       "[1,]"s,       "[,1]"s,  "[1 2]"s,
                                    "{\"a\"}"s, "{\"a\":}"s,  "{\"a\":1,}"s, "{a:1}"s, "{1:2}"s,
                                    "[1}"s,     "{\"a\":1]"s, "1 2"s,        "{}{}"s,  "[]x"s,
                                    "// c\n1"s, "\"a"s,       "'a'"s,        "\""s,    "\xEF\xBB\xBF{}"s,
                                    "[1]\0"s,   "\v1"s}) {
        EXPECT_FALSE(valid_json(text)) << text;
    }
}

TEST(ValidJson, RefusesWordsThatOtherLanguagesKnow) {
    for (const char* text : {"NaN", "Infinity", "-Infinity", "undefined", "True", "nul", "nulls", "tru", "f"}) {
        EXPECT_FALSE(valid_json(text)) << text;
    }
}

TEST(ValidJson, RefusesNumbersThatAreNotOfJson) {
    for (const char* text :
         {"-", "+1", "01", "-01", ".5", "5.", "1.e5", "1e", "1e+", "0x10", "1_0", "--1", "1.2.3", "1,5"}) {
        EXPECT_FALSE(valid_json(text)) << text;
    }
}

TEST(ValidJson, RefusesNumbersThatAreInfiniteAsADouble) {
    const std::string zeros(400, '0');
    for (const std::string& text :
         {"1e309"s, "-1e400"s, "1e99999999999999999999"s, "1" + zeros, "1" + zeros + ".0", "1" + zeros + "e-5",
          "0." + zeros + "1e800", "1.7976931348623159e308"s, "17976931348623159e292"s}) {
        EXPECT_FALSE(valid_json(text)) << text;
    }
}

TEST(ValidJson, TakesNumbersAtTheEdgesOfADouble) {
    const std::string zeros(400, '0');
    for (const std::string& text :
         {"1.7976931348623157e308"s, "-1.7976931348623157e308"s, "5e-324"s, "1e-400"s, "1e-99999999999999999999"s,
          "0e99999999999999999999"s, "0." + zeros + "1", "1" + zeros + "e-400", "0." + zeros + "1e401",
          "1" + zeros + "e-99999", std::string(300, '9')}) {
        EXPECT_TRUE(valid_json(text)) << text;
    }
}

TEST(ValidJson, RefusesStringsThatSomeParserWouldRefuse) {
    for (const std::string& text : {"\"\n\""s,
                                    "\"\x1F\""s,
                                    "\"\0\""s,
                                    R"("\x")"s,
                                    R"("\u12")"s,
                                    R"("\u12g4")"s,
                                    R"("\u+123")"s,
                                    R"("\)"s,
                                    R"("\u0000")"s,
                                    R"({"\u0000":1})"s,
                                    R"("\ud83d")"s,
                                    R"("\udd25")"s,
                                    R"("\ud83d\ud83d")"s,
                                    R"("\ud83dx")"s,
                                    R"("\ud83d\n")"s,
                                    R"("\ud83d\u0041")"s,
                                    "\"\xFF\""s,
                                    "\"\xC0\x80\""s,
                                    "\"\xED\xA0\x80\""s,
                                    "\"\xE2\x82\""s,
                                    "\"\xF4\x90\x80\x80\""s}) {
        EXPECT_FALSE(valid_json(text)) << text;
    }
}

TEST(ValidJson, CountsLevels) {
    EXPECT_TRUE(valid_json(nested(16)));
    EXPECT_FALSE(valid_json(nested(17)));
    EXPECT_TRUE(valid_json("1", 0));
    EXPECT_FALSE(valid_json("[]", 0));
    EXPECT_TRUE(valid_json(R"({"a":[],"b":[]})", 2)) << "siblings are on one level";
    EXPECT_FALSE(valid_json(R"({"a":[{}]})", 2));
}

TEST(ValidJson, HasALimitOfItsOwn) {
    EXPECT_TRUE(valid_json(nested(deepest_json), deepest_json));
    EXPECT_FALSE(valid_json(nested(deepest_json + 1), deepest_json + 1));
    EXPECT_FALSE(valid_json(std::string(10'000'000, '['), 10'000'000));
    EXPECT_FALSE(valid_json(std::string(10'000'000, '[')));
}

TEST(CheckJson, FindsPlainWhatEveryParserReadsAlike) {
    for (const std::string& text : {"{}"s, "[9007199254740991,-9007199254740991,1e300,9007199254740993.5]"s,
                                    R"({"a":{"a":1},"b":[{"a":1},{"a":1}]})"s, R"({"a":"\u2028\u0061"})"s,
                                    "[0.12345678901234567890123]"s, "\"\u20AC\""s}) {
        EXPECT_EQ(check_json(text), json_finding::plain) << text;
    }
}

TEST(CheckJson, FindsAmbiguousWhatParsersDifferOn) {
    for (const std::string& text :
         {R"({"a":1,"a":2})"s, R"([{"b":{"a":1,"c":{"d":0},"a":2}}])"s, R"({"a":1,"\u0061":2})"s, R"({"":1,"":2})"s,
          "9007199254740992"s, "[-9007199254740993]"s, "12345678901234567890123"s, "[\"\u2028\"]"s,
          "{\"\u2029\":1}"s}) {
        EXPECT_EQ(check_json(text), json_finding::ambiguous) << text;
        EXPECT_TRUE(valid_json(text));
        EXPECT_EQ(check_json(text + "]"), json_finding::invalid) << text;
    }
}

TEST(CheckJson, OverlooksNoRepetitionAmongManyKeys) {
    for (int keys = 1; keys < 200; ++keys) {
        std::string text = "{";
        for (int i = 0; i < keys; ++i) text.append("\"k").append(std::to_string(i)).append("\":{\"k0\":1},");
        EXPECT_EQ(check_json(text + "\"other\":2}"), keys < 64 ? json_finding::plain : json_finding::ambiguous) << keys;
        text.append("\"k").append(std::to_string(keys - 1)).append("\":2}");
        EXPECT_EQ(check_json(text), json_finding::ambiguous) << keys;
    }
}

/// What a document may have that nlohmann/json accepts and `valid_json` refuses.
struct traits {
    std::size_t depth = 0;
    bool has_nul_escape = false;

    explicit traits(std::string_view document) {
        std::size_t open = 0;
        bool in_string = false;
        for (std::size_t i = 0; i < document.size(); ++i) {
            const char c = document[i];
            if (in_string && c == '\\') {
                has_nul_escape = has_nul_escape || document.substr(i, 6) == "\\u0000";
                ++i;
            } else if (c == '"') {
                in_string = !in_string;
            } else if (!in_string && (c == '[' || c == '{')) {
                depth = std::max(depth, ++open);
            } else if (!in_string && (c == ']' || c == '}')) {
                --open;
            }
        }
    }
};

bool valid_by_the_oracle(std::string_view text) {
    // The oracle skips a byte order mark and takes a NUL byte for the end of its input.
    if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos) return false;
    if (!json::accept(text)) return false;
    const traits t(text);
    return t.depth <= max_json_depth && !t.has_nul_escape;
}

/// Something near to a document: tokens of JSON, in an order that is right often enough.
std::string random_near_document(dice& d) {
    const std::string_view tokens[] = {"{",
                                       "}",
                                       "[",
                                       "]",
                                       ",",
                                       ":",
                                       "\"a\"",
                                       "\"a\":1",
                                       "1",
                                       "-0.5",
                                       "1e400",
                                       "1e-400",
                                       "true",
                                       "null",
                                       " ",
                                       "\"\\u0000\"",
                                       "\"\\ud83d\\udd25\"",
                                       "\"\\ud83d\"",
                                       "\"\xFF\"",
                                       "\"\n\"",
                                       "[1,2]",
                                       "{\"k\":[]}"};
    std::string text;
    for (std::size_t n = d.below(12); n > 0; --n) text += tokens[d.below(std::size(tokens))];
    return text;
}

std::string random_document(dice& d, std::size_t depth) {
    switch (d.below(depth > 0 ? 6 : 4)) {
        case 0:
            return json(d.text(d.below(20))).dump(-1, ' ', d.below(2) == 0);
        case 1:
            return json(static_cast<double>(d.bits()) * 1e-9).dump();
        case 2:
            return std::to_string(d.bits());
        case 3:
            return d.below(2) == 0 ? "true" : "null";
        case 4:
            return "[" + random_document(d, depth - 1) + "," + random_document(d, depth - 1) + "]";
        default:
            return "{" + json(d.text(5)).dump() + ": " + random_document(d, depth - 1) + "}";
    }
}

std::string with_one_change(dice& d, std::string text) {
    const std::size_t at = d.below(text.size() + 1);
    switch (d.below(4)) {
        case 0:
            text.insert(at, d.hostile(1 + d.below(3)));
            break;
        case 1:
            text.erase(at, 1);
            break;
        case 2:
            text.resize(at);
            break;
        default:
            if (at < text.size()) text[at] = static_cast<char>(d.below(256));
            break;
    }
    return text;
}

TEST(ValidJson, AgreesWithAnotherParserOnRandomDocuments) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const std::string document = random_document(d, d.below(20));
        const exact_copy whole(document);
        ASSERT_EQ(valid_json(whole.view()), valid_by_the_oracle(document)) << document;
        const std::string broken = with_one_change(d, document);
        const exact_copy changed(broken);
        ASSERT_EQ(valid_json(changed.view()), valid_by_the_oracle(broken)) << broken;
    }
}

TEST(ValidJson, AgreesWithAnotherParserOnRandomTokens) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 50000; ++i) {
        const std::string text = random_near_document(d);
        const exact_copy in(text);
        ASSERT_EQ(valid_json(in.view()), valid_by_the_oracle(text)) << text;
    }
}

}  // namespace
}  // namespace logferry::text
