// Tells the application what happened, without ever harming it: rate-limited, exceptions swallowed, and by standard
// error when nobody listens.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <logferry/options.hpp>

namespace logferry::shipping {

/// Thread rule: the worker thread, but for `silence`.
class announcer {
public:
    explicit announcer(std::function<void(const event&)> callback) : callback_(std::move(callback)) {}

    /// Passes the event on, unless the same kind for the same destination was passed on less than a minute ago: then it
    /// is kept, the last one of its kind, until the minute is over.
    void tell(event::kind what, std::string_view destination, std::string_view text) noexcept;

    /// Passes on what was kept and has waited long enough.
    void catch_up() noexcept;

    /// From now on nothing is passed on. A callback that is running is not waited for.
    void silence() noexcept { silent_.store(true, std::memory_order_release); }

    /// Lets go of the callback and of what it holds.
    void forget() noexcept { callback_ = nullptr; }

private:
    struct topic {
        event::kind what;
        std::string destination;
        std::chrono::steady_clock::time_point last_said;
        std::string kept = {};
    };
    [[nodiscard]] topic& topic_of(event::kind what, std::string_view destination);
    void say(topic& about, std::string_view text);

    std::function<void(const event&)> callback_;
    std::atomic<bool> silent_{false};
    // A deque, because a callback may make us say something else meanwhile.
    std::deque<topic> topics_;
    std::size_t kept_ = 0;
};

}  // namespace logferry::shipping
