// Values that convert to what they are not, formatters that end badly, and names that meet.
#include <time.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <memory_resource>
#include <string>
#include <thread>

#include <boost/log/attributes/scoped_attribute.hpp>
#include <boost/log/trivial.hpp>
#include <boost/log/utility/manipulators/add_value.hpp>

#include "boost_world.hpp"

namespace logferry::test {
namespace {

/// The usual strong typedef: its text is made when it is asked for.
struct order_number {
    int number;
    explicit operator bool() const { return number != 0; }
    operator std::string() const { return "order number " + std::to_string(number); }
    friend std::ostream& operator<<(std::ostream& out, const order_number& n) { return out << std::string(n); }
};

enum class colour { red, green };

class boost_edges : public boost_world {
protected:
    void SetUp() override { add_sink_to(logsfori()); }
};

TEST_F(boost_edges, a_type_that_converts_to_text_is_written_by_its_operator) {
    add_sink_to(logsfori(), boost_log_mapping().type<order_number>());
    EXPECT_EQ(sent(order_number{123456789}), "order number 123456789");
}

TEST_F(boost_edges, what_a_callable_returns_may_end_with_it) {
    add_sink_to(logsfori(),
                boost_log_mapping().type<order_number>([](const order_number& n) -> const std::string { return n; }));
    EXPECT_EQ(sent(order_number{123456789}), "order number 123456789");
    add_sink_to(logsfori(), boost_log_mapping().type<order_number>([](const order_number& n) {
        return std::filesystem::path("/var/lib/shop/orders") / std::to_string(n.number);
    }));
    EXPECT_EQ(sent(order_number{123456789}), "/var/lib/shop/orders/123456789");
}

TEST_F(boost_edges, text_with_another_allocator_is_text) {
    add_sink_to(logsfori(), boost_log_mapping().type<std::pmr::string>().type<std::u8string>());
    EXPECT_EQ(sent(std::pmr::string("hello")), "hello");
    EXPECT_EQ(sent(std::u8string(u8"M\u00FCller")), "M\u00FCller");
}

TEST_F(boost_edges, an_enumerator_without_an_operator_is_its_number) {
    add_sink_to(logsfori(), boost_log_mapping().type<colour>());
    EXPECT_EQ(sent(colour::green), 1);
}

TEST_F(boost_edges, parts_of_a_millisecond_are_as_exact_as_can_be) {
    EXPECT_EQ(sent(std::chrono::microseconds(9)).dump(), "0.009");
    EXPECT_EQ(sent(std::chrono::microseconds(1001)).dump(), "1.001");
}

TEST_F(boost_edges, a_time_beyond_the_calendar_is_left_out_and_not_made_another) {
    using far = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;
    EXPECT_EQ(sent(far(std::chrono::seconds(2'069'000'000'000))), "nothing");
    EXPECT_EQ(sent(far(std::chrono::seconds(253'402'300'799))), "9999-12-31T23:59:59Z");
    EXPECT_EQ(stats().unsent_attributes, 1u);
}

TEST_F(boost_edges, a_severity_of_no_fitting_type_is_a_field_once) {
    EXPECT_EQ(received_with("Severity", true)["extra"]["Severity"], true);
    add_sink_to(logsfori(), boost_log_mapping().severity_mapper(
                                [](const blog::attribute_value&) { return std::optional<level>(level::err); }));
    const auto mapped = received_with("Severity", 2.5);
    EXPECT_EQ(mapped["severity"], "error");
    EXPECT_FALSE(mapped["extra"].contains("Severity"));
}

TEST_F(boost_edges, a_type_that_nobody_knows_is_named_also_where_it_is_a_severity) {
    received_with("Severity", colour::red);
    bsink->get_shipper()->drain(seconds(5));
    const auto told = events(event::kind::notice);
    EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const auto& t) {
        return t.find("Severity (") != t.npos && t.find("colour") != t.npos;
    })) << testing::PrintToString(told);
}

TEST_F(boost_edges, include_also_keeps_out_what_does_not_fit_its_part) {
    add_sink_to(logsfori(), boost_log_mapping().include({"ok"}));
    blog::sources::logger log;
    BOOST_LOG(log) << blog::add_value("ok", 1) << blog::add_value("File", 7)
                   << blog::add_value("Line", std::string("x")) << blog::add_value("Channel", 7.5)
                   << blog::add_value("Severity", std::string("no word")) << "m";
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["ok"], 1);
    for (const auto* const name : {"File", "Line", "Channel", "Severity"}) EXPECT_FALSE(extra.contains(name)) << name;
}

TEST_F(boost_edges, what_is_left_out_takes_no_key) {
    add_sink_to(logsfori(), boost_log_mapping().exclude({"Scope"}));
    received_with("Scope", 1);
    EXPECT_EQ(received_with("scope", 2)["extra"]["scope"], 2);
}

TEST_F(boost_edges, one_that_is_renamed_to_a_part_leaves_it_to_the_other_where_it_is_not_there) {
    add_sink_to(logsfori(), boost_log_mapping().rename("Weight", "Severity"));
    BOOST_LOG_TRIVIAL(error) << "without a weight";
    EXPECT_EQ(last()["severity"], "error");
    BOOST_LOG_TRIVIAL(error) << blog::add_value("Weight", 1) << "with one";
    EXPECT_EQ(last()["severity"], "debug");
    EXPECT_EQ(last()["extra"]["Severity_2"], "error");
}

TEST_F(boost_edges, a_field_of_the_record_counts_before_a_scopes) {
    const scope around{{"a", 1}, {"b", 1}};
    blog::sources::logger log;
    BOOST_LOG(log) << blog::add_value("a", 2) << kv("b", 3);
    EXPECT_EQ(last()["extra"]["a"], 2);
    EXPECT_EQ(last()["extra"]["b"], 3);
}

TEST_F(boost_edges, kv_with_names_that_programs_use_is_fields) {
    blog::sources::logger log;
    BOOST_LOG(log) << kv("file", "report.csv", "line", 17, "function", "sum");
    const auto extra = last()["extra"];
    EXPECT_EQ(extra["file"], "report.csv");
    EXPECT_EQ(extra["line"], 17);
    EXPECT_EQ(extra["function"], "sum");
}

TEST_F(boost_edges, kv_in_a_wide_stream_takes_any_text) {
    blog::sources::wlogger log;
    BOOST_LOG(log) << L"wide " << kv("name", "M\xC3\xBCller", "bytes", std::string_view("\xFF"));
    EXPECT_EQ(last()["message"], "wide name=M\xC3\xBCller bytes=\xEF\xBF\xBD");
    EXPECT_EQ(last()["extra"]["name"], "M\xC3\xBCller");
}

TEST_F(boost_edges, kv_without_a_record_is_nothing) {
    blog::record_ostream detached;
    detached << kv("a", 1);
    EXPECT_FALSE(detached);
}

TEST_F(boost_edges, kv_leaves_nothing_to_the_next_record) {
    blog::sources::logger log;
    BOOST_LOG(log) << kv("n", 1);
    BOOST_LOG(log) << "n=1";
    EXPECT_FALSE(last()["extra"].contains("n"));
}

// Single characters wait in the stream for company.
TEST_F(boost_edges, nothing_of_a_record_whose_formatter_threw_gets_into_the_next) {
    bool fails = true;
    bsink->set_formatter([&fails](const blog::record_view& record, blog::formatting_ostream& out) {
        if (std::exchange(fails, false)) {
            out.put('<').put('>');
            throw std::runtime_error("in the middle");
        }
        out << record[blog::expressions::smessage];
    });
    blog::sources::logger log;
    BOOST_LOG(log) << "first";
    BOOST_LOG(log) << "second";
    EXPECT_EQ(last()["message"], "second");
}

/// Logs when it ends, as services do.
struct says_goodbye {
    ~says_goodbye() {
        blog::sources::logger log;
        BOOST_LOG(log) << "goodbye";
    }
};

TEST_F(boost_edges, what_a_formatter_holds_may_log_when_it_ends) {
    const auto formatter_with = [](std::shared_ptr<says_goodbye> held) {
        return [held](const blog::record_view& record, blog::formatting_ostream& out) {
            out << "! " << record[blog::expressions::smessage];
        };
    };
    bsink->set_formatter(formatter_with(std::make_shared<says_goodbye>()));
    blog::sources::logger log;
    BOOST_LOG(log) << "first";
    // The thread still has a copy of the old one, and gives it up with the next record.
    bsink->set_formatter(formatter_with(nullptr));
    BOOST_LOG(log) << "second";
    bsink->set_formatter(formatter_with(std::make_shared<says_goodbye>()));
    bsink->reset_formatter();
    EXPECT_EQ(ledger().dropped_total(), 0u);
    EXPECT_GE(bodies("logsfori").size(), 3u);
}

// Summer ended in New York on 2026-11-01 at 06:00 UTC, when 2:00 became 1:00 again.
TEST(boost_zone, a_stamp_from_before_a_change_is_read_after_it) {
    const char* const before = std::getenv("TZ");
    const std::string kept = before ? before : "";
    ::setenv("TZ", "America/New_York", 1);
    ::tzset();
    std::thread([] {
        using namespace detail::boost_log;
        constexpr std::int64_t change = 1'793'512'800;  // 2026-11-01T06:00:00Z
        constexpr std::int64_t summer = -4 * 3600;
        constexpr std::int64_t winter = -5 * 3600;
        const auto utc = [](std::int64_t local_s, std::int64_t now_s) {
            return utc_of(local_s * second_ns, boost_log_clock::local, now_s * second_ns) / second_ns;
        };
        EXPECT_EQ(utc(change - 1 + summer, change), change - 1) << "a second ago, in summer";
        EXPECT_EQ(utc(change + 1 + winter, change + 2), change + 1) << "a second ago, in winter";
        EXPECT_EQ(utc(change - 1 + summer, change - 1), change - 1) << "now, in summer";
        EXPECT_EQ(utc(change - 90 * 86'400 + summer, change + 10), change - 90 * 86'400) << "in last summer";
        EXPECT_EQ(utc(change + 90 * 86'400 + winter, change + 91 * 86'400), change + 90 * 86'400) << "in winter";
    }).join();
    if (before) {
        ::setenv("TZ", kept.c_str(), 1);
    } else {
        ::unsetenv("TZ");
    }
    ::tzset();
}

}  // namespace
}  // namespace logferry::test
