// Requests to responses, for one worker thread. The worker starts posts and then waits in `drive`, which returns when
// something completed, when it was woken, or when the time is up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <logferry/http.hpp>

namespace logferry::transport {

/// Names one destination's endpoint inside one transport.
using endpoint_id = std::size_t;

/// A request that has come to an end.
struct completion {
    std::uint64_t tag = 0;
    http_response response;
};

/// Thread rule: every member is called by the worker thread, `add` also by the constructing thread before the worker
/// runs.
class transport {
public:
    virtual ~transport() = default;

    /// Makes an endpoint known.
    virtual endpoint_id add(const http_endpoint& endpoint) = 0;

    /// Starts a POST at once; the number in flight is the caller's affair. `body` must stay valid until `tag`
    /// completes.
    virtual void start(endpoint_id to, std::string_view body, std::uint64_t tag) = 0;

    /// Appends what has completed to `done`. When nothing has, waits for a completion, for a wake-up, or for `wait`,
    /// whichever comes first; `wait` <= 0 does not wait. Any `wait` is fine, however long; it is rounded up to whole
    /// milliseconds.
    virtual void drive(std::chrono::nanoseconds wait, std::vector<completion>& done) = 0;

    /// Ends all requests in flight at once; each completes as `aborted` in the next `drive`.
    virtual void abort_all() = 0;
};

}  // namespace logferry::transport
