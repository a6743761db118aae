// Text to a JSON tree, strictly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <logferry/options.hpp>

namespace logferry::config {

inline constexpr std::size_t longest_document = 1024 * 1024;

/// The path of a key or an entry of a list, below the path of what it is in.
[[nodiscard]] std::string path_of(const std::string& parent, std::string_view key);
[[nodiscard]] std::string path_of(const std::string& parent, std::size_t index);

struct document {
    /// Discarded when the text is no JSON.
    nlohmann::json root;
    /// What RFC 8259 does not allow, what is said twice, and what is beyond bounds.
    std::vector<config_problem> problems;
};

/// `name` stands for the whole text in problems. Nothing of the text but keys is ever shown.
[[nodiscard]] document parse(std::string_view text, const std::string& name);

}  // namespace logferry::config
