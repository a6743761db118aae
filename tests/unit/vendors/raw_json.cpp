// Raw JSON of a caller's that parsers read differently: RFC 8259, section 4 (names) and 6 (numbers).
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vendors/body.hpp>
#include <vendors/json_object.hpp>
#include <vendors/raw_json.hpp>

namespace logferry::vendors {
namespace {

std::string unambiguous(std::string_view valid) {
    std::string out;
    append_unambiguous(out, valid);
    return out;
}

std::string as_value(std::string_view json, std::size_t limit = max_value_bytes) {
    std::string out;
    std::string scratch;
    append_value(out, value::json(json), limit, scratch);
    return out;
}

std::string as_object(std::string_view json, std::size_t limit = max_value_bytes) {
    std::string out;
    std::string scratch;
    append_object(out, json, limit, scratch);
    return out;
}

TEST(unambiguous, keeps_the_last_of_a_key_that_comes_twice) {
    EXPECT_EQ(unambiguous(R"({"a":1,"a":2})"), R"({"a":2})");
    EXPECT_EQ(unambiguous(R"([{"b":{"a":1,"\u0061":[2]}}])"), R"([{"b":{"a":[2]}}])");
    EXPECT_EQ(unambiguous(R"({"a":{"x":1},"a":{"y":2}})"), R"({"a":{"y":2}})");
}

TEST(unambiguous, writes_as_strings_the_integers_that_a_double_would_round) {
    EXPECT_EQ(unambiguous("[9007199254740991,-9007199254740991]"), "[9007199254740991,-9007199254740991]");
    EXPECT_EQ(unambiguous("[9007199254740992,-9007199254740993]"), R"(["9007199254740992","-9007199254740993"])");
    EXPECT_EQ(unambiguous("-123456789012345678901"), R"("-123456789012345678901")");
    EXPECT_EQ(unambiguous("[0.5,1e300,-7]"), "[0.5,1e+300,-7]");
}

TEST(unambiguous, keeps_all_else) {
    constexpr std::string_view document = R"([{"a":[],"b":{}},"\"\\\n😀",true,false,null,[[1],2]])";
    EXPECT_EQ(unambiguous(document), document);
    EXPECT_EQ(unambiguous("\"\u2028\""), R"("\u2028")");
}

TEST(raw_json, goes_in_as_it_is_where_all_parsers_agree) {
    constexpr std::string_view document = R"( {"b": 1e2, "a": [ "\u00e9" ]} )";
    EXPECT_EQ(as_value(document), document);
    EXPECT_EQ(as_object(document), R"({"b": 1e2, "a": [ "\u00e9" ]})");
}

TEST(raw_json, is_rewritten_where_they_do_not) {
    for (const std::string_view document :
         {R"({"a":1,"a":2})", R"({ "a" : 9007199254740993 })", "{\"a\":\"\u2029\"}"}) {
        EXPECT_EQ(as_value(document), unambiguous(document));
        EXPECT_EQ(as_object(document), unambiguous(document));
    }
}

TEST(raw_json, keeps_its_limit_when_rewritten) {
    constexpr std::string_view document = "[9007199254740993]";
    EXPECT_EQ(as_value(document, document.size() + 2), R"(["9007199254740993"])");
    EXPECT_EQ(as_value(document, document.size()), R"("[9007199254740993]")") << "as text it fits";

    std::string object = R"({"a":9007199254740993)";
    for (int i = 0; i < 8; ++i) object.append(",\"k").append(std::to_string(i)).append("\":1");
    const auto shortened = as_object(object + '}', object.size() + 1);
    EXPECT_LE(shortened.size(), object.size() + 1);
    EXPECT_EQ(nlohmann::json::parse(shortened).at("_truncated"), true);
    EXPECT_EQ(nlohmann::json::parse(shortened).at("a"), "9007199254740993");
}

}  // namespace
}  // namespace logferry::vendors
