// Which types are known, and what is done with their values in each role that an attribute can have.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <boost/log/trivial.hpp>
#include <boost/log/utility/type_dispatch/type_dispatcher.hpp>

#include <logferry/boost_log/ranges.hpp>
#include <logferry/boost_log/record_builder.hpp>

namespace logferry::detail::boost_log {

template <typename... T>
struct types {};

using integers = types<char, signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long,
                       long long, unsigned long long, wchar_t, char16_t, char32_t>;
using other_numbers = types<bool, float, double, long double>;
using texts = types<std::string, std::string_view, boost::log::string_literal, const char*, char*, boost::string_view,
                    boost::string_ref, std::filesystem::path, std::wstring, std::wstring_view,
                    boost::log::wstring_literal, const wchar_t*, boost::wstring_view, std::u16string,
                    std::u16string_view, std::u32string, std::u32string_view>;
using durations =
    types<std::chrono::nanoseconds, std::chrono::microseconds, std::chrono::milliseconds, std::chrono::seconds,
          std::chrono::minutes, std::chrono::hours, std::chrono::duration<double>,
          std::chrono::duration<double, std::milli>, boost::chrono::nanoseconds, boost::chrono::microseconds,
          boost::chrono::milliseconds, boost::chrono::seconds, boost::chrono::minutes, boost::chrono::hours,
          boost::chrono::duration<double>, boost::posix_time::time_duration>;
template <typename Duration>
using std_time = std::chrono::time_point<std::chrono::system_clock, Duration>;
template <typename Duration>
using boost_time = boost::chrono::time_point<boost::chrono::system_clock, Duration>;
using time_points = types<std_time<std::chrono::nanoseconds>, std_time<std::chrono::microseconds>,
                          std_time<std::chrono::milliseconds>, std_time<std::chrono::seconds>,
                          boost::chrono::system_clock::time_point, boost_time<boost::chrono::microseconds>,
                          boost_time<boost::chrono::milliseconds>, boost_time<boost::chrono::seconds>>;
using calendar = types<boost::posix_time::ptime, boost::posix_time::time_period, boost::gregorian::date>;
using identifiers = types<boost::log::process_id, boost::log::thread_id, std::thread::id, boost::uuids::uuid, in_addr,
                          in6_addr, sockaddr_in, sockaddr_in6>;
using others = types<boost::log::attributes::named_scope_list, std::error_code, boost::system::error_code,
                     boost_log_json, boost::log::trivial::severity_level>;
using elements = types<bool, char, signed char, unsigned char, short, unsigned short, int, unsigned, long,
                       unsigned long, long long, unsigned long long, float, double, std::string, std::string_view>;
using common = types<bool, int, unsigned, long, unsigned long, long long, unsigned long long, double, std::string>;

// What a role does with a value. Types that a role does not know become fields.

struct into_field {
    template <typename T>
    static void take(record_builder& to, const T& v) {
        if constexpr (is_plain_value<T>) {
            to.add_made([&] { return as_value(v, to.context()); });
        } else if (const auto one = any_value(v, to.context())) {
            to.add(*one);
        }
    }
};

struct into_message {
    template <typename Text>
    static void take(record_builder& to, const Text& text) {
        to.set_message(as_value(text, to.context()).text());
    }
};

struct into_channel {
    template <typename Text>
    static void take(record_builder& to, const Text& text) {
        to.set_logger(as_value(text, to.context()).text());
    }
};

/// Numbers count as Boost's trivial levels do; words are looked at when nothing else has told the level.
struct into_severity {
    template <typename T>
    static void take(record_builder& to, const T& v) {
        if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
            // Both count six levels, in the same order.
            static_assert(static_cast<int>(boost::log::trivial::fatal) == static_cast<int>(level::critical));
            const auto n = static_cast<long long>(v);
            if (n >= 0 && n < static_cast<long long>(level_count)) to.set_level(static_cast<level>(n));
        } else {
            to.set_severity_word(as_value(v, to.context()).text());
        }
    }
};

struct into_time {
    static void take(record_builder& to, const boost::posix_time::ptime& time) {
        const auto clock = to.context().clock;
        if (!time.is_special()) to.set_time(utc_of(ns_of(time), clock, about_now_ns()));
    }
    template <typename TimePoint>
    static void take(record_builder& to, const TimePoint& time) {
        if (const auto ns = ns_of_time_point(time)) to.set_time(*ns);
    }
};

