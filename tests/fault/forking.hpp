// Children of the program under test.
#pragma once

#include <functional>
#include <string>

namespace logferry::fault {

/// Forks a child that does `work` and then ends: "killed" (SIGKILL), "_exit" or another word of bad_ends.hpp, or
/// "stays": lives on until the test lets go of the program's orders. Returns when the work is done and, but for one
/// that stays, the child has ended.
void fork_child(const std::function<void()>& work, const std::string& how);

}  // namespace logferry::fault
