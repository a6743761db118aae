// Closes what is still open when the program ends. A sink is often owned by an object that was built before libcurl and
// OpenSSL were initialised (spdlog's registry, a global): its destructor runs after OpenSSL has cleaned up, too late to
// send anything.
#pragma once

#include <chrono>
#include <memory>

#include <shipper/engine.hpp>

namespace logferry::shipping {

/// Registers the closing of all engines with `std::atexit`, once. Call it after libcurl is initialised.
void close_all_at_exit();

/// Adds an engine. It is closed at exit if it still lives; all that do are closed at the same time, each within its
/// budget.
void close_at_exit(const std::shared_ptr<engine>& works, std::chrono::milliseconds budget);

}  // namespace logferry::shipping
