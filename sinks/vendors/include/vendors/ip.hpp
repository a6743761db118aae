// IP addresses as access logs write them.
#pragma once

#include <string_view>

namespace logferry::vendors {

/// The address alone, a part of `text`: without brackets, port and zone, and of a comma-separated list the first. Empty
/// when that is no IPv4 or IPv6 address (a host's name, `unix:`, nothing).
[[nodiscard]] std::string_view ip_address(std::string_view text) noexcept;

}  // namespace logferry::vendors
