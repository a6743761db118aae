// Places where a test may stop the program. They exist in builds for tests only (LOGFERRY_FAILPOINTS); in others
// `LOGFERRY_FAILPOINT` is nothing at all.
#pragma once

#ifdef LOGFERRY_FAILPOINTS

#include <atomic>

namespace logferry::failpoint {

/// Called with a place's name by whoever comes along there. Set by a test before any thread comes there.
using visitor = void (*)(const char* name) noexcept;
extern std::atomic<visitor> visit;

inline void reached(const char* name) noexcept {
    if (const auto call = visit.load(std::memory_order_relaxed)) call(name);
}

}  // namespace logferry::failpoint

#define LOGFERRY_FAILPOINT(name) ::logferry::failpoint::reached(name)
#else
#define LOGFERRY_FAILPOINT(name) static_cast<void>(0)
#endif
