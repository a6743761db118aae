// Closes what is still open when the program ends. A sink is often owned by an object that was built before libcurl and
// OpenSSL were initialised (spdlog's registry, a global): its destructor runs after OpenSSL has cleaned up, too late to
// send anything.
#pragma once

#include <shipper/engine_register.hpp>

namespace logferry::shipping {

/// Registers the closing of all engines with `std::atexit`, once: at the same time, each within its budget. After it
/// their threads are gone, or get no further than to `transport::process_gate`; but for one that takes longer than a
/// second to destroy what the program has it destroy, or half a minute to read its certificates. Call it after libcurl
/// is initialised.
void close_all_at_exit();

/// Does so now.
void close_all() noexcept;

/// True from the moment when that closing begins: it is too late for another engine. Not in a child that is forked
/// later.
[[nodiscard]] bool exit_began(const no_fork& held) noexcept;

}  // namespace logferry::shipping
