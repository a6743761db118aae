// A cap on how often people are called: at most n in any 60 seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace logferry::vendors {

class rate_cap {
public:
    explicit rate_cap(std::size_t per_minute) noexcept : per_minute_(per_minute) {}

    /// True, and counted, when one more is allowed at `now`.
    bool allow(std::chrono::steady_clock::time_point now) {
        while (!recent_.empty() && now - recent_.front() >= std::chrono::minutes(1)) recent_.pop_front();
        if (recent_.size() >= per_minute_) return false;
        recent_.push_back(now);
        return true;
    }

private:
    std::size_t per_minute_;
    std::deque<std::chrono::steady_clock::time_point> recent_;
};

}  // namespace logferry::vendors
