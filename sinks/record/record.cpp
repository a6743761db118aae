#include <logferry/record.hpp>

#include <charconv>

namespace logferry {

namespace {

void append_hex(std::string& out, std::uint64_t number) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
    out.append(sizeof digits - static_cast<std::size_t>(end - digits), '0');
    out.append(digits, end);
}

}  // namespace

std::string record_id::to_string() const {
    std::string text;
    text.reserve(32);
    append_hex(text, journal);
    append_hex(text, position);
    return text;
}

}  // namespace logferry
