// What the values of a configuration mean together.
#pragma once

#include <config/findings.hpp>
#include <logferry/options.hpp>

namespace logferry::config {

/// Adds what `problems_of` says of the options, but for what follows from a problem found already. Paths are as in a
/// document: `icons.warn`, where the options have `icons[3]`.
void add_problems_of(options& opts, findings& found);

}  // namespace logferry::config
