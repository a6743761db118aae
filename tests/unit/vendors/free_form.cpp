#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/record_builder.hpp>
#include <vendors/free_form.hpp>
#include <vendors/slot.hpp>

namespace logferry::vendors {
namespace {

using test::record_builder;
using ::testing::ElementsAre;
using ::testing::Pair;

class free_form : public ::testing::Test {
protected:
    std::vector<std::pair<std::string, std::string>> visited() {
        fields.assign(record.view());
        for (const auto& name : taken) (void)fields.take(name);
        std::vector<std::pair<std::string, std::string>> seen;
        visit_free_form(record.view(), fields, service, parts, [&](std::string_view key, const value& v) {
            std::string text;
            append_plain(text, v);
            seen.emplace_back(key, text);
        });
        return seen;
    }

    record_builder record;
    field_set fields;
    service_options service;
    free_form_parts parts;
    std::vector<std::string> taken;
};

TEST_F(free_form, says_all_that_a_record_knows_of_itself) {
    record.lvl(level::err).logger("shop").thread(7).source("cart.cpp", 12, "add").time_ns(1'742'379'826'000'000'001);
    service = {"checkout", "1.2", "test"};
    EXPECT_THAT(visited(), ElementsAre(Pair("level", "error"), Pair("logger", "shop"),
                                       Pair("ts", "2025-03-19T10:23:46.000000001Z"), Pair("thread.id", "7"),
                                       Pair("code.file.path", "cart.cpp"), Pair("code.line.number", "12"),
                                       Pair("code.function.name", "add"), Pair("service.name", "checkout"),
                                       Pair("service.version", "1.2"), Pair("deployment.environment.name", "test"),
                                       Pair("record_id", "0123456789abcdef000000000000002a")));
}

TEST_F(free_form, is_silent_about_what_is_unknown_or_unwanted) {
    parts = {false, false, false};
    EXPECT_TRUE(visited().empty());
    parts.time = true;
    record.time_ns(0);
    EXPECT_TRUE(visited().empty());
}

TEST_F(free_form, gives_the_fields_that_no_slot_took) {
    parts = {false, false, false};
    taken = {"event"};
    record.field("event", "paid").field("amount", 9.5).field("ok", true);
    EXPECT_THAT(visited(), ElementsAre(Pair("amount", "9.5"), Pair("ok", "true")));
}

TEST_F(free_form, never_lets_a_field_pose_as_the_records_own) {
    parts = {true, false, false};
    record.lvl(level::info).field("level", "forged").field("field.level", 2).field("record_id", 3).field("levels", 4);
    EXPECT_THAT(visited(),
                ElementsAre(Pair("level", "info"), Pair("field.level", "forged"), Pair("field.field.level", "2"),
                            Pair("field.record_id", "3"), Pair("levels", "4")));
}

TEST(property_names, are_known_behind_any_number_of_prefixes) {
    for (const auto* name : {"level", "logger", "ts", "thread.id", "code.file.path", "code.line.number",
                             "code.function.name", "service.name", "service.version", "deployment.environment.name",
                             "record_id", "field.ts", "field.field.ts"}) {
        EXPECT_TRUE(is_property_name(name)) << name;
    }
    for (const auto& name : {std::string(), std::string("field."), std::string("Level"), std::string("leve"),
                             std::string("service.names"), std::string(100, 'x')}) {
        EXPECT_FALSE(is_property_name(name)) << name;
    }
}

}  // namespace
}  // namespace logferry::vendors
