#include <vendors/http_clean.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <text/utf8.hpp>
#include <vendors/ip.hpp>
#include <vendors/slot.hpp>

namespace logferry::vendors {
namespace {

constexpr double largest_whole = 9007199254740991.0;  // 2^53 - 1, up to which a double holds every whole number

/// White space of any kind and NUL, which is left out when the text is written, go from both ends.
std::string_view trimmed(std::string_view text) noexcept {
    for (;;) {
        const auto before = text.size();
        text = text::trim(text);
        while (text.starts_with('\0')) text.remove_prefix(1);
        while (text.ends_with('\0')) text.remove_suffix(1);
        if (text.size() == before) return text;
    }
}

/// The string in JSON text, or the first of an array of strings.
std::string_view unpacked(std::string_view json, std::string& scratch) {
    scratch.clear();
    if (!text::valid_json(json)) return json;
    auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (parsed.is_array() && !parsed.empty()) parsed = nlohmann::json(parsed.front());
    if (parsed.is_string()) {
        scratch = parsed.get_ref<const std::string&>();
    } else if (parsed.is_number()) {
        scratch = parsed.dump();
    }
    return scratch;
}

bool stays_in_host(char c) noexcept {
    if (static_cast<unsigned char>(c) >= 0x80) return true;
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_name(std::string_view lower) noexcept {
    const bool empty_label = lower.starts_with('.') || lower.ends_with('.') || lower.find("..") != lower.npos;
    return !empty_label && std::all_of(lower.begin(), lower.end(), stays_in_host);
}

/// What follows a host: nothing, or a colon and digits.
bool is_port(std::string_view rest) noexcept {
    return rest.empty() || (rest[0] == ':' && rest.find_first_not_of("0123456789", 1) == rest.npos);
}

/// The IPv6 address without its zone, which means nothing elsewhere; empty when it is none.
std::string_view ipv6_address(std::string_view text) noexcept {
    text = text.substr(0, text.find('%'));
    return text.find(':') != text.npos && ip_address(text) == text ? text : std::string_view();
}

/// The host of an authority, without brackets and port; empty when that is no host.
std::string_view host_of(std::string_view authority) noexcept {
    if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == authority.npos || !is_port(authority.substr(end + 1))) return {};
        return ipv6_address(authority.substr(1, end - 1));
    }
    const auto colon = authority.find(':');
    if (colon != authority.rfind(':')) return ipv6_address(authority);
    if (colon == authority.npos) return authority;
    return is_port(authority.substr(colon)) ? authority.substr(0, colon) : std::string_view();
}

}  // namespace

std::string_view given(std::string_view text) noexcept {
    text = trimmed(text);
    return text == "-" ? std::string_view() : text;
}

std::string_view written(const value& v, std::string& scratch) {
    std::string_view text = v.text();
    if (v.type() == value::kind::json) {
        text = unpacked(text, scratch);
    } else if (v.type() != value::kind::string) {
        scratch.clear();
        append_plain(scratch, v);
        text = scratch;
    }
    return trimmed(text);
}

std::string_view http_text(const value& v, std::string& scratch) { return given(written(v, scratch)); }

std::optional<double> http_number(const value& v, std::string& scratch) {
    double number = 0;
    switch (v.type()) {
        case value::kind::int64:
            return static_cast<double>(v.int64());
        case value::kind::uint64:
            return static_cast<double>(v.uint64());
        case value::kind::float64:
            number = v.float64();
            break;
        case value::kind::boolean:
            return std::nullopt;
        case value::kind::string:
        case value::kind::json: {
            const auto text = written(v, scratch);
            const auto* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, number);
            if (error != std::errc() || stop != end) return std::nullopt;
        }
    }
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<std::uint64_t> whole_number(double number) noexcept {
    const double rounded = std::round(number);
    if (!(number >= 0) || rounded > largest_whole) return std::nullopt;
    return static_cast<std::uint64_t>(rounded);
}

bool is_token(std::string_view text) noexcept {
    static constexpr auto allowed = [] {
        std::array<bool, 256> table{};
        for (const char c :
             std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
            table[static_cast<unsigned char>(c)] = true;
        }
        return table;
    }();
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return allowed[static_cast<unsigned char>(c)]; });
}

std::string_view clean_host(std::string_view text, std::string& scratch) {
    scratch.clear();
    if (const auto url = split_target(text); !url.authority.empty()) text = url.authority;
    auto host = host_of(text);
    const bool address = host.find(':') != host.npos;
    if (host.ends_with('.')) host.remove_suffix(1);
    scratch.assign(host);
    text::make_lower(scratch);
    if (!address && !is_name(scratch)) scratch.clear();
    return scratch;
}

http_target split_target(std::string_view target) noexcept {
    http_target parts;
    target = target.substr(0, target.find('#'));
    const auto question = std::min(target.find('?'), target.size());
    parts.query = target.substr(std::min(question + 1, target.size()));
    target = target.substr(0, question);
    const auto scheme = target.find("://");
    if (scheme != target.npos && scheme != 0 && target.find('/') == scheme + 1) {
        target.remove_prefix(scheme + 3);
        const auto slash = std::min(target.find('/'), target.size());
        parts.authority = target.substr(0, slash);
        parts.path = slash == target.size() ? std::string_view("/") : target.substr(slash);
    } else if (target.starts_with('/')) {
        parts.path = target;
    }
    return parts;
}

std::string_view clip_url(std::string_view url, std::size_t limit, std::string& scratch, bool& cut) {
    if (url.size() <= limit) return url;  // neither repair nor UTF-16 makes more units than there are bytes
    scratch.clear();
    text::append_repaired(url, scratch);
    std::string_view kept(scratch.data(), text::clip(scratch, limit, text::length_unit::utf16));
    if (kept.size() == scratch.size()) return kept;
    cut = true;
    const auto percent = kept.rfind('%');
    return percent != kept.npos && percent + 2 >= kept.size() ? kept.substr(0, percent) : kept;
}

}  // namespace logferry::vendors
