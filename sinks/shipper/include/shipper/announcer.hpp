// Tells the application what happened, without ever harming it: rate-limited, exceptions swallowed, and by standard
// error when nobody listens.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <logferry/options.hpp>

namespace logferry::shipping {

/// One line, for when nobody listens. Throws `std::bad_alloc`. Thread rule: any thread.
void write_to_stderr(std::string_view text);

/// Thread rule: the worker thread, but for `silence`.
class announcer {
public:
    explicit announcer(std::function<void(const event&)> callback) : callback_(std::move(callback)) {}

    /// Passes the event on, unless the same kind for the same destination was passed on less than a minute ago: then it
    /// is kept, the last one of its kind with the records of all of them, until the minute is over. Receipts are passed
    /// on at once, and to a callback only.
    void tell(const event& what) noexcept;

    /// For what comes once in a shipper's life: passes the event on, whatever was passed on before.
    void tell_at_once(const event& what) noexcept;

    /// When something that was kept may be passed on; nothing when nothing was.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> due_at() const noexcept;

    /// Passes on what was kept and has waited long enough.
    void catch_up() noexcept { say_kept(quiet_time); }

    /// Passes on all that was kept: there is no later.
    void say_the_rest() noexcept { say_kept({}); }

    /// From now on nothing is passed on. A callback that is running is not waited for.
    void silence() noexcept { silent_.store(true, std::memory_order_release); }

    /// Lets go of the callback and of what it holds.
    void forget() noexcept { callback_ = nullptr; }

private:
    static constexpr auto quiet_time = std::chrono::minutes(1);

    struct topic {
        event::kind what;
        std::string destination;
        std::chrono::steady_clock::time_point last_said;
        std::string kept = {};
        std::uint64_t kept_records = 0;
    };
    [[nodiscard]] topic& topic_of(const event& what);
    void say_kept(std::chrono::steady_clock::duration waited) noexcept;
    void say(topic& about, std::string_view text, std::uint64_t records);
    void hand_over(const event& what);

    std::function<void(const event&)> callback_;
    std::atomic<bool> silent_{false};
    // A deque, because a callback may make us say something else meanwhile.
    std::deque<topic> topics_;
    std::size_t kept_ = 0;
};

}  // namespace logferry::shipping
