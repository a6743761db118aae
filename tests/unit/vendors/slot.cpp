#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/record_builder.hpp>
#include <vendors/slot.hpp>

namespace logferry::vendors {
namespace {

using test::record_builder;
using ::testing::HasSubstr;

class slots : public ::testing::Test {
protected:
    std::string filled(std::string_view source, std::vector<std::string_view> names = {}) {
        std::vector<config_problem> problems;
        const slot subject(source, std::move(names), "event", problems);
        EXPECT_TRUE(problems.empty());
        fields.assign(record.view());
        std::string out = "left from before";
        const bool is_filled = subject.fill(record.view(), fields, out);
        EXPECT_EQ(is_filled, !out.empty());
        return out;
    }

    static std::string complaint_about(std::string_view source) {
        std::vector<config_problem> problems;
        const slot subject(source, {}, "event", problems);
        if (problems.size() != 1) return std::to_string(problems.size()) + " problems";
        EXPECT_EQ(problems[0].field, "event");
        return problems[0].message;
    }

    static std::string plain(const value& v) {
        std::string out;
        append_plain(out, v);
        return out;
    }

    record_builder record;
    field_set fields;
};

TEST_F(slots, render_everything_a_record_knows) {
    record.lvl(level::warn).logger("shop").message("hot").thread(77).source("a.cpp", 12, "run").field("user_id", 42);
    EXPECT_EQ(filled("{logger}.{level} {message} {thread} {file}:{line} {function} {field:user_id} {{}}"),
              "shop.warn hot 77 a.cpp:12 run 42 {}");
    EXPECT_EQ(filled("{record_id}"), "0123456789abcdef000000000000002a");
}

TEST_F(slots, render_nothing_for_what_is_unknown) {
    EXPECT_EQ(filled("{logger}{message}{thread}{file}{line}{function}{field:none}"), "");
}

TEST_F(slots, prefer_the_template_then_the_first_field) {
    record.field("alias", "two").field("event", "one");
    EXPECT_EQ(filled("fixed", {"event", "alias"}), "fixed");
    EXPECT_FALSE(fields.entries()[0].taken);
    EXPECT_EQ(filled("", {"event", "alias"}), "one");
    EXPECT_EQ(filled("{field:none}", {"event", "alias"}), "one");
    EXPECT_TRUE(fields.entries()[1].taken);
    EXPECT_FALSE(fields.entries()[0].taken);
    EXPECT_EQ(filled("", {"nothing"}), "");
}

TEST_F(slots, do_not_take_a_field_that_a_template_reads) {
    record.field("user_id", 42);
    EXPECT_EQ(filled("{field:user_id}"), "42");
    EXPECT_FALSE(fields.entries()[0].taken);
}

TEST_F(slots, count_nothing_but_nul_as_empty) {
    record.field("event", std::string_view("\0\0", 2));
    EXPECT_EQ(filled("", {"event"}), "");
}

TEST_F(slots, write_values_as_plain_text) {
    EXPECT_EQ(plain("text"), "text");
    EXPECT_EQ(plain(value::json("[1]")), "[1]");
    EXPECT_EQ(plain(true), "true");
    EXPECT_EQ(plain(false), "false");
    EXPECT_EQ(plain(-5), "-5");
    EXPECT_EQ(plain(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(plain(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(plain(9.99), "9.99");
    EXPECT_EQ(plain(std::numeric_limits<double>::quiet_NaN()), "NaN");
    EXPECT_EQ(plain(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST_F(slots, refuse_a_template_that_means_nothing) {
    EXPECT_THAT(complaint_about("{user}"), HasSubstr("{user} is not a placeholder"));
    EXPECT_THAT(complaint_about("{user}"), HasSubstr("{field:NAME}"));
    EXPECT_THAT(complaint_about("{field}"), HasSubstr("names no field"));
    EXPECT_THAT(complaint_about("{logger:x}"), HasSubstr("takes no argument"));
    EXPECT_THAT(complaint_about("{logger"), HasSubstr("is not a template"));
    EXPECT_THAT(complaint_about("a } b"), HasSubstr("is not a template"));
}

}  // namespace
}  // namespace logferry::vendors
