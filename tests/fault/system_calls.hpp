// A thread that may not ask the system for anything.
#pragma once

namespace logferry::fault {

/// From now on the program is killed (SIGSYS) when this thread makes a system call other than write, by which it wakes
/// another thread, or clock_gettime, which spdlog makes where the clock cannot be read without one.
void forbid_system_calls();

/// Ends such a thread, which may do nothing that a thread does at its end.
[[noreturn]] void end_thread();

}  // namespace logferry::fault
