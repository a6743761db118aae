// What must hold of reading a configuration, whatever the text.
#pragma once

#include <string>
#include <string_view>

namespace logferry::config {

/// Reads the text as JSON and as settings (`Key=value` lines). Returns what was wrong with how that went; nothing when
/// all was well: nothing but `config_error` is thrown, each problem names a field, what is accepted can be used, and no
/// credential is shown.
[[nodiscard]] std::string fault_in_reading(std::string_view text);

}  // namespace logferry::config
