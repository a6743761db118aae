// A JSON tree to options.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <config/findings.hpp>
#include <logferry/options.hpp>

namespace logferry::config {

/// What the shape of the tree allows: what the values mean together is for `problems_of`. `name` stands for the whole
/// tree in problems.
[[nodiscard]] options read(const nlohmann::json& root, const std::string& name, findings& found);

}  // namespace logferry::config
