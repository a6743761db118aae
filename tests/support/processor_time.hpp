#pragma once

#include <ctime>

#include <chrono>

namespace logferry::test {

/// What the calling thread has used of a processor until now.
[[nodiscard]] inline std::chrono::nanoseconds processor_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace logferry::test
