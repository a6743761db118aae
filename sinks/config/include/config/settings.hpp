// Flat settings to the JSON tree that says the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <config/findings.hpp>
#include <config/settings_keys.hpp>
#include <logferry/config.hpp>

namespace logferry::config {

/// Between the paths of the JSON tree and the keys of settings.
class settings_section {
public:
    /// Complains, by the settings' keys, of what has no place in the tree.
    settings_section(const std::vector<setting>& settings, findings& found);
    settings_section(const settings_section&) = delete;
    settings_section& operator=(const settings_section&) = delete;

    [[nodiscard]] const nlohmann::json& tree() const noexcept { return tree_; }

    /// The settings' key for an option's path, with what comes behind it: `Icons.warn` for
    /// `destinations[0].icons.warn`.
    [[nodiscard]] std::string key_of(const std::string& path) const;
    /// A message with the settings' keys where it names options by theirs, such as `delivery.pause_min` or
    /// `proxy_credential`.
    [[nodiscard]] std::string by_keys(std::string_view message) const;

private:
    void add(const setting& given, findings& found);
    [[nodiscard]] std::string key_for_word(std::string_view word) const;
    void add_unknown(const std::string& key, findings& found) const;

    bool vendor_known_;
    /// What the settings can say, for `known_` to point into.
    options shape_;
    std::vector<settings_key> known_;
    std::vector<std::string> seen_;
    nlohmann::json tree_;
};

}  // namespace logferry::config
