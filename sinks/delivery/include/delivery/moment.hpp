// Time as the state machine sees it: always handed in, never read.
#pragma once

#include <chrono>

namespace logferry::delivery {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;
/// A wait, in the steady clock's own unit.
using duration = std::chrono::steady_clock::duration;

/// The time of one step, by both clocks: waits are counted on the steady one, a record's age and the dates of
/// `Retry-After` on the other.
struct moment {
    steady_time steady;
    wall_time wall;
};

}  // namespace logferry::delivery
