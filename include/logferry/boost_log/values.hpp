// What a C++ value is as a value of a record: `as_value` for each type that an attribute may have.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <ratio>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include <boost/chrono/duration.hpp>
#include <boost/chrono/system_clocks.hpp>
#include <boost/log/attributes/current_process_id.hpp>
#include <boost/log/attributes/current_thread_id.hpp>
#include <boost/log/attributes/named_scope.hpp>
#include <boost/log/utility/formatting_ostream.hpp>
#include <boost/log/utility/string_literal.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>
#include <boost/utility/string_ref.hpp>
#include <boost/utility/string_view.hpp>
#include <boost/uuid/uuid.hpp>

#include <logferry/boost_log/scratch.hpp>
#include <logferry/boost_log/text.hpp>
#include <logferry/boost_log/times.hpp>
#include <logferry/record.hpp>

namespace logferry {

/// An attribute's value that is JSON already; `kv` makes it of `value::json`.
struct boost_log_json {
    std::string text;
    template <typename Char, typename Traits>
    friend std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out,
                                                        const boost_log_json& json) {
        return out << json.text.c_str();
    }
};

namespace detail::boost_log {

/// Where texts are made, and what a `ptime` without a zone means.
struct value_context {
    scratch& memory;
    boost_log_clock clock;
};

template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>>
value as_value(T number, const value_context&) noexcept {
    return value(number);
}

// Text. Views of it are the attribute's own bytes.

/// For exactly that type: where something else is converted to it, a view would be of a temporary.
template <typename T, typename Exactly>
using only = std::enable_if_t<std::is_same_v<T, Exactly>, int>;

/// Also of what converts to it without being made: strings with other allocators, say.
inline value as_value(std::string_view text, const value_context&) noexcept { return value(text); }
inline value as_value(const char* text, const value_context&) noexcept { return value(text); }
template <typename T, only<T, std::string> = 0>
value as_value(const T& text, const value_context&) noexcept {
    return value(text);
}
template <typename T,
          std::enable_if_t<std::is_same_v<T, boost::string_view> || std::is_same_v<T, boost::string_ref>, int> = 0>
value as_value(T text, const value_context&) noexcept {
    return value(std::string_view(text.data(), text.size()));
}
template <typename T, only<T, boost::log::string_literal> = 0>
value as_value(const T& text, const value_context&) noexcept {
    return value(std::string_view(text.c_str(), text.size()));
}
template <typename T, only<T, std::filesystem::path> = 0>
value as_value(const T& path, const value_context&) noexcept {
    return value(path.native());
}
template <typename T, only<T, boost_log_json> = 0>
value as_value(const T& json, const value_context&) noexcept {
    return value::json(json.text);
}

template <typename Char>
value as_value(std::basic_string_view<Char> wide, const value_context& context) {
    if constexpr (sizeof(Char) == 1) {
        return value(std::string_view(reinterpret_cast<const char*>(wide.data()), wide.size()));
    } else {
        return value(utf8_of(wide, context.memory));
    }
}
template <typename Char, typename = std::enable_if_t<!std::is_same_v<Char, char>>>
value as_value(const std::basic_string<Char>& wide, const value_context& context) {
    return as_value(std::basic_string_view<Char>(wide), context);
}
inline value as_value(const wchar_t* wide, const value_context& context) {
    return wide ? as_value(std::wstring_view(wide), context) : value(static_cast<const char*>(nullptr));
}
inline value as_value(const boost::log::wstring_literal& wide, const value_context& context) {
    return as_value(std::wstring_view(wide.c_str(), wide.size()), context);
}
inline value as_value(boost::wstring_view wide, const value_context& context) {
    return as_value(std::wstring_view(wide.data(), wide.size()), context);
}

// Durations: milliseconds, whole if they are.

template <typename Rep, std::intmax_t Num, std::intmax_t Den>
value milliseconds_of(Rep count) noexcept {
    using per_millisecond = std::ratio_divide<std::ratio<Num, Den>, std::milli>;
    if constexpr (std::is_integral_v<Rep>) {
        std::int64_t whole = 0;
        const bool fits = std::is_signed_v<Rep> || static_cast<std::uint64_t>(count) <= INT64_MAX;
        const auto n = static_cast<std::int64_t>(count);
        if (fits && n % per_millisecond::den == 0 &&
            !__builtin_mul_overflow(n / per_millisecond::den, per_millisecond::num, &whole)) {
            return value(whole);
        }
    }
    // Divided last, for 9/1000 is exact to the last bit and 9 * 0.001 is not.
    return value(static_cast<double>(count) * static_cast<double>(per_millisecond::num) / per_millisecond::den);
}
template <typename Rep, typename Period>
value as_value(const std::chrono::duration<Rep, Period>& time, const value_context&) noexcept {
    return milliseconds_of<Rep, Period::num, Period::den>(time.count());
}
template <typename Rep, typename Period>
value as_value(const boost::chrono::duration<Rep, Period>& time, const value_context&) noexcept {
    return milliseconds_of<Rep, Period::num, Period::den>(time.count());
}
inline value as_value(const boost::posix_time::time_duration& time, const value_context&) {
    if (time.is_special()) {
        return value(word_for(time.is_neg_infinity()   ? boost::date_time::neg_infin
                              : time.is_pos_infinity() ? boost::date_time::pos_infin
                                                       : boost::date_time::not_a_date_time));
    }
    using resolution = boost::posix_time::time_duration;
    return milliseconds_of<std::int64_t, 1, resolution::ticks_per_second()>(time.ticks());
}

// Times: RFC 3339.

template <typename Append>
value made_text(const value_context& context, Append append) {
    growing_text out(context.memory);
    append(out);
    return value(out.finish());
}
/// Nothing: it lies beyond what nanoseconds can express, which is 1678 to 2262.
template <typename TimePoint>
std::optional<std::int64_t> ns_of_time_point(const TimePoint& time) noexcept {
    using period = std::ratio_divide<std::ratio<TimePoint::period::num, TimePoint::period::den>, std::nano>;
    static_assert(period::den == 1, "finer than nanoseconds");
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(time.time_since_epoch().count(), period::num, &ns)) return std::nullopt;
    return ns;
}
/// Seconds since 1970 and the nanoseconds beyond them: nanoseconds alone reach from 1678 to 2262 only. Throws
/// `std::out_of_range`.
template <typename TimePoint>
std::pair<std::int64_t, std::int64_t> seconds_of(const TimePoint& time) {
    using seconds = std::ratio<TimePoint::period::num, TimePoint::period::den>;
    const auto count = time.time_since_epoch().count();
    if constexpr (std::is_floating_point_v<std::decay_t<decltype(count)>>) {
        const auto all = static_cast<double>(count) * static_cast<double>(seconds::num) / seconds::den;
        check_year(all);
        const auto whole = static_cast<std::int64_t>(std::floor(all));
        const auto ns = static_cast<std::int64_t>((all - std::floor(all)) * static_cast<double>(second_ns));
        return {whole, std::min(ns, second_ns - 1)};
    } else {
        check_year(static_cast<double>(count) * static_cast<double>(seconds::num) / seconds::den);
        const auto n = static_cast<std::int64_t>(count);
        const auto whole = seconds::den == 1 ? n * seconds::num : floor_div(n, seconds::den);
        return {whole, seconds::den == 1 ? 0 : (n - whole * seconds::den) * (second_ns / seconds::den)};
    }
}
template <typename TimePoint>
value time_point_text(const TimePoint& time, const value_context& context) {
    const auto [second, nanosecond] = seconds_of(time);
    return made_text(context, [&out_second = second, &out_ns = nanosecond](growing_text& out) {
        append_time(out, out_second, out_ns);
        out.append('Z');
    });
}
template <typename Duration>
value as_value(const std::chrono::time_point<std::chrono::system_clock, Duration>& time, const value_context& context) {
    return time_point_text(time, context);
}
template <typename Duration>
value as_value(const boost::chrono::time_point<boost::chrono::system_clock, Duration>& time,
               const value_context& context) {
    return time_point_text(time, context);
}
/// With a zone only where it is known: as UTC for the clocks `utc` and `local`.
inline value as_value(const boost::posix_time::ptime& time, const value_context& context) {
    if (time.is_special() || context.clock == boost_log_clock::automatic) {
        return made_text(context, [&](growing_text& out) { append_time(out, time); });
    }
    const auto ns = utc_of(ns_of(time), context.clock, about_now_ns());
    return made_text(context, [&](growing_text& out) {
        append_time(out, floor_div(ns, second_ns), ns - floor_div(ns, second_ns) * second_ns);
        out.append('Z');
    });
}
inline value as_value(const boost::gregorian::date& date, const value_context& context) {
    return made_text(context, [&](growing_text& out) { append_time(out, date); });
}
/// ISO 8601: begin and end with a slash between; the end is not part of it.
inline value as_value(const boost::posix_time::time_period& period, const value_context& context) {
    return made_text(context, [&](growing_text& out) {
        append_time(out, period.begin());
        out.append('/');
        append_time(out, period.end());
    });
}

