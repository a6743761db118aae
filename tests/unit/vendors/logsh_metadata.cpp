// The rules of Logsh's server for metadata: keys of 1 to 100 units; strings of at most 500, finite numbers, booleans.
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <support/record_builder.hpp>
#include <support/vendor_fixture.hpp>
#include <vendors/logsh_metadata.hpp>

namespace logferry::test {
namespace {

using nlohmann::json;

class logsh_metadata : public ::testing::Test {
protected:
    json written(std::size_t most = std::size_t{1} << 20) {
        fields_.assign(record.view());
        std::string out = "{";
        subject.begin(out, fields_, most);
        if (!message.empty()) subject.add_message(message, 4);
        for (const auto& entry : fields_.entries()) subject.add({entry.f.key, entry.plain}, entry.f.val);
        EXPECT_LE(out.size(), most);
        return json::parse(out + "}");
    }

    json written_from_json(std::string_view key, std::string_view text) {
        record = record_builder();
        record.field(key, value::json(text));
        return written();
    }

    record_builder record;
    std::string message;
    vendors::logsh_metadata subject;

private:
    vendors::field_set fields_;
};

TEST_F(logsh_metadata, keeps_strings_numbers_and_booleans) {
    record.field("s", "text").field("n", 42).field("f", -9.5).field("b", true);
    EXPECT_EQ(written(), json::parse(R"({"s":"text","n":42,"f":-9.5,"b":true})"));
    EXPECT_EQ(subject.clipped(), 0U);
}

TEST_F(logsh_metadata, sends_as_strings_what_javascript_would_refuse_or_round) {
    record.field("nan", std::nan("")).field("inf", std::numeric_limits<double>::infinity());
    record.field("minus", -std::numeric_limits<double>::infinity());
    record.field("safe", std::int64_t{9007199254740991}).field("big", std::int64_t{9007199254740993});
    EXPECT_EQ(written(), json::parse(R"({"nan":"NaN","inf":"Infinity","minus":"-Infinity",
        "safe":9007199254740991,"big":"9007199254740993"})"));
}

TEST_F(logsh_metadata, flattens_objects) {
    EXPECT_EQ(written_from_json("a", R"({"b":1,"c":{"d":"x","e":true}})"),
              json::parse(R"({"a.b":1,"a.c.d":"x","a.c.e":true})"));
}

TEST_F(logsh_metadata, writes_arrays_as_text_and_leaves_out_nulls) {
    EXPECT_EQ(written_from_json("a", "[1, null, {\"b\": 2}]"), json::parse(R"({"a":"[1,null,{\"b\":2}]"})"));
    EXPECT_EQ(written_from_json("a", "null"), json::object());
    EXPECT_EQ(written_from_json("a", R"({"b":null,"c":[]})"), json::parse(R"({"a.c":"[]"})"));
    EXPECT_EQ(written_from_json("a", "{}"), json::object());
    EXPECT_EQ(subject.clipped(), 0U);
}

TEST_F(logsh_metadata, takes_scalars_out_of_json) {
    EXPECT_EQ(written_from_json("a", "true"), json::parse(R"({"a":true})"));
    EXPECT_EQ(written_from_json("a", "-3"), json::parse(R"({"a":-3})"));
    EXPECT_EQ(written_from_json("a", "9007199254740993"), json::parse(R"({"a":"9007199254740993"})"));
    EXPECT_EQ(written_from_json("a", "\"x\""), json::parse(R"({"a":"x"})"));
    EXPECT_EQ(written_from_json("a", "{broken"), json::parse(R"({"a":"{broken"})"));
}

TEST_F(logsh_metadata, loses_no_digit_of_an_integer_in_json) {
    EXPECT_EQ(written_from_json("a", "123456789012345678901"), json::parse(R"({"a":"123456789012345678901"})"));
    EXPECT_EQ(written_from_json("a", R"({"b":-9007199254740993,"c":[18446744073709551617]})"),
              json::parse(R"({"a.b":"-9007199254740993","a.c":"[\"18446744073709551617\"]"})"));
    EXPECT_EQ(written_from_json("a", "1e25"), json::parse(R"({"a":1e25})"));
}

TEST_F(logsh_metadata, drops_and_counts_empty_keys_within_json) {
    EXPECT_EQ(written_from_json("a", R"({"":1,"b":2})"), json::parse(R"({"a.b":2})"));
    EXPECT_EQ(subject.clipped(), 1U);
}

TEST_F(logsh_metadata, clips_values_to_500_units) {
    record.field("fits", std::string(500, 'x')).field("long", std::string(501, 'y'));
    const auto metadata = written();
    EXPECT_EQ(metadata.at("fits"), std::string(500, 'x'));
    EXPECT_EQ(metadata.at("long"), std::string(497, 'y').append("..."));
    EXPECT_EQ(subject.clipped(), 1U);
    const auto array = written_from_json("a", "[\"" + std::string(600, 'z') + "\"]");
    EXPECT_EQ(utf16_length(array.at("a").get<std::string>()), 500U);
}

TEST_F(logsh_metadata, clips_keys_to_100_units_and_keeps_them_apart) {
    record.field(std::string(100, 'k'), 1).field(std::string(150, 'k'), 2).field(std::string(151, 'k'), 3);
    record.field(std::string(100, '\xC3') + "\xA4", 4);
    const auto metadata = written();
    EXPECT_EQ(metadata.size(), 4U);
    for (const auto& [key, v] : metadata.items()) EXPECT_LE(utf16_length(key), 100U);
    EXPECT_EQ(metadata.at(std::string(100, 'k')), 1);
    EXPECT_EQ(metadata.at(std::string(98, 'k').append("~2")), 2);
    EXPECT_EQ(metadata.at(std::string(98, 'k').append("~3")), 3);
}

TEST_F(logsh_metadata, keeps_flattened_keys_apart_from_fields) {
    record.field("a", value::json(R"({"b":1,"c":2})")).field("a.b", 3);
    EXPECT_EQ(written(), json::parse(R"({"a.b~2":1,"a.c":2,"a.b":3})"));
    record = record_builder();
    record.field("a.b", 3).field("a", value::json(R"({"b":1})")).field("a.b~2", 4);
    EXPECT_EQ(written(), json::parse(R"({"a.b":3,"a.b~3":1,"a.b~2":4})"));
}

TEST_F(logsh_metadata, keeps_flattened_keys_apart_from_the_records_own) {
    EXPECT_EQ(written_from_json("thread", R"({"id":1})"), json::parse(R"({"thread.id~2":1})"));
}

TEST_F(logsh_metadata, renames_what_means_something_to_javascript_objects) {
    record.field("__proto__", 1).field("constructor", 2).field("prototype", 3).field("prototypes", 4);
    EXPECT_EQ(written(),
              json::parse(R"({"field.__proto__":1,"field.constructor":2,"field.prototype":3,"prototypes":4})"));
    EXPECT_EQ(subject.clipped(), 3U);
}

TEST_F(logsh_metadata, lets_fields_give_way_to_the_parts_of_a_message) {
    message = std::string(700, 'm');
    record.field("message", "mine").field("message_2", "mine too").field("messages", "others");
    const auto metadata = written();
    EXPECT_EQ(metadata.at("message"), std::string(500, 'm'));
    EXPECT_EQ(metadata.at("message_2"), std::string(200, 'm'));
    EXPECT_EQ(metadata.at("message~3"), "mine");
    EXPECT_EQ(metadata.at("message_2~4"), "mine too");
    EXPECT_EQ(metadata.at("messages"), "others");
    message.clear();
    EXPECT_EQ(written().at("message"), "mine");
}

TEST_F(logsh_metadata, strips_nul_and_repairs_text) {
    record.field("a", std::string_view("x\0y\xFF", 4));
    EXPECT_EQ(written().at("a"), "xy\uFFFD");
}

TEST_F(logsh_metadata, leaves_out_and_counts_what_does_not_fit) {
    record.field("a", "1234567890").field("b", std::string(400, 'b')).field("c", 1);
    EXPECT_EQ(written(40), json::parse(R"({"a":"1234567890","c":1})"));
    EXPECT_EQ(subject.clipped(), 1U);
}

TEST_F(logsh_metadata, bounds_what_one_json_value_may_become) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i) text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
    EXPECT_EQ(written_from_json("a", text + "}").size(), 128U);
    EXPECT_EQ(subject.clipped(), 872U);
}

}  // namespace
}  // namespace logferry::test
