// Tells the application what happened, without ever harming it: rate-limited, exceptions swallowed, and by standard
// error when nobody listens.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>

namespace logferry::shipping {

/// Thread rule: the worker thread.
class announcer {
public:
    explicit announcer(std::function<void(const event&)> callback) : callback_(std::move(callback)) {}

    /// Passes the event on, unless the same kind for the same destination was passed on less than a minute ago.
    void tell(event::kind what, std::string_view destination, std::string_view text) noexcept;

private:
    struct said {
        event::kind what;
        std::string destination;
        std::chrono::steady_clock::time_point when;
    };
    [[nodiscard]] bool too_soon(event::kind what, std::string_view destination);

    std::function<void(const event&)> callback_;
    std::vector<said> said_;
};

}  // namespace logferry::shipping
