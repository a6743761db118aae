// What to say of a key that is not known where it stands.
#pragma once

#include <string>
#include <string_view>

#include <config/description.hpp>

namespace logferry::config {

/// Where it belongs, or the nearest key of those known there, or all of these.
[[nodiscard]] std::string about_unknown_key(std::string_view key, const option_list& known_here);

[[nodiscard]] bool is_known_somewhere(std::string_view key);

}  // namespace logferry::config
