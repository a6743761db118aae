#include "exchange.hpp"

#include <algorithm>
#include <cstdint>

namespace logferry::emulation {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_without_case(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

const std::string* find_header(const header_list& headers, std::string_view name) {
    const auto found = std::ranges::find_if(headers, [&](const auto& h) { return same_without_case(h.first, name); });
    return found == headers.end() ? nullptr : &found->second;
}

bool declares_json(const request& incoming, compression allowed) {
    const auto* encoding = find_header(incoming.headers, "Content-Encoding");
    if (encoding != nullptr && !(allowed == compression::gzip && *encoding == "gzip")) return false;
    const auto* type = find_header(incoming.headers, "Content-Type");
    if (type == nullptr) return false;
    const std::string_view text = *type;
    const auto semicolon = text.find(';');
    if (!same_without_case(trim(text.substr(0, semicolon)), "application/json")) return false;
    return semicolon == std::string_view::npos || same_without_case(trim(text.substr(semicolon + 1)), "charset=utf-8");
}

bool has_bearer(const request& incoming, std::string_view token) {
    const auto* value = find_header(incoming.headers, "Authorization");
    constexpr std::string_view scheme = "Bearer ";
    return value != nullptr && value->starts_with(scheme) && std::string_view(*value).substr(scheme.size()) == token;
}

std::string fingerprint(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    std::string digits(16, '0');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, hash >>= 4U)
        *digit = "0123456789abcdef"[hash & 15U];
    return digits;
}

}  // namespace logferry::emulation
