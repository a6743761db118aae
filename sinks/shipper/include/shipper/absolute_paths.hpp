// A relative path is relative to where the program was when it opened the shipper, however often it changes its
// directory later, and also in its forked children, which read the options once more.
#pragma once

#include <logferry/options.hpp>

namespace logferry::shipping {

/// The same options, every path among them absolute.
[[nodiscard]] options with_absolute_paths(options given);

}  // namespace logferry::shipping