// Identifiers and addresses.

inline value as_value(const boost::log::process_id& id, const value_context&) noexcept { return value(id.native_id()); }
inline value as_value(const boost::log::thread_id& id, const value_context&) noexcept { return value(id.native_id()); }

inline value as_value(const boost::uuids::uuid& id, const value_context& context) {
    return made_text(context, [&](growing_text& out) {
        std::size_t i = 0;
        for (const auto byte : id) {
            if (i == 4 || i == 6 || i == 8 || i == 10) out.append('-');
            for (const auto digit : {byte >> 4 & 15, byte & 15}) out.append("0123456789abcdef"[digit]);
            ++i;
        }
    });
}

inline void append_address(growing_text& out, int family, const void* address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (::inet_ntop(family, address, text, sizeof text) != nullptr) out.append(text);
}
inline value as_value(const in_addr& address, const value_context& context) {
    return made_text(context, [&](growing_text& out) { append_address(out, AF_INET, &address); });
}
inline value as_value(const in6_addr& address, const value_context& context) {
    return made_text(context, [&](growing_text& out) { append_address(out, AF_INET6, &address); });
}
inline value as_value(const sockaddr_in& address, const value_context& context) {
    return made_text(context, [&](growing_text& out) {
        append_address(out, AF_INET, &address.sin_addr);
        out.append(':');
        out.append_number(ntohs(address.sin_port));
    });
}
inline value as_value(const sockaddr_in6& address, const value_context& context) {
    return made_text(context, [&](growing_text& out) {
        out.append('[');
        append_address(out, AF_INET6, &address.sin6_addr);
        out.append("]:");
        out.append_number(ntohs(address.sin6_port));
    });
}

// Errors: the message, and in brackets what a program compares.

template <typename ErrorCode>
value error_text(const ErrorCode& error, const value_context& context) {
    const auto message = error.message();
    return made_text(context, [&](growing_text& out) {
        out.append(message);
        out.append(" (");
        out.append(error.category().name());
        out.append(':');
        out.append_number(error.value());
        out.append(')');
    });
}
inline value as_value(const std::error_code& error, const value_context& context) { return error_text(error, context); }
inline value as_value(const boost::system::error_code& error, const value_context& context) {
    return error_text(error, context);
}

}  // namespace detail::boost_log
}  // namespace logferry
