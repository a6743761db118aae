// The published schema and the page's tables are those of this library. To renew them, build `write_config_documents`
// and run it with the path of docs/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include <logferry/config.hpp>
#include <logferry/level.hpp>
#include <unit/config/documents.hpp>

namespace logferry::config {
namespace {

constexpr auto remedy = "\nit is renewed by: write_config_documents docs";

TEST(the_published_schema, is_that_of_the_library) {
    // Not EXPECT_EQ, which would print both.
    EXPECT_TRUE(contents_of(std::string(LOGFERRY_DOCS) + "/logferry.schema.json") == schema()) << remedy;
}

TEST(the_page_about_configuration, has_the_tables_of_the_library) {
    const auto page = contents_of(std::string(LOGFERRY_DOCS) + "/configuration.md");
    EXPECT_TRUE(page == with_tables(page)) << remedy;
}

}  // namespace
}  // namespace logferry::config
