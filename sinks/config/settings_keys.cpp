#include <config/settings_keys.hpp>

#include <variant>

namespace logferry::config {

namespace {

/// The spool is what most people set, so its keys stand without their group.
std::string key_in_group(std::string_view in, std::string_view key) {
    const auto own = camel_case(key);
    return key.starts_with("spool") ? own : camel_case(in) + own;
}

}  // namespace

std::string camel_case(std::string_view snake_case) {
    std::string camel;
    bool first = true;
    for (const char c : snake_case) {
        if (c != '_') camel += first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        first = c == '_';
    }
    return camel;
}

std::optional<std::string> find_key(const std::vector<settings_key>& among, const std::string& path) {
    for (const auto& k : among) {
        if (!path.starts_with(k.path)) continue;
        const auto rest = path.substr(k.path.size());
        if (rest.empty() || rest.front() == '.' || rest.front() == '[') return k.key + rest;
    }
    return std::nullopt;
}

std::vector<settings_key> settings_keys(options& opts) {
    std::vector<settings_key> all;
    for (const auto& own : describe(opts.destinations.front())) {
        // With one destination there is nothing for it to differ from.
        if (std::holds_alternative<std::optional<http_options>*>(own.at)) continue;
        all.push_back({camel_case(own.key), "destinations[0]." + std::string(own.key), own});
    }
    for (const auto& common : describe(opts)) {
        if (std::holds_alternative<std::vector<destination>*>(common.at)) continue;
        const auto* const inner = std::get_if<group>(&common.at);
        if (inner == nullptr) {
            all.push_back({camel_case(common.key), std::string(common.key), common});
            continue;
        }
        for (const auto& member : inner->members) {
            const auto path = std::string(common.key) + '.' + std::string(member.key);
            all.push_back({key_in_group(common.key, member.key), path, member});
        }
    }
    return all;
}

}  // namespace logferry::config
