#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <text/time.hpp>

namespace logferry::text {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

/// Writes `number`, which is not negative, in exactly `width` digits.
void put_digits(char* at, std::int64_t number, int width) noexcept {
    for (int i = width - 1; i >= 0; --i, number /= 10) at[i] = static_cast<char>('0' + number % 10);
}

constexpr std::array<std::string_view, 7> week_days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Space and tab, which HTTP allows around a value.
std::string_view without_padding(std::string_view text) noexcept {
    constexpr std::string_view padding = " \t";
    const std::size_t first = text.find_first_not_of(padding);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(padding) - first + 1);
}

bool all_digits(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Reads one HTTP date from front to back. The first thing that is not as it must be spoils the whole.
class date_reader {
public:
    explicit date_reader(std::string_view text) noexcept : rest_(text) {}

    /// The time, if all was read and there is such a day and such a time of day.
    std::optional<sys_seconds> result() const noexcept {
        const bool in_day = hour_ < 24 && minute_ < 60 && second_ <= 60;  // 60: a leap second
        if (spoiled_ || !rest_.empty() || !in_day || !date_.ok()) return std::nullopt;
        return sys_days(date_) + std::chrono::hours(hour_) + std::chrono::minutes(minute_) + seconds(second_);
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    void imf_fixdate() noexcept {
        week_day(3);
        expect(", ");
        const int day = number(2);
        expect(" ");
        const int month = month_name();
        expect(" ");
        date_of(number(4), month, day);
        expect(" ");
        time_of_day();
        expect(" GMT");
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    void rfc850(sys_seconds now) noexcept {
        week_day(std::string_view::npos);
        expect(", ");
        const int day = number(2);
        expect("-");
        const int month = month_name();
        expect("-");
        const int year_in_century = number(2);
        expect(" ");
        time_of_day();
        expect(" GMT");
        date_in_century(year_in_century, month, day, now);
    }

    /// `Sun Nov  6 08:49:37 1994`
    void asctime() noexcept {
        week_day(3);
        expect(" ");
        const int month = month_name();
        expect(" ");
        const bool one_digit = rest_.starts_with(' ');
        if (one_digit) expect(" ");
        const int day = number(one_digit ? 1 : 2);
        expect(" ");
        time_of_day();
        expect(" ");
        date_of(number(4), month, day);
    }

private:
    void expect(std::string_view literal) noexcept {
        if (rest_.starts_with(literal)) {
            rest_.remove_prefix(literal.size());
        } else {
            spoiled_ = true;
        }
    }

    int number(std::size_t width) noexcept {
        const std::string_view digits = rest_.substr(0, width);
        if (digits.size() != width || !all_digits(digits)) {
            spoiled_ = true;
            return 0;
        }
        int n = 0;
        for (const char c : digits) n = n * 10 + (c - '0');
        rest_.remove_prefix(width);
        return n;
    }

    /// The name of a day, of which `letters` are written. Which day it is is not checked: the date says it.
    void week_day(std::size_t letters) noexcept {
        for (const std::string_view name : week_days) {
            if (!rest_.starts_with(name.substr(0, letters))) continue;
            rest_.remove_prefix(std::min(letters, name.size()));
            return;
        }
        spoiled_ = true;
    }

    int month_name() noexcept {
        for (std::size_t i = 0; i < months.size(); ++i) {
            if (!rest_.starts_with(months[i])) continue;
            rest_.remove_prefix(months[i].size());
            return static_cast<int>(i) + 1;
        }
        spoiled_ = true;
        return 1;
    }

    void time_of_day() noexcept {
        hour_ = number(2);
        expect(":");
        minute_ = number(2);
        expect(":");
        second_ = number(2);
    }

    void date_of(int year, int month, int day) noexcept { date_ = std::chrono::year(year) / month / day; }

    /// RFC 9110: a time more than 50 years ahead means the last year past with the same two digits.
    void date_in_century(int year_in_century, int month, int day, sys_seconds now) noexcept {
        const year_month_day today(floor<days>(now));
        const sys_seconds horizon = sys_days(today + std::chrono::years(50)) + (now - sys_days(today));
        const auto time_of_day = std::chrono::hours(hour_) + std::chrono::minutes(minute_) + seconds(second_);
        const auto this_year = static_cast<int>(today.year());
        int year = this_year - this_year % 100 + 100 + year_in_century;
        do {
            date_of(year, month, day);
            year -= 100;
        } while (sys_days(date_) + time_of_day > horizon);
    }

    std::string_view rest_;
    year_month_day date_{};
    int hour_ = 0;
    int minute_ = 0;
    int second_ = 0;
    bool spoiled_ = false;
};

/// The largest time that <chrono>'s calendar can name is far beyond any clock; a clock out of its mind is brought near.
sys_seconds sane(std::int64_t epoch_seconds) noexcept {
    constexpr std::int64_t year_9000 = 221845392000;
    return sys_seconds(seconds(std::clamp<std::int64_t>(epoch_seconds, 0, year_9000)));
}

std::optional<std::int64_t> to_epoch(const std::optional<sys_seconds>& time) noexcept {
    if (!time) return std::nullopt;
    return time->time_since_epoch().count();
}

seconds parse_digits(std::string_view digits) noexcept {
    std::int64_t n = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return read.ec == std::errc() ? seconds(n) : seconds::max();
}

}  // namespace

void append_rfc3339(std::string& out, std::int64_t time_ns, int decimals) {
    // By hand, because floor<seconds> overflows at the far end. The fraction counts from the start of the second, so
    // that also before 1970 a cut goes backwards in time.
    constexpr std::int64_t ns_per_second = 1'000'000'000;
    std::int64_t epoch_seconds = time_ns / ns_per_second;
    std::int64_t fraction = time_ns % ns_per_second;
    if (fraction < 0) {
        --epoch_seconds;
        fraction += ns_per_second;
    }
    const sys_seconds second{seconds(epoch_seconds)};
    const sys_days day = floor<days>(second);
    const year_month_day date(day);
    const std::int64_t second_of_day = (second - day).count();

    char text[] = "0000-00-00T00:00:00.000000000Z";
    put_digits(text, static_cast<int>(date.year()), 4);  // an int64 of nanoseconds spans 1677 to 2262
    put_digits(text + 5, static_cast<unsigned>(date.month()), 2);
    put_digits(text + 8, static_cast<unsigned>(date.day()), 2);
    put_digits(text + 11, second_of_day / 3600, 2);
    put_digits(text + 14, second_of_day / 60 % 60, 2);
    put_digits(text + 17, second_of_day % 60, 2);
    put_digits(text + 20, fraction, 9);

    std::size_t length = 19;
    if (decimals > 0) length += 1 + static_cast<std::size_t>(std::min(decimals, 9));
    text[length] = 'Z';
    out.append(text, length + 1);
}

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now_epoch_seconds) noexcept {
    text = without_padding(text);
    date_reader reader(text);
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) {
        reader.asctime();
    } else if (comma == 3) {
        reader.imf_fixdate();
    } else {
        reader.rfc850(sane(now_epoch_seconds));
    }
    return to_epoch(reader.result());
}

std::optional<seconds> parse_retry_after(std::string_view text, std::int64_t now_epoch_seconds) noexcept {
    text = without_padding(text);
    if (all_digits(text)) return parse_digits(text);
    const auto date = parse_http_date(text, now_epoch_seconds);
    if (!date) return std::nullopt;
    if (*date <= now_epoch_seconds) return seconds(0);
    // Unsigned, because a clock far before 1970 would overflow the difference.
    const auto wait = static_cast<std::uint64_t>(*date) - static_cast<std::uint64_t>(now_epoch_seconds);
    constexpr auto longest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return seconds(static_cast<std::int64_t>(std::min(wait, longest)));
}

}  // namespace logferry::text
