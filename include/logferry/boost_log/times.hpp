// Time stamps: what Boost's clocks mean, and times as text.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <boost/date_time/gregorian/gregorian_types.hpp>
#include <boost/date_time/posix_time/posix_time_types.hpp>

#include <logferry/boost_log/scratch.hpp>

namespace logferry {

/// Whose time a `posix_time::ptime` is: Boost.Log's `utc_clock` and `local_clock` make values that look the same.
enum class boost_log_clock {
    automatic,  ///< UTC if that is about now, else local time
    utc,
    local,
};

namespace detail::boost_log {

inline constexpr std::int64_t second_ns = 1'000'000'000;
inline constexpr std::int64_t quarter_hour_s = 15 * 60;

/// Rounds towards the past, also before the epoch.
constexpr std::int64_t floor_div(std::int64_t n, std::int64_t by) noexcept { return n / by - (n % by < 0 ? 1 : 0); }

/// Now, as exact as the kernel's tick, and cheaper than the exact time.
inline std::int64_t about_now_ns() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * second_ns + now.tv_nsec;
}

/// The zone's offset from UTC at one time. The C library takes a lock to answer, so an answer is kept for its quarter
/// of an hour, and zones change at no other times.
class zone_offset {
public:
    [[nodiscard]] std::int64_t at(std::int64_t utc_s) noexcept {
        const auto quarter = floor_div(utc_s, quarter_hour_s);
        if (quarter != quarter_) {
            const auto time = static_cast<time_t>(utc_s);
            tm local{};
            offset_s_ = ::localtime_r(&time, &local) != nullptr ? local.tm_gmtoff : 0;
            quarter_ = quarter;
        }
        return offset_s_;
    }

private:
    std::int64_t quarter_ = INT64_MIN;
    std::int64_t offset_s_ = 0;
};

/// How far a time is from now. Records come from the past: one from the future, but for clocks that differ a little, is
/// farther than any other.
inline std::int64_t distance(std::int64_t time_ns, std::int64_t now_ns) noexcept {
    constexpr std::int64_t little = 5 * second_ns;
    return time_ns <= now_ns + little ? std::llabs(now_ns - time_ns) : INT64_MAX / 2 + (time_ns - now_ns) / 2;
}

/// A local time as UTC. Around a change of the zone's offset there may be two, and it is the nearer to now.
inline std::int64_t utc_of_local(std::int64_t local_ns, std::int64_t now_ns) noexcept {
    constexpr std::int64_t around_s = 3 * 3600;
    static thread_local zone_offset at_present;
    static thread_local zone_offset then;
    static thread_local zone_offset before;
    static thread_local zone_offset after;
    const auto guess = floor_div(local_ns, second_ns) - at_present.at(floor_div(now_ns, second_ns));
    const std::int64_t offsets[] = {then.at(guess), before.at(guess - around_s), after.at(guess + around_s)};
    auto best = local_ns - offsets[0] * second_ns;
    if (offsets[0] == offsets[1] && offsets[0] == offsets[2]) return best;
    bool any = false;
    for (const auto offset : offsets) {
        const auto time_ns = local_ns - offset * second_ns;
        // Only where the zone has that offset at that time.
        if (then.at(floor_div(time_ns, second_ns)) != offset) continue;
        if (!any || distance(time_ns, now_ns) < distance(best, now_ns)) best = time_ns;
        any = true;
    }
    return best;
}

/// What a clock's time, taken for UTC, means in UTC. Offsets are multiples of a quarter of an hour, so what lies within
/// half of that around now is UTC; what does not, and may have waited in a queue, is what is nearer to now.
inline std::int64_t utc_of(std::int64_t clock_ns, boost_log_clock clock, std::int64_t now_ns) noexcept {
    if (clock == boost_log_clock::utc) return clock_ns;
    const bool is_now = std::llabs(clock_ns - now_ns) <= quarter_hour_s * second_ns / 2;
    if (clock == boost_log_clock::automatic && is_now) return clock_ns;
    const auto as_local = utc_of_local(clock_ns, now_ns);
    const bool is_utc = distance(clock_ns, now_ns) <= distance(as_local, now_ns);
    return clock == boost_log_clock::automatic && is_utc ? clock_ns : as_local;
}

/// Nanoseconds since 1970 of a time that is not special. What they cannot express becomes the first or the last year
/// that they can.
inline std::int64_t ns_of(const boost::posix_time::ptime& time) {
    static const boost::posix_time::ptime epoch(boost::gregorian::date(1970, 1, 1));
    constexpr std::int64_t farthest = INT64_MAX / 2;
    const auto tick_ns = second_ns / boost::posix_time::time_duration::ticks_per_second();
    return std::clamp((time - epoch).ticks(), -farthest / tick_ns, farthest / tick_ns) * tick_ns;
}

inline std::string_view word_for(boost::date_time::special_values special) noexcept {
    switch (special) {
        case boost::date_time::neg_infin:
            return "-infinity";
        case boost::date_time::pos_infin:
            return "+infinity";
        default:
            return "not-a-date-time";
    }
}

inline void append_digits(growing_text& out, std::int64_t number, int width) {
    char digits[20];
    for (int i = width - 1; i >= 0; --i, number /= 10) digits[i] = static_cast<char>('0' + number % 10);
    out.append(std::string_view(digits, static_cast<std::size_t>(width)));
}

inline void append_time(growing_text& out, const boost::gregorian::date::ymd_type& date) {
    append_digits(out, date.year, 4);
    out.append('-');
    append_digits(out, date.month, 2);
    out.append('-');
    append_digits(out, date.day, 2);
}

inline void append_time(growing_text& out, const boost::gregorian::date& date) {
    if (date.is_special()) {
        out.append(word_for(date.as_special()));
    } else {
        append_time(out, date.year_month_day());
    }
}

/// Throws `std::out_of_range` for seconds since 1970 that lie before the year 1400 or after 9999, or are no number:
/// what would be written then is a wrong date.
inline void check_year(double seconds) {
    constexpr double first = -17'987'443'200.0;
    constexpr double behind_last = 253'402'300'800.0;
    if (!(seconds >= first && seconds < behind_last)) throw std::out_of_range("a time beyond the calendar");
}

/// `2026-03-01T12:00:00.25`: RFC 3339 but for the zone, with as many digits of a second as count.
/// Throws `std::out_of_range` for years before 1400 and after 9999.
inline void append_time(growing_text& out, std::int64_t second, std::int64_t nanosecond) {
    check_year(static_cast<double>(second));
    constexpr std::int64_t seconds_of_day = 86'400;
    const auto day = floor_div(second, seconds_of_day);
    const auto of_day = second - day * seconds_of_day;
    constexpr std::int64_t first_of_1970 = 2'440'588;  // as astronomers count days
    const auto day_number = static_cast<std::uint32_t>(day + first_of_1970);
    append_time(out, boost::gregorian::gregorian_calendar::from_day_number(day_number));
    out.append('T');
    append_digits(out, of_day / 3600, 2);
    out.append(':');
    append_digits(out, of_day / 60 % 60, 2);
    out.append(':');
    append_digits(out, of_day % 60, 2);
    if (nanosecond == 0) return;
    int width = 9;
    for (; nanosecond % 10 == 0; nanosecond /= 10) --width;
    out.append('.');
    append_digits(out, nanosecond, width);
}

inline void append_time(growing_text& out, const boost::posix_time::ptime& time) {
    if (time.is_special()) {
        out.append(word_for(time.is_neg_infinity()   ? boost::date_time::neg_infin
                            : time.is_pos_infinity() ? boost::date_time::pos_infin
                                                     : boost::date_time::not_a_date_time));
        return;
    }
    const auto epoch = boost::gregorian::date(1970, 1, 1);
    const auto of_day = time.time_of_day();
    append_time(out, (time.date() - epoch).days() * std::int64_t{86'400} + of_day.total_seconds(),
                of_day.fractional_seconds() * (second_ns / of_day.ticks_per_second()));
}

}  // namespace detail::boost_log
}  // namespace logferry
