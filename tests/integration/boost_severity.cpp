// The level, the time and the thread of a record.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include <boost/date_time/posix_time/posix_time_types.hpp>
#include <boost/log/attributes/clock.hpp>
#include <boost/log/attributes/current_thread_id.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sources/severity_logger.hpp>
#include <boost/log/trivial.hpp>

#include "boost_world.hpp"

namespace logferry::test {
namespace {

enum class weight { light, heavy, unheard_of };

class boost_severity : public boost_world {
protected:
    void SetUp() override { add_sink_to(logsfori()); }

    template <typename T>
    json level_of(const T& severity) {
        return received_with("Severity", severity)["extra"]["level"];
    }
};

TEST_F(boost_severity, boosts_own_levels) {
    const std::vector<std::pair<blog::trivial::severity_level, std::string>> words = {
        {blog::trivial::trace, "trace"},  {blog::trivial::debug, "debug"}, {blog::trivial::info, "info"},
        {blog::trivial::warning, "warn"}, {blog::trivial::error, "error"}, {blog::trivial::fatal, "critical"}};
    for (const auto& [severity, word] : words) EXPECT_EQ(level_of(severity), word);
    EXPECT_EQ(stats().unmapped_severities, 0u);
}

TEST_F(boost_severity, integers_count_as_boosts_levels_do) {
    EXPECT_EQ(level_of(0), "trace");
    EXPECT_EQ(level_of(3u), "warn");
    EXPECT_EQ(level_of(5L), "critical");
    EXPECT_EQ(level_of(std::uint8_t{4}), "error");
    EXPECT_EQ(stats().unmapped_severities, 0u);
}

TEST_F(boost_severity, what_is_beyond_is_info_counted_kept_and_said_once) {
    for (const int beyond : {-1, 6, 100}) {
        const auto body = received_with("Severity", beyond);
        EXPECT_EQ(body["extra"]["level"], "info");
        EXPECT_EQ(body["extra"]["Severity"], beyond);
    }
    EXPECT_EQ(level_of(std::uint64_t{1} << 63), "info");
    EXPECT_EQ(stats().unmapped_severities, 4u);
    EXPECT_EQ(stats().unsent_attributes, 0u);
    EXPECT_EQ(events(event::kind::notice).size(), 1u);
}

TEST_F(boost_severity, words) {
    EXPECT_EQ(level_of(std::string("Warning")), "warn");
    EXPECT_EQ(level_of(blog::string_literal("fatal")), "critical");
    EXPECT_EQ(level_of(std::wstring(L"notice")), "info");
    EXPECT_EQ(stats().unmapped_severities, 0u);
    const auto body = received_with("Severity", std::string("whatever"));
    EXPECT_EQ(body["extra"]["level"], "info");
    EXPECT_EQ(body["extra"]["Severity"], "whatever");
    EXPECT_EQ(stats().unmapped_severities, 1u);
}

TEST_F(boost_severity, a_registered_enum) {
    add_sink_to(logsfori(),
                boost_log_mapping().severity<weight>({{weight::light, level::debug}, {weight::heavy, level::err}}));
    EXPECT_EQ(level_of(weight::light), "debug");
    EXPECT_EQ(level_of(weight::heavy), "error");
    EXPECT_EQ(stats().unmapped_severities, 0u);
    EXPECT_EQ(level_of(weight::unheard_of), "info");
    EXPECT_EQ(stats().unmapped_severities, 1u);
}

TEST_F(boost_severity, an_enum_that_is_not_registered) {
    EXPECT_EQ(level_of(weight::heavy), "info");
    EXPECT_EQ(stats().unmapped_severities, 1u);
    EXPECT_EQ(stats().unsent_attributes, 1u) << "nobody knows how to send it as a field either";
}

TEST_F(boost_severity, a_registered_callable_replaces_what_a_type_means) {
    add_sink_to(logsfori(),
                boost_log_mapping().severity<int>([](int syslog) { return syslog <= 3 ? level::err : level::info; }));
    EXPECT_EQ(level_of(0), "error");
    EXPECT_EQ(level_of(7), "info");
    EXPECT_EQ(level_of(3L), "warn");
    EXPECT_EQ(stats().unmapped_severities, 0u);
}

TEST_F(boost_severity, the_mapper_comes_after_levels_integers_and_enums_and_before_words) {
    int asked = 0;
    add_sink_to(logsfori(), boost_log_mapping()
                                .severity<weight>({{weight::heavy, level::err}})
                                .severity_mapper([&asked](const blog::attribute_value& v) -> std::optional<level> {
                                    ++asked;
                                    if (const auto word = v.extract<std::string>()) {
                                        if (*word == "error") return level::trace;
                                    }
                                    if (const auto number = v.extract<int>()) return level::critical;
                                    return std::nullopt;
                                }));
    EXPECT_EQ(level_of(blog::trivial::warning), "warn");
    EXPECT_EQ(level_of(2), "info");
    EXPECT_EQ(level_of(weight::heavy), "error");
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(level_of(50), "critical");
    EXPECT_EQ(level_of(std::string("error")), "trace");
    EXPECT_EQ(level_of(std::string("debug")), "debug");
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(stats().unmapped_severities, 0u);
    EXPECT_EQ(level_of(weight::light), "info");
    EXPECT_EQ(stats().unmapped_severities, 1u);
}

TEST_F(boost_severity, no_severity_is_info_and_nothing_to_talk_about) {
    EXPECT_EQ(received_with("other", 1)["extra"]["level"], "info");
    EXPECT_EQ(stats().unmapped_severities, 0u);
}

class boost_times : public boost_world {
protected:
    void SetUp() override { add_sink_to(logsfori()); }
    void TearDown() override {
        zone(nullptr);
        boost_world::TearDown();
    }
    static void zone(const char* name) {
        name != nullptr ? setenv("TZ", name, 1) : unsetenv("TZ");
        tzset();
    }
    template <typename T>
    std::int64_t created_at(const T& stamp) {
        return received_with("TimeStamp", stamp)["created_at"].template get<std::int64_t>();
    }
    static std::int64_t now_ms() {
        return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
    static boost::posix_time::ptime at(std::int64_t unix_ms) {
        return boost::posix_time::ptime(boost::gregorian::date(1970, 1, 1), boost::posix_time::milliseconds(unix_ms));
    }
};

TEST_F(boost_times, both_of_boosts_clocks_are_understood) {
    // A thread of its own for each zone: what the zone is, is kept a while.
    for (const char* const name : {"UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham"}) {
        zone(name);
        std::thread([&] {
            for (const auto& clock :
                 {blog::attribute(blog::attributes::local_clock()), blog::attribute(blog::attributes::utc_clock())}) {
                blog::sources::logger log;
                log.add_attribute("TimeStamp", clock);
                const auto before = now_ms();
                BOOST_LOG(log) << "now";
                const auto after = now_ms();
                const auto stamp = last()["created_at"].get<std::int64_t>();
                EXPECT_LE(before, stamp) << name;
                EXPECT_LE(stamp, after) << name;
            }
        }).join();
    }
}

TEST_F(boost_times, a_clock_that_is_named_is_believed) {
    zone("XST-05:30");
    std::thread([&] {
        const std::int64_t then = 1'700'000'000'123;
        add_sink_to(logsfori(), boost_log_mapping().time_stamps(boost_log_clock::utc));
        EXPECT_EQ(created_at(at(then)), then);
        add_sink_to(logsfori(), boost_log_mapping().time_stamps(boost_log_clock::local));
        EXPECT_EQ(created_at(at(then)), then - 19'800'000);
    }).join();
}

TEST_F(boost_times, summer_time_counts_by_the_stamps_own_day) {
    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    std::thread([&] {
        add_sink_to(logsfori(), boost_log_mapping().time_stamps(boost_log_clock::local));
        // 2023-01-15 12:00 and 2023-07-15 12:00 in Central Europe.
        EXPECT_EQ(created_at(at(1'673'784'000'000)), 1'673'784'000'000 - 3'600'000);
        EXPECT_EQ(created_at(at(1'689'422'400'000)), 1'689'422'400'000 - 7'200'000);
    }).join();
}

// The rule itself, with a time of our own: the last Sunday of October 2023, 01:00 UTC, when summer ends.
TEST_F(boost_times, in_the_hour_that_comes_twice_it_is_the_present_one) {
    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    std::thread([] {
        using detail::boost_log::second_ns;
        using detail::boost_log::utc_of;
        const std::int64_t change = 1'698'541'200 * second_ns;
        const std::int64_t hour = 3600 * second_ns;
        const auto local = change + 3 * hour / 2;  // half past two, of the summer and of the winter
        EXPECT_EQ(utc_of(local, boost_log_clock::automatic, change - hour / 2), change - hour / 2);
        EXPECT_EQ(utc_of(local, boost_log_clock::automatic, change + hour / 2), change + hour / 2);
    }).join();
}

TEST_F(boost_times, a_stamp_that_waited_is_taken_for_what_is_nearer_to_now) {
    zone("XST-05:30");
    std::thread([&] {
        const auto an_hour_ago = now_ms() - 3'600'000;
        EXPECT_EQ(created_at(at(an_hour_ago)), an_hour_ago);
        EXPECT_EQ(created_at(at(an_hour_ago + 19'800'000)), an_hour_ago);
    }).join();
}

TEST_F(boost_times, time_points_of_the_system_clock) {
    EXPECT_EQ(created_at(std::chrono::system_clock::time_point(milliseconds(1'700'000'000'123))), 1'700'000'000'123);
    EXPECT_EQ(created_at(std::chrono::time_point<std::chrono::system_clock, seconds>(seconds(1'700'000'000))),
              1'700'000'000'000);
    EXPECT_EQ(created_at(boost::chrono::system_clock::time_point(boost::chrono::milliseconds(1'700'000'000'123))),
              1'700'000'000'123);
}

TEST_F(boost_times, without_a_stamp_it_is_now) {
    const auto before = now_ms();
    const auto stamp = received_with("other", 1)["created_at"].get<std::int64_t>();
    EXPECT_LE(before, stamp);
    EXPECT_LE(stamp, now_ms());
    EXPECT_LE(before, created_at(boost::posix_time::ptime(boost::posix_time::not_a_date_time)));
}

TEST_F(boost_times, a_stamp_of_another_type_is_a_field) {
    const auto before = now_ms();
    const auto body = received_with("TimeStamp", std::string("yesterday"));
    EXPECT_EQ(body["extra"]["TimeStamp"], "yesterday");
    EXPECT_LE(before, body["created_at"].get<std::int64_t>());
}

TEST_F(boost_times, stamps_beyond_all_bounds_harm_nobody) {
    using boost::gregorian::date;
    using boost::posix_time::ptime;
    for (const auto& stamp :
         {ptime(date(1400, 1, 1)), ptime(date(9999, 12, 31)), ptime(boost::posix_time::pos_infin)}) {
        BOOST_LOG(*std::make_unique<blog::sources::logger>(logger_with("TimeStamp", stamp))) << "odd";
    }
    EXPECT_EQ(ledger().accepted, 3u);
}

class boost_threads : public boost_world {
protected:
    void SetUp() override { add_sink_to(logsfori()); }
    static blog::sources::logger with_thread() {
        blog::sources::logger log;
        log.add_attribute("ThreadID", blog::attributes::current_thread_id());
        return log;
    }
};

TEST_F(boost_threads, the_thread_is_the_kernels) {
    auto log = with_thread();
    BOOST_LOG(log) << "here";
    EXPECT_EQ(last()["extra"]["thread.id"], static_cast<std::int64_t>(syscall(SYS_gettid)));
    std::int64_t other = 0;
    std::thread([&] {
        auto mine = with_thread();
        BOOST_LOG(mine) << "there";
        other = syscall(SYS_gettid);
    }).join();
    EXPECT_EQ(last()["extra"]["thread.id"], other);
    EXPECT_EQ(received_with("nothing", 0)["extra"]["thread.id"], static_cast<std::int64_t>(syscall(SYS_gettid)));
    EXPECT_EQ(stats().async_hops, 0u);
    EXPECT_FALSE(last()["extra"].contains("ThreadID"));
}

TEST_F(boost_threads, a_number_of_the_programs_own_is_believed) {
    EXPECT_EQ(received_with("ThreadID", 17)["extra"]["thread.id"], 17);
    EXPECT_EQ(received_with("ThreadID", std::string("main"))["extra"]["ThreadID"], "main");
}

// Boost's queue is in its library, where ThreadSanitizer does not look.
#ifndef __SANITIZE_THREAD__
TEST_F(boost_threads, an_asynchronous_frontend_is_noticed_counted_and_said_once) {
    using frontend = blog::sinks::asynchronous_sink<boost_log_backend>;
    blog::core::get()->remove_all_sinks();
    const auto backend = boost::make_shared<boost_log_backend>(quiet({{logsfori()}}));
    const auto queue = boost::make_shared<frontend>(backend);
    blog::core::get()->add_sink(queue);
    auto log = with_thread();
    const scope mine{{"request_id", "r-1"}};
    for (int i = 0; i < 3; ++i) BOOST_LOG(log) << "hop " << kv("n", i);
    ASSERT_TRUE(server.wait_for("logsfori", 3, seconds(30)));
    blog::core::get()->remove_all_sinks();
    queue->stop();
    settled(*backend->get_shipper());
    const auto all = bodies("logsfori");
    ASSERT_EQ(all.size(), 3u);
    for (int i = 0; i < 3; ++i) {
        // The fields of the statement are the record's; those of the scope are the thread's.
        EXPECT_EQ(all[static_cast<std::size_t>(i)]["extra"]["n"], i);
        EXPECT_FALSE(all[static_cast<std::size_t>(i)]["extra"].contains("request_id"));
        EXPECT_NE(all[static_cast<std::size_t>(i)]["extra"]["thread.id"],
                  static_cast<std::int64_t>(syscall(SYS_gettid)));
    }
    EXPECT_EQ(backend->get_shipper()->stats().async_hops, 3u);
    EXPECT_EQ(events(event::kind::notice).size(), 1u);
    backend->get_shipper()->close();
}
#endif

}  // namespace
}  // namespace logferry::test
