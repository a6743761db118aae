#include <vendors/query_pairs.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <text/utf8.hpp>
#include <vendors/body.hpp>

namespace logferry::vendors {
namespace {

using text::is_digit;
using text::is_lower;
using text::is_upper;
using text::to_lower;

bool is_word(char c) noexcept { return text::is_letter(c) || is_digit(c); }

/// True where a word begins at the word character `at`: behind something else, and at the capitals of `authToken` and
/// `APIKey` that a person reads as the next word.
bool begins_word(std::string_view text, std::size_t at) noexcept {
    if (at == 0 || !is_word(text[at - 1])) return true;
    if (!is_upper(text[at])) return false;
    return !is_upper(text[at - 1]) || (at + 1 < text.size() && is_lower(text[at + 1]));
}

int hex_digit(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const char l = to_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Decodes percent-escapes and `+`, and leaves out NUL. A `%` that begins no escape stays.
void append_decoded(std::string& out, std::string_view in) {
    const auto is_special = [](char c) { return c == '%' || c == '+' || c == '\0'; };
    while (!in.empty()) {
        const auto* special = std::find_if(in.begin(), in.end(), is_special);
        out.append(in.begin(), special);
        in.remove_prefix(static_cast<std::size_t>(special - in.begin()));
        if (in.empty()) return;
        std::size_t used = 1;
        char c = in[0];
        if (c == '+') c = ' ';
        if (c == '%' && in.size() >= 3 && hex_digit(in[1]) >= 0 && hex_digit(in[2]) >= 0) {
            c = static_cast<char>(hex_digit(in[1]) * 16 + hex_digit(in[2]));
            used = 3;
        }
        if (c != '\0') out += c;
        in.remove_prefix(used);
    }
}

/// Calls `visit(pair, key)` for each `key=value` of a query, as it stands there.
template <typename Visit>
void for_each_pair(std::string_view query, Visit&& visit) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        if (!pair.empty()) visit(pair, pair.substr(0, pair.find('=')));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
}

/// Appends parts that are separated by `;`, which some servers take for `&`, so that a secret may follow one. The value
/// of a hidden parameter is replaced. `name` saves allocations.
void append_masked(std::string& out, std::string_view parts, const redaction& hidden, std::string& name) {
    for (;;) {
        const auto end = std::min(parts.find(';'), parts.size());
        const auto part = parts.substr(0, end);
        const auto raw_key = part.substr(0, part.find('='));
        name.clear();
        append_decoded(name, raw_key);
        if (raw_key.size() < part.size() && hidden.hides(name)) {
            out.append(raw_key).append(1, '=').append(redaction::substitute);
        } else {
            out += part;
        }
        if (end == parts.size()) return;
        out += ';';
        parts.remove_prefix(end + 1);
    }
}

/// Where in a URL, up to its query, the part that may name a user begins. Browsers take `\` for `/`.
std::size_t authority_begin(std::string_view address) noexcept {
    constexpr std::string_view slashes = "/\\";
    const auto slash = address.find_first_of(slashes);
    if (slash == address.npos || (slash != 0 && address[slash - 1] != ':')) return 0;  // no scheme
    const auto begin = std::min(address.find_first_not_of(slashes, slash), address.size());
    return begin - slash >= 2 ? begin : address.size();  // a single slash begins a path
}

/// Needs neither repair nor clipping, so it differs when sent from every other such name.
bool is_plain_key(std::string_view key) noexcept {
    return key.size() <= query_pairs::max_key_units &&
           std::all_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

redaction::redaction(const std::vector<std::string>& names) : names_(names) {
    for (auto& name : names_) text::make_lower(name);
    names_.erase(std::remove(names_.begin(), names_.end(), std::string()), names_.end());
}

bool redaction::hides(std::string_view parameter) const noexcept {
    const auto equals_name = [this](std::string_view word) {
        return std::any_of(names_.begin(), names_.end(), [word](const std::string& name) {
            return std::equal(word.begin(), word.end(), name.begin(), name.end(),
                              [](char a, char b) { return to_lower(a) == b; });
        });
    };
    const auto is_name = [&](std::string_view word) {
        if (equals_name(word)) return true;
        const auto digits = word.find_last_not_of("0123456789") + 1;
        return digits != word.size() && equals_name(word.substr(0, digits));
    };
    if (is_name(parameter)) return true;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < parameter.size(); ++at) {
        if (!is_word(parameter[at])) continue;
        if (begins_word(parameter, at)) begin = at;
        const auto end = at + 1;
        const bool ends = end == parameter.size() || !is_word(parameter[end]) || begins_word(parameter, end);
        if (ends && is_name(parameter.substr(begin, end - begin))) return true;
    }
    return false;
}

void query_pairs::clear() noexcept {
    decoded_.clear();
    pairs_.clear();
    clipped_ = 0;
}

std::string_view query_pairs::key(const pair& p) const noexcept {
    return std::string_view(decoded_).substr(p.begin, p.key_size);
}

std::string_view query_pairs::val(const pair& p) const noexcept {
    return std::string_view(decoded_).substr(p.begin + p.key_size, p.value_size);
}

void query_pairs::parse(std::string_view query) {
    clear();
    if (query.size() > max_query_bytes) {
        query = query.substr(0, max_query_bytes);
        ++clipped_;
    }
    for_each_pair(query, [this](std::string_view whole, std::string_view raw_key) {
        const auto begin = decoded_.size();
        append_decoded(decoded_, raw_key);
        const auto key_size = decoded_.size() - begin;
        if (raw_key.size() < whole.size()) append_decoded(decoded_, whole.substr(raw_key.size() + 1));
        keep(begin, key_size);
    });
}

bool query_pairs::parse_json(std::string_view json) {
    if (!text::valid_json(json)) return false;
    const auto object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return false;
    clear();
    for (const auto& [name, v] : object.items()) {
        const auto begin = decoded_.size();
        decoded_ += name;
        decoded_ += v.is_string() ? v.get_ref<const std::string&>() : v.is_null() ? std::string() : v.dump();
        keep(begin, name.size());
    }
    return true;
}

void query_pairs::keep(std::size_t begin, std::size_t key_size) {
    const pair fresh{begin, key_size, decoded_.size() - begin - key_size};
    const auto same = std::find_if(pairs_.begin(), pairs_.end(), [&](const pair& p) { return key(p) == key(fresh); });
    if (same != pairs_.end()) {
        *same = fresh;
    } else if (key_size != 0 && pairs_.size() < max_pairs) {
        pairs_.push_back(fresh);
    } else {
        decoded_.resize(begin);
        ++clipped_;
    }
}

void query_pairs::append_json(std::string& out) {
    const bool plain =
        std::all_of(pairs_.begin(), pairs_.end(), [this](const pair& p) { return is_plain_key(key(p)); });
    sent_.clear();
    out += '{';
    for (const auto& p : pairs_) {
        if (&p != &pairs_.front()) out += ',';
        text::append_json_string(out, plain ? key(p) : sendable_key(key(p)));
        out += ':';
        if (append_clipped(out, shown(p), max_value_units, text::length_unit::utf16, scratch_)) ++clipped_;
    }
    out += '}';
}

std::string_view query_pairs::shown(const pair& p) {
    if (hidden_.hides(key(p))) return redaction::substitute;
    const auto whole = val(p);
    const auto semicolon = whole.find(';');
    if (semicolon == whole.npos) return whole;
    masked_.assign(whole.substr(0, semicolon + 1));
    append_masked(masked_, whole.substr(semicolon + 1), hidden_, name_);
    return masked_;
}

std::string_view query_pairs::sendable_key(std::string_view key) {
    const auto fitted = text::fit(key, max_key_units, text::length_unit::utf16, scratch_);
    if (fitted.cut) ++clipped_;
    numbered_.assign(fitted.text);
    for (unsigned n = 2; sent(numbered_); ++n) {
        const auto number = std::to_string(n);
        const auto room = text::clip(fitted.text, max_key_units - 1 - number.size(), text::length_unit::utf16);
        numbered_.assign(fitted.text.substr(0, room)).append(1, '~').append(number);
    }
    sent_.append(numbered_).append(1, '\0');
    return numbered_;
}

bool query_pairs::sent(std::string_view key) const noexcept {
    for (std::string_view rest = sent_; !rest.empty();) {
        const auto end = rest.find('\0');
        if (rest.substr(0, end) == key) return true;
        rest.remove_prefix(end + 1);
    }
    return false;
}

std::string_view clean_referer(std::string_view referer, const redaction& hidden, std::string& scratch) {
    referer = referer.substr(0, referer.find('#'));
    if (referer.find('@') == referer.npos && referer.find('?') == referer.npos) return referer;
    scratch.clear();
    const auto question = std::min(referer.find('?'), referer.size());
    const auto address = referer.substr(0, question);
    const auto authority = authority_begin(address);
    const auto path = std::min(address.find('/', authority), address.size());
    const auto user_end = address.substr(authority, path - authority).rfind('@');
    scratch += address.substr(0, authority);
    scratch += address.substr(user_end == address.npos ? authority : authority + user_end + 1);
    if (question == referer.size()) return scratch;

    std::string name;
    char separator = '?';
    for_each_pair(referer.substr(question + 1), [&](std::string_view whole, std::string_view) {
        scratch += std::exchange(separator, '&');
        append_masked(scratch, whole, hidden, name);
    });
    return scratch;
}

}  // namespace logferry::vendors
