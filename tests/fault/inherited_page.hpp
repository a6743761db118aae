// The shared page as the program under test has it.
#pragma once

#include "shared_page.hpp"

namespace logferry::fault {

/// Ends the program if it was not started by a test.
[[nodiscard]] shared_page& inherited_page();

}  // namespace logferry::fault
