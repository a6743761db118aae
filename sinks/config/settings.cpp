#include <config/settings.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <variant>

#include <config/document.hpp>
#include <config/suggestion.hpp>

namespace logferry::config {

namespace {

using json = nlohmann::json;

bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// `a, b` as `["a", "b"]`.
json list_of(std::string_view text) {
    auto list = json::array();
    while (!trim(text).empty()) {
        const auto comma = std::min(text.find(','), text.size());
        list.push_back(std::string(trim(text.substr(0, comma))));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return list;
}

/// A setting's text as JSON has such a value. Text that is no such value stays text, which its reader refuses.
class json_value {
public:
    json_value(const setting& given, findings& found) : given_(given), found_(found) {}

    json operator()(bool*) const {
        if (given_.value == "true" || given_.value == "false") return given_.value == "true";
        return given_.value;
    }
    json operator()(std::size_t*) const { return number(); }
    json operator()(unsigned*) const { return number(); }
    json operator()(std::int64_t*) const { return number(); }
    json operator()(const byte_count&) const { return number(); }
    json operator()(std::vector<std::string>*) const {
        return given_.value.starts_with('[') ? parsed() : list_of(given_.value);
    }
    json operator()(by_level<std::string>*) const { return parsed(); }
    json operator()(by_level<unsigned>*) const { return parsed(); }
    template <class Text>
    json operator()(const Text&) const {
        return given_.value;
    }

private:
    [[nodiscard]] json number() const {
        if (!is_digits(given_.value)) return given_.value;
        // As JSON has it, so that a number that is too large is none too large for this.
        const auto first = std::min(given_.value.find_first_not_of('0'), given_.value.size() - 1);
        return json::parse(given_.value.substr(first, 300));
    }
    [[nodiscard]] json parsed() const {
        auto read = parse(given_.value, given_.key);
        for (auto& p : read.problems) {
            const bool inside = p.field != given_.key;
            found_.complain(inside ? path_of(given_.key, p.field) : given_.key, std::move(p.message));
        }
        return std::move(read.root);
    }

    const setting& given_;
    findings& found_;
};

const known_vendor* vendor_in(const std::vector<setting>& settings) {
    for (const auto& s : settings) {
        for (const auto& v : all_vendors()) {
            if (s.key == "Vendor" && s.value == v.name) return &v;
        }
    }
    return nullptr;
}

options shape_with(const known_vendor* of) {
    options shape;
    shape.destinations.resize(1);
    if (of != nullptr) shape.destinations.front().vendor = of->fresh;
    return shape;
}

/// Every vendor's keys, and the vendors that have each.
std::map<std::string, word_list, std::less<>> make_vendor_keys() {
    std::map<std::string, word_list, std::less<>> keys;
    for (auto v : all_vendors()) {
        for (const auto& o : describe(v.fresh)) keys[camel_case(o.key)].push_back(v.name);
    }
    return keys;
}

word_list vendors_with(std::string_view settings_key) {
    static const auto keys = make_vendor_keys();
    const auto found = keys.find(settings_key);
    return found == keys.end() ? word_list() : found->second;
}

}  // namespace

settings_section::settings_section(const std::vector<setting>& settings, findings& found)
    : vendor_known_(vendor_in(settings) != nullptr),
      shape_(shape_with(vendor_in(settings))),
      known_(settings_keys(shape_)) {
    tree_["destinations"] = json::array({json::object()});
    for (const auto& s : settings) add(s, found);
}

void settings_section::add(const setting& given, findings& found) {
    const auto known = std::find_if(known_.begin(), known_.end(), [&](const auto& k) { return k.key == given.key; });
    if (known == known_.end()) return add_unknown(given.key, found);
    if (std::find(seen_.begin(), seen_.end(), given.key) != seen_.end()) {
        return found.complain(given.key, "is given more than once; keep one");
    }
    seen_.push_back(given.key);
    const setting trimmed{given.key, std::string(trim(given.value))};
    if (trimmed.value.empty() && std::holds_alternative<std::vector<std::string>*>(known->what.at)) {
        return found.complain(given.key, "is empty; name something, leave it out, or say [] for none");
    }
    auto value = std::visit(json_value(trimmed, found), known->what.at);
    if (value.is_discarded()) return;
    const auto dot = known->path.find('.');
    const auto outer = known->path.substr(0, dot);
    const std::string inner(known->what.key);
    if (dot == std::string::npos) {
        tree_[inner] = std::move(value);
    } else if (outer == "destinations[0]") {
        tree_["destinations"][0][inner] = std::move(value);
    } else {
        tree_[outer][inner] = std::move(value);
    }
}

void settings_section::add_unknown(const std::string& key, findings& found) const {
    if (found.full()) return;
    if (const auto vendors = vendors_with(key); !vendors.empty()) {
        // Without a vendor it may be right.
        if (!vendor_known_) return;
        return found.complain(key, "is not known here; it belongs to vendor " + alternatives(vendors));
    }
    word_list keys;
    for (const auto& k : known_) keys.push_back(k.key);
    auto meant = nearest(key, keys);
    if (!meant && !key.empty() && key.front() >= 'A' && key.front() <= 'Z') {
        // The group's name is missing, or one too many. Where several end so, it could be any.
        const auto same_end = [&key](std::string_view k) { return k.ends_with(key) || key.ends_with(k); };
        const auto found_key = std::find_if(keys.begin(), keys.end(), same_end);
        if (std::count_if(keys.begin(), keys.end(), same_end) == 1) meant = *found_key;
    }
    found.complain(printable(key), meant ? "is not known; did you mean " + std::string(*meant) + "?"
                                         : "is not known; docs/configuration.md has the keys");
}

std::string settings_section::key_of(const std::string& path) const { return find_key(known_, path).value_or(path); }

std::string settings_section::by_keys(std::string_view message) const {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    std::string result;
    while (!message.empty()) {
        const auto begin = std::min(message.find_first_of(letters), message.size());
        result += message.substr(0, begin);
        message.remove_prefix(begin);
        const auto word = message.substr(0, std::min(message.find_first_not_of(letters), message.size()));
        result += key_for_word(word);
        message.remove_prefix(word.size());
    }
    return result;
}

std::string settings_section::key_for_word(std::string_view word) const {
    // A word of the language has neither.
    if (word.find_first_of("_.") != word.npos) {
        for (const auto& k : known_) {
            if (k.path == word || k.path.ends_with('.' + std::string(word))) return k.key;
        }
    }
    return std::string(word);
}

}  // namespace logferry::config
