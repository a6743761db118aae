#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include <text/json_writer.hpp>
#include <text/scan.hpp>
#include <text/utf8.hpp>

namespace logferry::text {
namespace {

void append_escaped_ascii(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '\0':
            return;
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    const char escape[] = {'\\', 'u', '0', '0', hex[static_cast<unsigned char>(c) >> 4], hex[c & 0x0F]};
    out.append(escape, sizeof escape);
}

/// The first place from `p` on that cannot be copied as it is, with what stands there.
struct obstacle {
    const char* at;
    sequence what;
};

obstacle find_obstacle(const char* p, const char* end) noexcept {
    while ((p = skip<plain_in_json>(p, end)) != end) {
        while (p != end && static_cast<unsigned char>(*p) >= 0x80) {
            const sequence s = read_sequence(p, end);
            if (!s.well_formed || is_line_separator(p, s)) return {p, s};
            p += s.length;
        }
        if (p != end && plain_in_json::stops_at(static_cast<unsigned char>(*p))) return {p, {1, true}};
    }
    return {end, {0, true}};
}

template <typename Integer>
void append_integer(std::string& out, Integer number, bool quoted) {
    char digits[std::numeric_limits<Integer>::digits10 + 5];
    char* p = digits;
    if (quoted) *p++ = '"';
    p = std::to_chars(p, std::end(digits) - 1, number).ptr;
    if (quoted) *p++ = '"';
    out.append(digits, static_cast<std::size_t>(p - digits));
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view in) {
    const char* p = in.data();
    const char* const end = p + in.size();
    while (p != end) {
        const obstacle found = find_obstacle(p, end);
        out.append(p, static_cast<std::size_t>(found.at - p));
        if (found.at == end) return;
        if (!found.what.well_formed) {
            out += replacement_character;
        } else if (found.what.length == 1) {
            append_escaped_ascii(out, *found.at);
        } else {
            out += found.at[2] == '\xA8' ? "\\u2028" : "\\u2029";
        }
        p = found.at + found.what.length;
    }
}

void append_json_string(std::string& out, std::string_view in) {
    out += '"';
    append_json_escaped(out, in);
    out += '"';
}

void append_json_double(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "\"NaN\"";
    } else if (std::isinf(number)) {
        out += number < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
        char digits[32];  // the longest is like -2.2250738585072014e-308
        // Written out, what is past the safe integers would look like an integer of which every digit counts.
        const bool is_big = std::abs(number) > static_cast<double>(largest_safe_integer);
        const char* const end = is_big
                                    ? std::to_chars(digits, std::end(digits), number, std::chars_format::scientific).ptr
                                    : std::to_chars(digits, std::end(digits), number).ptr;
        out.append(digits, static_cast<std::size_t>(end - digits));
    }
}

void append_json_int(std::string& out, std::int64_t number, big_integers big) {
    const bool is_big = number > largest_safe_integer || number < -largest_safe_integer;
    append_integer(out, number, is_big && big == big_integers::as_strings);
}

void append_json_uint(std::string& out, std::uint64_t number, big_integers big) {
    const bool is_big = number > static_cast<std::uint64_t>(largest_safe_integer);
    append_integer(out, number, is_big && big == big_integers::as_strings);
}

void json_writer::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

json_writer& json_writer::open_object() {
    separate();
    out_ += '{';
    comma_ = false;
    return *this;
}

json_writer& json_writer::close_object() {
    out_ += '}';
    comma_ = true;
    return *this;
}

json_writer& json_writer::open_array() {
    separate();
    out_ += '[';
    comma_ = false;
    return *this;
}

json_writer& json_writer::close_array() {
    out_ += ']';
    comma_ = true;
    return *this;
}

json_writer& json_writer::key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    comma_ = false;
    return *this;
}

json_writer& json_writer::string(std::string_view text) {
    append_json_string(value(), text);
    return *this;
}

json_writer& json_writer::boolean(bool truth) {
    value() += truth ? "true" : "false";
    return *this;
}

json_writer& json_writer::number(double n) {
    append_json_double(value(), n);
    return *this;
}

json_writer& json_writer::null() {
    value() += "null";
    return *this;
}

json_writer& json_writer::raw(std::string_view json) {
    value() += json;
    return *this;
}

std::string& json_writer::value() {
    separate();
    return out_;
}

}  // namespace logferry::text
