#include <vendors/free_form.hpp>

#include <algorithm>
#include <array>

#include <text/time.hpp>

namespace logferry::vendors {
namespace {

constexpr std::string_view prefix = "field.";
constexpr std::array<std::string_view, 11> properties = {"level",
                                                         "logger",
                                                         "ts",
                                                         "thread.id",
                                                         "code.file.path",
                                                         "code.line.number",
                                                         "code.function.name",
                                                         "service.name",
                                                         "service.version",
                                                         "deployment.environment.name",
                                                         "record_id"};

constexpr std::uint64_t bit_of_length(std::string_view name) { return std::uint64_t{1} << name.size(); }

/// One bit for each length that a property's name has: most keys differ in length already.
constexpr std::uint64_t lengths = [] {
    std::uint64_t bits = 0;
    for (const auto name : properties) bits |= bit_of_length(name);
    return bits;
}();

std::string& scratch() {
    thread_local std::string text;
    text.clear();
    return text;
}

/// Writes 16 hexadecimal digits.
void write_hex(char* to, std::uint64_t number) noexcept {
    for (int shift = 60; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[number >> shift & 15U];
}

}  // namespace

bool is_property_name(std::string_view key) noexcept {
    while (key.starts_with(prefix)) key.remove_prefix(prefix.size());
    if (key.size() >= 64 || (lengths & bit_of_length(key)) == 0) return false;
    return std::find(properties.begin(), properties.end(), key) != properties.end();
}

namespace detail {

std::string_view time_text(std::int64_t time_ns) {
    auto& out = scratch();
    text::append_rfc3339(out, time_ns, 9);
    return out;
}

std::string_view id_text(const record_id& id) {
    auto& out = scratch();
    std::array<char, 32> digits;
    write_hex(digits.data(), id.journal);
    write_hex(digits.data() + 16, id.position);
    return out.assign(digits.data(), digits.size());
}

std::string_view renamed(std::string_view key) {
    auto& out = scratch();
    out += prefix;
    out += key;
    return out;
}

}  // namespace detail
}  // namespace logferry::vendors
