// What an attribute of each type is when it arrives.
#include <arpa/inet.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <system_error>

#include <boost/chrono/duration.hpp>
#include <boost/chrono/system_clocks.hpp>
#include <boost/date_time/gregorian/gregorian_types.hpp>
#include <boost/date_time/posix_time/posix_time_types.hpp>
#include <boost/log/attributes/current_process_id.hpp>
#include <boost/log/attributes/named_scope.hpp>
#include <boost/log/trivial.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>
#include <boost/utility/string_ref.hpp>
#include <boost/utility/string_view.hpp>
#include <boost/uuid/uuid.hpp>

#include "boost_world.hpp"

namespace shop {

enum class colour { red, green };

struct money {
    long cents;
    friend std::ostream& operator<<(std::ostream& out, const money& m) {
        return out << m.cents / 100 << '.' << m.cents % 100 << " EUR";
    }
};

struct opaque {};

}  // namespace shop

namespace logferry::test {
namespace {

using namespace std::chrono_literals;
namespace greg = boost::gregorian;
namespace ptime = boost::posix_time;

class boost_attributes : public boost_world {
protected:
    void SetUp() override { add_sink_to(logsfori()); }
};

TEST_F(boost_attributes, whole_numbers) {
    EXPECT_EQ(sent(short{-2}), -2);
    EXPECT_EQ(sent(static_cast<unsigned short>(2)), 2);
    EXPECT_EQ(sent(-3), -3);
    EXPECT_EQ(sent(3u), 3);
    EXPECT_EQ(sent(-4L), -4);
    EXPECT_EQ(sent(4UL), 4);
    EXPECT_EQ(sent(-5LL), -5);
    EXPECT_EQ(sent(5ULL), 5);
    EXPECT_EQ(sent(std::int8_t{-6}), -6);
    EXPECT_EQ(sent(std::uint8_t{6}), 6);
    EXPECT_EQ(sent(std::numeric_limits<std::int32_t>::min()), -2147483648LL);
}

TEST_F(boost_attributes, characters_are_numbers_as_they_are_elsewhere) {
    EXPECT_EQ(sent('A'), 65);
    EXPECT_EQ(sent(L'A'), 65);
    EXPECT_EQ(sent(u'A'), 65);
    EXPECT_EQ(sent(U'A'), 65);
}

TEST_F(boost_attributes, other_numbers) {
    EXPECT_EQ(sent(0.5f), 0.5);
    EXPECT_EQ(sent(9.99), 9.99);
    EXPECT_EQ(sent(2.25L), 2.25);
    EXPECT_EQ(sent(true), true);
    EXPECT_EQ(sent(false), false);
}

TEST_F(boost_attributes, texts) {
    EXPECT_EQ(sent(std::string("visa")), "visa");
    EXPECT_EQ(sent(std::string_view("visa")), "visa");
    EXPECT_EQ(sent(static_cast<const char*>("visa")), "visa");
    EXPECT_EQ(sent(boost::string_view("visa")), "visa");
    EXPECT_EQ(sent(boost::string_ref("visa")), "visa");
    EXPECT_EQ(sent(blog::string_literal("visa")), "visa");
    EXPECT_EQ(sent(std::filesystem::path("/tmp/a b")), "/tmp/a b");
    EXPECT_EQ(sent(std::string(5000, 'x')).get<std::string>().size(), 5000u);
}

TEST_F(boost_attributes, wide_texts) {
    // U+1F600 is two units of UTF-16.
    const std::string grin = "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80";
    EXPECT_EQ(sent(std::wstring(L"gr\u00FC\u00DF \u20AC \U0001F600")), grin);
    EXPECT_EQ(sent(std::wstring_view(L"gr\u00FC\u00DF \u20AC \U0001F600")), grin);
    EXPECT_EQ(sent(static_cast<const wchar_t*>(L"gr\u00FC\u00DF \u20AC \U0001F600")), grin);
    EXPECT_EQ(sent(blog::wstring_literal(L"gr\u00FC\u00DF \u20AC \U0001F600")), grin);
    EXPECT_EQ(sent(std::u16string(u"gr\u00FC\u00DF \u20AC \U0001F600")), grin);
    EXPECT_EQ(sent(std::u32string(U"gr\u00FC\u00DF \u20AC \U0001F600")), grin);
}

TEST_F(boost_attributes, wide_texts_are_repaired) {
    const std::string broken = "\xEF\xBF\xBD";
    EXPECT_EQ(sent(std::u16string{u'a', 0xD83D, u'b'}), "a" + broken + "b");
    EXPECT_EQ(sent(std::u16string{u'a', 0xDE00, 0xD83D}), "a" + broken + broken);
    EXPECT_EQ(sent(std::u32string{U'a', 0xD83D, 0x110000, U'b'}), "a" + broken + broken + "b");
    EXPECT_EQ(sent(std::wstring{L'a', static_cast<wchar_t>(-1), L'b'}), "a" + broken + "b");
}

TEST_F(boost_attributes, durations_are_milliseconds) {
    EXPECT_EQ(sent(std::chrono::milliseconds(1500)), 1500);
    EXPECT_EQ(sent(std::chrono::seconds(2)), 2000);
    EXPECT_EQ(sent(std::chrono::hours(1)), 3'600'000);
    EXPECT_EQ(sent(std::chrono::microseconds(2000)), 2);
    EXPECT_EQ(sent(std::chrono::microseconds(2500)), 2.5);
    EXPECT_EQ(sent(std::chrono::nanoseconds(-1'500'000)), -1.5);
    EXPECT_EQ(sent(std::chrono::duration<double>(0.25)), 250.0);
    EXPECT_EQ(sent(boost::chrono::milliseconds(7)), 7);
    EXPECT_EQ(sent(boost::chrono::microseconds(7500)), 7.5);
    EXPECT_EQ(sent(ptime::time_duration(ptime::milliseconds(8))), 8);
    EXPECT_EQ(sent(ptime::time_duration(ptime::microseconds(8500))), 8.5);
    EXPECT_EQ(sent(ptime::time_duration(ptime::pos_infin)), "+infinity");
}

TEST_F(boost_attributes, times_are_rfc_3339) {
    const std::chrono::system_clock::time_point time(1'700'000'000s + 250ms);
    EXPECT_EQ(sent(time), "2023-11-14T22:13:20.25Z");
    EXPECT_EQ(sent(std::chrono::time_point_cast<std::chrono::seconds>(time)), "2023-11-14T22:13:20Z");
    EXPECT_EQ(sent(std::chrono::system_clock::time_point(-1ns)), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(sent(boost::chrono::system_clock::time_point(boost::chrono::seconds(951'782'400))),
              "2000-02-29T00:00:00Z");
}

TEST_F(boost_attributes, a_ptime_without_a_zone_gets_none) {
    const ptime::ptime time(greg::date(2026, 2, 28), ptime::hours(23) + ptime::microseconds(5));
    EXPECT_EQ(sent(time), "2026-02-28T23:00:00.000005");
    EXPECT_EQ(sent(ptime::ptime(ptime::not_a_date_time)), "not-a-date-time");
    EXPECT_EQ(sent(ptime::ptime(ptime::neg_infin)), "-infinity");
    EXPECT_EQ(sent(ptime::time_period(time, ptime::hours(2))), "2026-02-28T23:00:00.000005/2026-03-01T01:00:00.000005");
    EXPECT_EQ(sent(greg::date(2024, 2, 29)), "2024-02-29");
    EXPECT_EQ(sent(greg::date(greg::pos_infin)), "+infinity");
    add_sink_to(logsfori(), boost_log_mapping().time_stamps(boost_log_clock::utc));
    EXPECT_EQ(sent(time), "2026-02-28T23:00:00.000005Z");
}

TEST_F(boost_attributes, identifiers_and_addresses) {
    const boost::uuids::uuid id = {
        {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}};
    EXPECT_EQ(sent(id), "12345678-9abc-def0-1234-56789abcdef0");
    EXPECT_EQ(sent(blog::process_id(77)), 77);
    EXPECT_TRUE(sent(std::this_thread::get_id()).is_string());

    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(8080);
    ASSERT_EQ(inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr), 1);
    EXPECT_EQ(sent(v4.sin_addr), "192.0.2.1");
    EXPECT_EQ(sent(v4), "192.0.2.1:8080");
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(443);
    ASSERT_EQ(inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr), 1);
    EXPECT_EQ(sent(v6.sin6_addr), "2001:db8::1");
    EXPECT_EQ(sent(v6), "[2001:db8::1]:443");
}

TEST_F(boost_attributes, errors_say_what_and_which) {
    EXPECT_EQ(sent(std::error_code(ENOENT, std::generic_category())), "No such file or directory (generic:2)");
    EXPECT_EQ(sent(boost::system::error_code(ENOENT, boost::system::generic_category())),
              "No such file or directory (generic:2)");
}

TEST_F(boost_attributes, containers_are_arrays) {
    EXPECT_EQ(sent(std::vector<int>{1, -2, 3}), json::parse("[1,-2,3]"));
    EXPECT_EQ(sent(std::vector<int>{}), json::array());
    EXPECT_EQ(sent(std::vector<bool>{true, false}), json::parse("[true,false]"));
    EXPECT_EQ(sent(std::vector<double>{0.5, 2}), json::parse("[0.5,2]"));
    EXPECT_EQ(sent(std::vector<std::string>{"a\"\\\n", "", "\xC3\xBC"}), json::parse(R"(["a\"\\\n","","ü"])"));
    EXPECT_EQ(sent(std::set<std::string>{"b", "a"}), json::parse(R"(["a","b"])"));
    EXPECT_EQ(sent(std::vector<std::uint64_t>{std::uint64_t{1} << 40}), json::parse("[1099511627776]"));
}

TEST_F(boost_attributes, json_stays_valid_whatever_a_container_holds) {
    EXPECT_EQ(sent(std::vector<double>{NAN, INFINITY, -INFINITY}), json::parse(R"(["NaN","Infinity","-Infinity"])"));
    // Bytes that are no UTF-8: one replacement each, and what follows them is kept.
    EXPECT_EQ(sent(std::vector<std::string>{"a\xFF\xC3(\xED\xA0\x80z", std::string("b\0\x01", 3)}),
              json::parse("[\"a\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffdz\", \"b\\u0001\"]"));
    EXPECT_EQ(sent(std::vector<std::string>{"\xF0\x9F\x98\x80\xF0\x9F", "\xE2\x82\xAC"}),
              json::parse("[\"\\ud83d\\ude00\\ufffd\\ufffd\", \"\\u20ac\"]"));
}

TEST_F(boost_attributes, an_empty_optional_is_left_out) {
    EXPECT_EQ(sent(std::optional<int>(4)), 4);
    EXPECT_EQ(sent(boost::optional<std::string>("x")), "x");
    EXPECT_EQ(sent(std::optional<int>()), "nothing");
    EXPECT_EQ(stats().unsent_attributes, 0u);
}

TEST_F(boost_attributes, scopes_are_names_from_the_outermost_in) {
    auto log = logger_with("other", 1);
    log.add_attribute("Scope", blog::attributes::named_scope());
    BOOST_LOG_NAMED_SCOPE("cart");
    {
        BOOST_LOG_NAMED_SCOPE("pay \"now\"");
        BOOST_LOG(log) << "deep";
    }
    const auto line_of_inner = __LINE__ - 3;
    const auto deep = last()["extra"];
    EXPECT_EQ(deep["scope"], json::parse(R"(["cart","pay \"now\""])"));
    EXPECT_EQ(deep["code.line.number"], line_of_inner);
    EXPECT_EQ(deep["code.file.path"], __FILE__);
    BOOST_LOG(log) << "shallow";
    EXPECT_EQ(last()["extra"]["scope"], json::parse(R"(["cart"])"));
}

TEST_F(boost_attributes, no_scope_no_field) {
    blog::sources::logger log;
    log.add_attribute("Scope", blog::attributes::named_scope());
    BOOST_LOG(log) << "outside";
    EXPECT_FALSE(last()["extra"].contains("scope"));
}

TEST_F(boost_attributes, json_is_json) {
    EXPECT_EQ(sent(boost_log_json{R"({"items":[1,2]})"}), json::parse(R"({"items":[1,2]})"));
    EXPECT_EQ(sent(boost_log_json{"{nope"}), "{nope");
}

TEST_F(boost_attributes, boosts_own_levels_are_words_under_other_names) {
    EXPECT_EQ(sent(blog::trivial::warning), "warning");
}

TEST_F(boost_attributes, a_registered_type_is_written_by_its_operator) {
    add_sink_to(logsfori(), boost_log_mapping().type<shop::money>());
    EXPECT_EQ(sent(shop::money{1999}), "19.99 EUR");
}

TEST_F(boost_attributes, a_registered_type_becomes_what_the_callable_makes) {
    add_sink_to(logsfori(), boost_log_mapping()
                                .type<shop::money>([](const shop::money& m) { return m.cents; })
                                .type<shop::colour>([](const shop::colour& c) {
                                    return std::string(c == shop::colour::red ? "red" : "green");
                                })
                                .type<bool>([](bool b) { return b ? "yes" : "no"; }));
    EXPECT_EQ(sent(shop::money{1999}), 1999);
    EXPECT_EQ(sent(shop::colour::green), "green");
    EXPECT_EQ(sent(true), "yes");
}

TEST_F(boost_attributes, containers_that_are_registered_are_arrays_too) {
    add_sink_to(logsfori(), boost_log_mapping()
                                .type<std::array<int, 3>>()
                                .type<std::vector<std::vector<std::wstring>>>()
                                .type<std::vector<shop::money>>());
    EXPECT_EQ(sent(std::array<int, 3>{1, 2, 3}), json::parse("[1,2,3]"));
    EXPECT_EQ(sent(std::vector<std::vector<std::wstring>>{{L"a", L"\u20AC"}, {}}),
              json::parse("[[\"a\",\"\\u20ac\"],[]]"));
    EXPECT_EQ(sent(std::vector<shop::money>{{150}, {275}}), json::parse(R"(["1.50 EUR","2.75 EUR"])"));
}

TEST_F(boost_attributes, a_type_that_nobody_knows_is_counted_and_said_once) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(sent(shop::opaque{}), "nothing");
    EXPECT_EQ(sent(shop::colour::red), "nothing");
    EXPECT_EQ(stats().unsent_attributes, 4u);
    EXPECT_EQ(ledger().delivered, 4u);
    bsink->get_shipper()->close();
    const auto said = events(event::kind::notice);
    ASSERT_EQ(said.size(), 2u);
    EXPECT_NE(said[0].find("a (shop::opaque)"), std::string::npos) << said[0];
    EXPECT_NE(said[1].find("a (shop::colour)"), std::string::npos) << said[1];
}

TEST_F(boost_attributes, what_a_callable_throws_costs_the_attribute_only) {
    add_sink_to(logsfori(), boost_log_mapping().type<shop::money>([](const shop::money&) -> int { throw 42; }));
    EXPECT_EQ(sent(shop::money{1}), "nothing");
    EXPECT_EQ(last()["message"], "a record");
    EXPECT_EQ(stats().unsent_attributes, 1u);
}

TEST_F(boost_attributes, one_name_may_have_many_types) {
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(sent(1), 1);
        EXPECT_EQ(sent(std::string("two")), "two");
        EXPECT_EQ(sent(3.5), 3.5);
        EXPECT_EQ(sent(true), true);
        EXPECT_EQ(sent(5L), 5);
        EXPECT_EQ(sent(6u), 6);
        EXPECT_EQ(sent(std::wstring(L"seven")), "seven");
    }
}

TEST_F(boost_attributes, more_than_a_hundred) {
    blog::sources::logger log;
    for (int i = 0; i < 120; ++i) log.add_attribute("n" + std::to_string(i), blog::attributes::constant<int>(i));
    BOOST_LOG(log) << "many";
    const auto extra = last()["extra"];
    for (int i = 0; i < 120; ++i) EXPECT_EQ(extra["n" + std::to_string(i)], i);
}

}  // namespace
}  // namespace logferry::test
