#include "fields.hpp"

#include <algorithm>

#include "unicode.hpp"

namespace logferry::emulation {
namespace {

std::string too_long(std::size_t most, std::string_view unit) {
    return "must not be longer than " + std::to_string(most) + " " + std::string(unit);
}

// Empty when the text keeps the rule.
std::string breach(const std::string& text, const text_rule& rule) {
    if (!rule.may_be_blank && is_blank(text))
        return rule.need == presence::required ? "is required" : "must not be empty";
    if (utf16_units(text) > rule.max_units) return too_long(rule.max_units, "characters");
    if (text.size() > rule.max_bytes) return too_long(rule.max_bytes, "bytes");
    return {};
}

}  // namespace

bool is_blank(std::string_view text) {
    constexpr std::string_view php_spaces(" \t\n\r\v\0", 6);
    return text.find_first_not_of(php_spaces) == std::string_view::npos;
}

const json* object_reader::value(std::string_view name, presence need) {
    known_.push_back(name);
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    if (need == presence::required) object_to(name, "is required");
    return nullptr;
}

const std::string* object_reader::text(std::string_view name, const text_rule& rule) {
    const auto* found = value(name, rule.need);
    if (found == nullptr) return nullptr;
    if (!found->is_string()) {
        object_to(name, "must be a string");
        return nullptr;
    }
    const auto& text = found->get_ref<const std::string&>();
    auto wrong = breach(text, rule);
    if (wrong.empty()) return &text;
    object_to(name, std::move(wrong));
    return nullptr;
}

void object_reader::one_of(std::string_view name, const std::vector<std::string_view>& allowed, presence need) {
    const auto* chosen = text(name, {.need = need});
    if (chosen == nullptr || std::ranges::find(allowed, *chosen) != allowed.end()) return;
    std::string list;
    for (const auto word : allowed) list.append(list.empty() ? "" : ", ").append(word);
    object_to(name, "must be one of " + list);
}

void object_reader::integer(std::string_view name, presence need, std::int64_t least, std::int64_t most) {
    const auto* found = value(name, need);
    if (found == nullptr) return;
    if (!found->is_number_integer()) return object_to(name, "must be an integer");
    const bool too_large =
        found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most);
    if (!too_large && found->get<std::int64_t>() >= least) return;
    object_to(name, "must be between " + std::to_string(least) + " and " + std::to_string(most));
}

void object_reader::count(std::string_view name) {
    const auto* found = value(name);
    if (found == nullptr) return;
    if (!found->is_number_integer()) {
        object_to(name, "must be an integer");
    } else if (!found->is_number_unsigned()) {
        object_to(name, "must be >= 0");
    }
}

void object_reader::boolean(std::string_view name) {
    const auto* found = value(name);
    if (found != nullptr && !found->is_boolean()) object_to(name, "must be true or false");
}

void object_reader::no_others() {
    for (const auto& [key, unused] : object_.items()) {
        if (std::ranges::find(known_, key) == known_.end()) object_to(key, "is not a field of this API");
    }
}

}  // namespace logferry::emulation
