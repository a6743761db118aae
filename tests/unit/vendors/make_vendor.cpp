// From options to vendors: every problem at once, and none of the vendors where there is one.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/vendor_fixture.hpp>

namespace logferry {
namespace {

using test::problems_with;
using ::testing::UnorderedElementsAre;

std::vector<std::string> fields_of(const std::vector<config_problem>& problems) {
    std::vector<std::string> fields;
    for (const auto& p : problems) fields.push_back(p.field);
    return fields;
}

TEST(make_vendor, lists_every_problem_at_once) {
    logsh options;
    options.base_url = "ftp://example.org";
    options.event = "{nobody}";
    options.description_limit = 0;
    EXPECT_THAT(fields_of(problems_with(options)),
                UnorderedElementsAre("destinations[0].workspace", "destinations[0].api_key", "destinations[0].base_url",
                                     "destinations[0].event", "destinations[0].description_limit"));
}

TEST(make_vendor, adds_to_the_problems_that_are_there) {
    std::vector<config_problem> problems = {{"buffer.size", "is too small"}};
    EXPECT_NE(vendors::make_vendor(logsfori{secret("t")}, {}, problems), nullptr);
    EXPECT_EQ(problems.size(), 1U);
    EXPECT_EQ(vendors::make_vendor(logsfori{}, {}, problems), nullptr);
    EXPECT_EQ(problems.size(), 2U);
}

TEST(make_vendor, passes_an_applications_own_vendor_through) {
    std::vector<config_problem> problems;
    const auto own = vendors::make_vendor(logsfori{secret("t")}, {}, problems);
    EXPECT_EQ(vendors::make_vendor(own, {}, problems), own);
    EXPECT_EQ(fields_of(problems_with(std::shared_ptr<vendor>())), std::vector<std::string>{"destinations[0].vendor"});
}

}  // namespace
}  // namespace logferry
