#include "iso_time.hpp"

namespace logferry::emulation {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads from the front of a text; after one failure all that follows fails too.
class scanner {
public:
    explicit scanner(std::string_view text) : rest_(text) {}

    int number(std::size_t digits, int least, int most) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_.empty() || !is_digit(rest_.front())) return fail();
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value >= least && value <= most ? value : fail();
    }

    void expect(char c) {
        if (!skip(c)) fail();
    }

    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void decimals() {
        const auto count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (count < 1 || count > 9) fail();
        rest_.remove_prefix(count);
    }

    [[nodiscard]] bool finished() const { return good_ && rest_.empty(); }

private:
    int fail() {
        good_ = false;
        return 0;
    }

    std::string_view rest_;
    bool good_ = true;
};

std::chrono::seconds read_offset(scanner& in) {
    if (in.skip('Z')) return std::chrono::seconds(0);
    const int sign = in.skip('-') ? -1 : 1;
    if (sign > 0) in.expect('+');
    const std::chrono::hours hours(in.number(2, 0, 23));
    in.expect(':');
    return sign * (hours + std::chrono::minutes(in.number(2, 0, 59)));
}

}  // namespace

std::optional<std::chrono::sys_seconds> read_iso_time(std::string_view text) {
    using namespace std::chrono;
    scanner in(text);
    const year y(in.number(4, 0, 9999));
    in.expect('-');
    const month m(static_cast<unsigned>(in.number(2, 1, 12)));
    in.expect('-');
    const year_month_day date(y, m, day(static_cast<unsigned>(in.number(2, 1, 31))));
    in.expect('T');
    const hours h(in.number(2, 0, 23));
    in.expect(':');
    const minutes min(in.number(2, 0, 59));
    in.expect(':');
    const seconds s(in.number(2, 0, 59));
    if (in.skip('.')) in.decimals();
    const auto offset = read_offset(in);
    if (!in.finished() || !date.ok()) return std::nullopt;
    return sys_days(date) + h + min + s - offset;
}

}  // namespace logferry::emulation
