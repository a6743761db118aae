// An option's value as a configuration has it.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include <config/description.hpp>

namespace logferry::config {

/// Nothing for a credential, for what is not set, and for what holds options of its own.
[[nodiscard]] std::optional<nlohmann::ordered_json> written(const place& at);

}  // namespace logferry::config