struct into_thread {
    static void take(record_builder& to, const boost::log::thread_id& id) noexcept {
        if (id == boost::log::aux::this_thread::get_id()) return;
        to.set_other_thread(static_cast<std::uint64_t>(id.native_id()));
    }
    template <typename Integer>
    static void take(record_builder& to, const Integer& id) noexcept {
        to.set_thread(static_cast<std::uint64_t>(id));
    }
};

struct into_scope {
    static void take(record_builder& to, const boost::log::attributes::named_scope_list& scopes) {
        if (scopes.empty()) return;
        to.set_scope(scopes.back());
        to.add(as_value(scopes, to.context()));
    }
};

// Where two attributes tell the same part of the place, the second is a field.

template <std::string_view source_location::*Part>
struct into_place {
    template <typename Text>
    static void take(record_builder& to, const Text& text) {
        const auto v = as_value(text, to.context());
        if ((to.source().*Part).empty()) {
            to.source().*Part = v.text();
        } else {
            to.add(v);
        }
    }
};

struct into_line {
    template <typename Integer>
    static void take(record_builder& to, const Integer& line) {
        const auto n = static_cast<long long>(line);
        if (to.source().line == 0 && n > 0 && n <= std::numeric_limits<std::uint32_t>::max()) {
            to.source().line = static_cast<std::uint32_t>(n);
        } else {
            to.add(value(line));
        }
    }
};

template <typename T>
[[nodiscard]] type_reader reader_for(void (*trampoline)(void*, const T&), std::shared_ptr<const void> callable = {}) {
    static_assert(sizeof trampoline == sizeof(void*));
    return {boost::typeindex::type_id<T>(), reinterpret_cast<void*>(trampoline), std::move(callable)};
}

using reader_list = std::vector<type_reader>;

template <typename Into, typename T>
void take_for(void* builder, const T& v) {
    Into::take(*static_cast<record_builder*>(builder), v);
}

template <typename Into, typename... T>
void add_readers(reader_list& to, types<T...>) {
    (to.push_back(reader_for<T>(&take_for<Into, T>)), ...);
}

template <typename... T>
void add_containers(reader_list& to, types<T...>) {
    add_readers<into_field>(to, types<std::vector<T>...>{});
}

template <typename... T>
void add_common_containers(reader_list& to, types<T...>) {
    add_readers<into_field>(to, types<std::set<T>...>{});
    add_readers<into_field>(to, types<std::optional<T>...>{});
    add_readers<into_field>(to, types<boost::optional<T>...>{});
}

/// What is known without being registered, by role. Made once for each sink.
[[nodiscard]] inline std::array<reader_list, role_count> known_readers() {
    std::array<reader_list, role_count> all;
    const auto of = [&all](role r) -> reader_list& { return all[static_cast<std::size_t>(r)]; };

    auto& fields = of(role::field);
    add_readers<into_field>(fields, integers{});
    add_readers<into_field>(fields, other_numbers{});
    add_readers<into_field>(fields, texts{});
    add_readers<into_field>(fields, durations{});
    add_readers<into_field>(fields, time_points{});
    add_readers<into_field>(fields, calendar{});
    add_readers<into_field>(fields, identifiers{});
    add_readers<into_field>(fields, others{});
    add_containers(fields, elements{});
    add_common_containers(fields, common{});

    add_readers<into_message>(of(role::message), texts{});
    add_readers<into_severity>(of(role::severity), types<boost::log::trivial::severity_level>{});
    add_readers<into_severity>(of(role::severity), integers{});
    add_readers<into_severity>(of(role::severity), texts{});
    add_readers<into_channel>(of(role::channel), texts{});
    add_readers<into_time>(of(role::time_stamp), types<boost::posix_time::ptime>{});
    add_readers<into_time>(of(role::time_stamp), time_points{});
    add_readers<into_thread>(of(role::thread), types<boost::log::thread_id>{});
    add_readers<into_thread>(of(role::thread), integers{});
    add_readers<into_scope>(of(role::scope), types<boost::log::attributes::named_scope_list>{});
    add_readers<into_place<&source_location::file>>(of(role::file), texts{});
    add_readers<into_line>(of(role::line), integers{});
    add_readers<into_place<&source_location::function>>(of(role::function), texts{});
    return all;
}

}  // namespace logferry::detail::boost_log
