#include <config/quantity.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <system_error>

namespace logferry::config {

namespace {

struct unit {
    std::string_view name;
    std::uint64_t worth;
};

// The largest first. Of durations, in milliseconds.
constexpr std::array duration_units = {unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"min", 60'000},
                                       unit{"s", 1000}, unit{"ms", 1}};
constexpr std::array size_units = {unit{"GiB", 1 << 30}, unit{"MiB", 1 << 20}, unit{"KiB", 1 << 10}};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view unit_part(std::string_view text) noexcept {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_digit);
    return text.substr(static_cast<std::size_t>(end - text.begin()));
}

/// What is wrong before a unit can be looked for; empty when nothing is.
std::string wrong_number(std::string_view text, std::string_view example) {
    const auto give = "; give a whole number with a unit, such as " + std::string(example);
    if (text.empty()) return "is empty" + give;
    if (text.front() == '-') return "is negative" + give;
    if (!is_digit(text.front())) return "does not begin with a digit" + give;
    const auto rest = unit_part(text);
    if (rest.starts_with('.') || rest.starts_with(',')) return "is not a whole number; use a smaller unit";
    if (rest.starts_with(' ')) return "has a blank before its unit; remove it";
    return {};
}

/// Nothing when it is more than `most`.
std::variant<std::uint64_t, std::monostate> product(std::string_view text, const unit& in, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto* const end = text.data() + (text.size() - in.name.size());
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || number > most / in.worth) return std::monostate();
    return number * in.worth;
}

reading<std::uint64_t> in_units(std::string_view text, std::span<const unit> units, std::uint64_t most,
                                std::string_view unit_remedy, std::string_view too_much) {
    const auto name = unit_part(text);
    const auto found = std::find_if(units.begin(), units.end(), [name](const unit& u) { return u.name == name; });
    if (found == units.end()) {
        return complaint{(name.empty() ? "has no unit; " : "has a unit that is not known; ") +
                         std::string(unit_remedy)};
    }
    const auto worth = product(text, *found, most);
    if (const auto* const value = std::get_if<std::uint64_t>(&worth)) return *value;
    return complaint{std::string(too_much)};
}

/// REQUIRES: it is not 0, and a multiple of the smallest unit.
std::string in_largest_unit(std::uint64_t value, std::span<const unit> units) {
    const auto found =
        std::find_if(units.begin(), units.end(), [value](const unit& u) { return value % u.worth == 0; });
    return std::to_string(value / found->worth) + std::string(found->name);
}

}  // namespace

reading<std::chrono::milliseconds> duration_from(std::string_view text) {
    if (auto wrong = wrong_number(text, "5s"); !wrong.empty()) return complaint{std::move(wrong)};
    auto counted = in_units(text, duration_units, static_cast<std::uint64_t>(longest_duration.count()),
                            "write ms, s, min, h or d behind the number", "is longer than 3650d; choose less");
    if (auto* const wrong = std::get_if<complaint>(&counted)) return std::move(*wrong);
    return std::chrono::milliseconds(std::get<std::uint64_t>(counted));
}

reading<std::uint64_t> size_from(std::string_view text) {
    if (auto wrong = wrong_number(text, "64KiB"); !wrong.empty()) return complaint{std::move(wrong)};
    return in_units(text, size_units, largest_number,
                    "write KiB, MiB or GiB (1024 bytes, 1024 KiB, 1024 MiB) behind the number, or bytes as a number",
                    "is more than any machine has; choose less");
}

std::string to_text(std::chrono::milliseconds duration) {
    const auto count = static_cast<std::uint64_t>(duration.count());
    return count == 0 ? "0s" : in_largest_unit(count, duration_units);
}

std::string size_to_text(std::uint64_t bytes) { return in_largest_unit(bytes, size_units); }

}  // namespace logferry::config
