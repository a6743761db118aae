#include "unicode.hpp"

namespace logferry::emulation {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// ECMAScript's WhiteSpace and LineTerminator.
bool js_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

}  // namespace

char32_t take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    if (lead < 0x80) return lead;
    const unsigned payload = lead >= 0xF0 ? 0x07U : lead >= 0xE0 ? 0x0FU : 0x1FU;
    char32_t code = lead & payload;
    while (!text.empty() && continues(text.front())) {
        code = (code << 6U) | (static_cast<unsigned char>(text.front()) & 0x3FU);
        text.remove_prefix(1);
    }
    return code;
}

std::size_t utf16_units(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        if (!continues(c)) units += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
    }
    return units;
}

std::string_view js_trim(std::string_view text) {
    for (auto rest = text; !rest.empty();) {
        if (!js_space(take_code_point(rest))) break;
        text = rest;
    }
    while (!text.empty()) {
        auto last = text.size() - 1;
        while (last > 0 && continues(text[last])) --last;
        auto tail = text.substr(last);
        if (!js_space(take_code_point(tail))) break;
        text.remove_suffix(text.size() - last);
    }
    return text;
}

}  // namespace logferry::emulation
