#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/record_builder.hpp>
#include <vendors/field_set.hpp>

namespace logferry::vendors {
namespace {

using test::record_builder;
using ::testing::ElementsAre;

std::vector<std::string> keys_of(const field_set& set) {
    std::vector<std::string> keys;
    for (const auto& entry : set.entries()) keys.emplace_back(entry.f.key);
    return keys;
}

/// A record lives as long as its builder, so both are kept.
struct loaded {
    explicit loaded(record_builder& from) { set.assign(from.view()); }
    field_set set;
};

TEST(field_set, keeps_the_fields_in_their_order) {
    record_builder record;
    record.field("b", 1).field("a", "two").field("c", true);
    loaded fields(record);
    EXPECT_THAT(keys_of(fields.set), ElementsAre("b", "a", "c"));
    EXPECT_EQ(fields.set.find("a")->val.text(), "two");
    EXPECT_EQ(fields.set.find("d"), nullptr);
    EXPECT_EQ(fields.set.left_out(), 0U);
}

TEST(field_set, lets_the_last_of_equal_keys_count_in_the_first_ones_place) {
    record_builder record;
    record.field("id", 1).field("x", 0).field("id", 2).field("id", 3);
    loaded fields(record);
    EXPECT_THAT(keys_of(fields.set), ElementsAre("id", "x"));
    EXPECT_EQ(fields.set.find("id")->val.int64(), 3);
}

TEST(field_set, gives_a_field_to_one_taker_only) {
    record_builder record;
    record.field("id", 1);
    loaded fields(record);
    EXPECT_EQ(fields.set.take("id")->val.int64(), 1);
    EXPECT_EQ(fields.set.take("id"), nullptr);
    EXPECT_NE(fields.set.find("id"), nullptr);
    EXPECT_TRUE(fields.set.entries()[0].taken);
}

TEST(field_set, takes_the_first_name_that_is_there) {
    record_builder record;
    record.field("url.path", "/a").field("http.target", "/b");
    loaded fields(record);
    EXPECT_EQ(fields.set.take_first({"path", "url.path", "http.target"})->val.text(), "/a");
    EXPECT_EQ(fields.set.take_first({"path", "url.path", "http.target"})->val.text(), "/b");
    EXPECT_EQ(fields.set.take_first({"path", "url.path", "http.target"}), nullptr);
}

TEST(field_set, leaves_out_and_counts_what_has_no_key) {
    record_builder record;
    record.field("", 1).field(std::string_view("\0\0", 2), 2).field("a", 3);
    loaded fields(record);
    EXPECT_THAT(keys_of(fields.set), ElementsAre("a"));
    EXPECT_EQ(fields.set.left_out(), 2U);
}

TEST(field_set, keeps_128_fields_of_ten_thousand) {
    record_builder record;
    for (int i = 0; i < 10'000; ++i) record.field("key" + std::to_string(i), i);
    record.field("key5", "the last one counts");
    loaded fields(record);
    EXPECT_EQ(fields.set.entries().size(), max_fields);
    EXPECT_EQ(fields.set.left_out(), 10'000 - max_fields);
    EXPECT_EQ(fields.set.find("key5")->val.text(), "the last one counts");
    EXPECT_EQ(fields.set.find("key127")->val.int64(), 127);
    EXPECT_EQ(fields.set.find("key128"), nullptr);
}

TEST(field_set, repairs_keys_before_it_compares_them) {
    record_builder record;
    record.field("a\xFF", 1).field("a\uFFFD", 2).field(std::string_view("b\0", 2), 3).field("b", 4).field("\u00E4", 5);
    loaded fields(record);
    EXPECT_THAT(keys_of(fields.set), ElementsAre("a\uFFFD", "b", "\u00E4"));
    EXPECT_EQ(fields.set.find("a\uFFFD")->val.int64(), 2);
    EXPECT_EQ(fields.set.find("b")->val.int64(), 4);
}

TEST(field_set, cuts_and_counts_a_key_that_is_too_long) {
    record_builder record;
    record.field(std::string(255, 'k'), 1).field(std::string(10'000, 'l'), 2);
    loaded fields(record);
    ASSERT_EQ(fields.set.entries().size(), 2U);
    EXPECT_EQ(fields.set.entries()[0].f.key, std::string(255, 'k'));
    EXPECT_EQ(fields.set.entries()[1].f.key.size(), 255U);
    EXPECT_EQ(fields.set.left_out(), 1U);
}

TEST(field_set, remembers_nothing_of_the_record_before) {
    record_builder first;
    record_builder second;
    for (int i = 0; i < 200; ++i) first.field("key" + std::to_string(i) + "\xFF", i);
    second.field("key7\xFF", "new");
    field_set fields;
    fields.assign(first.view());
    EXPECT_EQ(fields.entries().size(), max_fields);
    (void)fields.take("key7\uFFFD");
    fields.assign(second.view());
    EXPECT_THAT(keys_of(fields), ElementsAre("key7\uFFFD"));
    EXPECT_EQ(fields.take("key7\uFFFD")->val.text(), "new");
    EXPECT_EQ(fields.left_out(), 0U);
}

}  // namespace
}  // namespace logferry::vendors
