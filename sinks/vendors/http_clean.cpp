#include <vendors/http_clean.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include <text/json_writer.hpp>
#include <text/utf8.hpp>
#include <vendors/slot.hpp>

namespace logferry::vendors {
namespace {

constexpr double largest_whole = 9007199254740991.0;  // 2^53 - 1, up to which a double holds every whole number

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

std::string_view without_blanks(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
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
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
}

}  // namespace

std::string_view http_text(const value& v, std::string& scratch) {
    std::string_view text = v.text();
    if (v.type() == value::kind::json) {
        text = unpacked(text, scratch);
    } else if (v.type() != value::kind::string) {
        scratch.clear();
        append_plain(scratch, v);
        text = scratch;
    }
    text = without_blanks(text);
    return text == "-" ? std::string_view() : text;
}

std::optional<double> http_number(const value& v) noexcept {
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
            const auto text = without_blanks(v.text());
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
    if (const auto at = text.rfind('@'); at != text.npos) text.remove_prefix(at + 1);
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        text = text.substr(1, text.find(']') - 1);
        text = text.substr(0, text.find('%'));  // the zone means nothing elsewhere
    } else if (const auto colon = text.find(':'); colon != text.npos && text.find(':', colon + 1) == text.npos) {
        text = text.substr(0, colon);  // more than one colon: an IPv6 address without brackets
    }
    if (text.ends_with('.')) text.remove_suffix(1);
    scratch.assign(text);
    for (auto& c : scratch) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (!std::all_of(scratch.begin(), scratch.end(), stays_in_host)) scratch.clear();
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
