// Ways in which a program ends before its time, or does not get on.
#pragma once

#include <cstdint>
#include <string>

namespace logferry::fault {

/// Ends the program: "abort", "segfault", "bus_error", "stack_overflow", "terminate" (an exception that leaves a
/// thread), "_exit", "quick_exit", "execve" (becomes another program).
[[noreturn]] void end_by(const std::string& how);

/// Kills the program (SIGKILL) when a thread comes to that failpoint for the `visit`-th time, counted from 1. False
/// when the library was built without failpoints. Before any thread comes there.
bool die_at_failpoint(const std::string& name, std::uint64_t visit);

/// The first thread that comes to that failpoint says so on the page (`rests`) and stays until the page lets it
/// (`go_on`). False when the library was built without failpoints. Before any thread comes there.
bool rest_at_failpoint(const std::string& name);

}  // namespace logferry::fault
