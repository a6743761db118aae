// What a value makes of what it is given, and the text of a record's id.
#include <limits>

#include "record_fixture.hpp"

namespace logferry {
namespace {

using record::show;

TEST(value, knows_what_it_was_given) {
    EXPECT_EQ(show(value("literal")), "\"literal\"");
    EXPECT_EQ(show(value(std::string("string"))), "\"string\"");
    EXPECT_EQ(show(value(std::string_view("view"))), "\"view\"");
    EXPECT_EQ(show(value(static_cast<const char*>(nullptr))), "\"(null)\"");
    EXPECT_EQ(show(value(true)), "true");
    EXPECT_EQ(show(value(1)), "1");
    EXPECT_EQ(show(value(-1L)), "-1");
    EXPECT_EQ(show(value(1u)), "1u");
    EXPECT_EQ(show(value(static_cast<unsigned char>(255))), "255u");
    EXPECT_EQ(show(value(std::int16_t{-300})), "-300");
    EXPECT_EQ(show(value(0.5)), "0.5f");
    EXPECT_EQ(show(value(0.5f)), "0.5f");
    EXPECT_EQ(show(value(0.5L)), "0.5f");
    EXPECT_EQ(show(value::json("null")), "json:null");
    enum class color : std::uint8_t { red = 7 };
    EXPECT_EQ(show(value(color::red)), "7u");
}

TEST(value, gives_nothing_where_it_is_of_another_kind) {
    EXPECT_EQ(value(1).text(), "");
    EXPECT_EQ(value("1").int64(), 0);
    EXPECT_EQ(value(1).uint64(), 0u);
    EXPECT_EQ(value(1).float64(), 0.0);
    EXPECT_FALSE(value(1).boolean());
}

static_assert(!std::is_constructible_v<value, int*>, "a pointer would become true");
static_assert(!std::is_constructible_v<value, const void*>);

TEST(record_id, is_32_digits) {
    EXPECT_EQ(record_id{}.to_string(), "00000000000000000000000000000000");
    EXPECT_EQ((record_id{0x0123456789abcdef, 42}).to_string(), "0123456789abcdef000000000000002a");
    const auto most = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ((record_id{most, most}).to_string(), std::string(32, 'f'));
}

}  // namespace
}  // namespace logferry
