// The settings of the program under test: one JSON object, in words of the public options.
#pragma once

#include <nlohmann/json.hpp>

#include <logferry/options.hpp>

namespace logferry::fault {

/// `url` is required. Everything else has a default: one LogsForI destination with short waits. With `second_url` there
/// is a second one of the same kind.
[[nodiscard]] options options_from(const nlohmann::json& settings);

}  // namespace logferry::fault
