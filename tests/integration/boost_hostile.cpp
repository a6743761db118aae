// Attributes that mean no good.
#include <boost/log/trivial.hpp>
#include <boost/log/utility/manipulators/add_value.hpp>

#include "boost_world.hpp"

namespace logferry::test {
namespace {

namespace attrs = blog::attributes;

class boost_hostile : public boost_world {
protected:
    void SetUp() override { add_sink_to(logsfori()); }
};

TEST_F(boost_hostile, bytes_that_are_no_text) {
    const auto body = received_with("a", std::string("\xFFx\0y\xED\xA0\x80", 7));
    EXPECT_EQ(body["extra"]["a"], "\xEF\xBF\xBDxy\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    blog::sources::logger log;
    BOOST_LOG(log) << std::string_view("\xFF\0m", 3);
    EXPECT_EQ(last()["message"], "\xEF\xBF\xBDm");
}

TEST_F(boost_hostile, names_of_all_kinds) {
    blog::sources::logger log;
    for (const auto& name : {std::string(), std::string("\xFF"), std::string("a\"b\\\n"), std::string(70'000, 'n'),
                             std::string("__proto__"), std::string("field.level")}) {
        log.add_attribute(name, attrs::constant<int>(1));
    }
    BOOST_LOG(log) << "named";
    EXPECT_EQ(last()["message"], "named");
    EXPECT_EQ(last()["extra"]["a\"b\\\n"], 1);
    EXPECT_EQ(last()["extra"]["__proto__"], 1);
    EXPECT_EQ(ledger().delivered, 1u);
}

TEST_F(boost_hostile, numbers_that_json_does_not_know) {
    EXPECT_EQ(sent(std::numeric_limits<double>::quiet_NaN()), "NaN");
    EXPECT_EQ(sent(-std::numeric_limits<float>::infinity()), "-Infinity");
    EXPECT_EQ(sent(std::chrono::duration<double>(std::numeric_limits<double>::infinity())), "Infinity");
    EXPECT_TRUE(sent(std::chrono::hours::max()).is_number());
    EXPECT_TRUE(sent(std::chrono::nanoseconds::min()).is_number());
}

TEST_F(boost_hostile, times_beyond_the_calendar_cost_the_attribute_only) {
    using far = std::chrono::time_point<std::chrono::system_clock, seconds>;
    EXPECT_EQ(sent(far(seconds::max())), "nothing");
    EXPECT_EQ(sent(far(seconds::min())), "nothing");
    EXPECT_EQ(ledger().delivered, 2u);
    EXPECT_EQ(stats().unsent_attributes, 2u);
    received_with("TimeStamp", far(seconds::max()));
    EXPECT_TRUE(stats().balanced());
}

TEST_F(boost_hostile, a_vector_of_a_million) {
    received_with("a", std::vector<int>(1'000'000, 7));
    const auto book = ledger();
    EXPECT_EQ(book.accepted, 1u);
    EXPECT_TRUE(book.balanced());
    EXPECT_EQ(stats().clipped_records, 1u);
    EXPECT_EQ(last()["message"], "a record");
}

TEST_F(boost_hostile, null_pointers_to_text) {
    EXPECT_EQ(sent(static_cast<const char*>(nullptr)), "(null)");
    EXPECT_EQ(sent(static_cast<const wchar_t*>(nullptr)), "(null)");
}

/// An attribute that says that it has a value, and gives none.
class empty_attribute : public blog::attribute {
    struct nothing final : impl {
        blog::attribute_value get_value() override { return {}; }
    };

public:
    empty_attribute() : attribute(new nothing) {}
};

/// A value that does not say its type, and gives what it holds to nobody.
struct mute_value final : blog::attribute_value::impl {
    bool dispatch(blog::type_dispatcher&) override { return false; }
};

/// A value that offers itself as one type and then as another.
struct two_faced_value final : blog::attribute_value::impl {
    struct secret_type {};
    bool dispatch(blog::type_dispatcher& to) override {
        if (const auto first = to.get_callback<secret_type>()) return first({}), true;
        if (const auto second = to.get_callback<int>()) return second(4), true;
        return false;
    }
};

struct throwing_value final : blog::attribute_value::impl {
    bool dispatch(blog::type_dispatcher&) override { throw 42; }
};

TEST_F(boost_hostile, values_without_a_type) {
    blog::sources::logger log;
    log.add_attribute("empty", empty_attribute());
    BOOST_LOG(log) << "one";
    EXPECT_EQ(stats().unsent_attributes, 0u);
    BOOST_LOG(log) << blog::add_value("mute", 1) << "two";
    auto record = log.open_record();
    ASSERT_TRUE(!!record);
    record.attribute_values().insert("mute_value", blog::attribute_value(new mute_value));
    record.attribute_values().insert("throwing", blog::attribute_value(new throwing_value));
    record.attribute_values().insert("two_faced", blog::attribute_value(new two_faced_value));
    log.push_record(std::move(record));
    EXPECT_EQ(last()["extra"]["two_faced"], 4);
    EXPECT_EQ(ledger().delivered, 3u);
    EXPECT_EQ(stats().unsent_attributes, 2u);
}

TEST_F(boost_hostile, a_mapper_that_throws) {
    add_sink_to(logsfori(), boost_log_mapping().severity_mapper(
                                [](const blog::attribute_value&) -> std::optional<level> { throw 42; }));
    EXPECT_EQ(received_with("Severity", 42)["extra"]["level"], "info");
    EXPECT_EQ(ledger().delivered, 1u);
}

}  // namespace
}  // namespace logferry::test
