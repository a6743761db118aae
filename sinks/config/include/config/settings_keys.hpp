// The keys that settings have for the options of one destination.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <config/description.hpp>

namespace logferry::config {

struct settings_key {
    /// In CamelCase.
    std::string key;
    /// Where the value is in a JSON document: the option's own key behind that of its group, if it has one, or behind
    /// the destination.
    std::string path;
    option what;
};

/// Of everything that settings can say of `opts`, which has exactly one destination.
[[nodiscard]] std::vector<settings_key> settings_keys(options& opts);

/// The key for an option's path, with what comes behind it: `Icons.warn` for `destinations[0].icons.warn`.
[[nodiscard]] std::optional<std::string> find_key(const std::vector<settings_key>& among, const std::string& path);

/// `ApiKey` for `api_key`.
[[nodiscard]] std::string camel_case(std::string_view snake_case);

}  // namespace logferry::config
