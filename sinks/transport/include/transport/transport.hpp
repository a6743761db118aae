// Requests to responses, for one worker thread. The worker starts posts and then waits in `drive`, which returns when
// something completed, when it was woken, or when the time is up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/http.hpp>
#include <logferry/options.hpp>

namespace logferry::transport {

/// Names one destination's endpoint inside one transport.
using endpoint_id = std::size_t;

/// A request to be sent.
struct post {
    endpoint_id to = 0;
    /// Stays valid until `tag` completes.
    std::string_view body;
    std::uint64_t tag = 0;
    /// Compress the body and say so.
    bool gzip = false;
    /// Must not be sent twice: it goes over a new HTTP/1.1 connection of its own, where nothing can leave it unclear
    /// whether the server has seen it but a failure of that very exchange, and nothing below us sends it again.
    bool once = false;
};

/// A request that has come to an end.
struct completion {
    std::uint64_t tag = 0;
    http_response response;
};

/// An option of `http_options` that cannot be used, such as a file that is not there.
class unusable_option : public std::runtime_error {
public:
    unusable_option(std::string_view option, const std::string& reason)
        : runtime_error(std::string(option) + ": " + reason), option_(option), reason_(reason) {}
    [[nodiscard]] const std::string& option() const noexcept { return option_; }
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
    std::string option_;
    std::string reason_;
};

/// Thread rule: every member is called by the worker thread, `add` also by the constructing thread before the worker
/// runs.
class transport {
public:
    virtual ~transport() = default;

    /// Makes an endpoint known, and how to speak to it. Throws `unusable_option`, and `std::runtime_error` for what
    /// else cannot be used.
    virtual endpoint_id add(const http_endpoint& endpoint, const http_options& options) = 0;

    /// From now on the endpoint is this one: another credential, say. Requests in flight are not touched.
    virtual void update(endpoint_id which, const http_endpoint& endpoint) = 0;

    /// Starts a POST at once; the number in flight is the caller's affair. `body` must stay valid until `tag`
    /// completes.
    virtual void start(const post& request) = 0;

    /// Appends what has completed to `done`. When nothing has, waits for a completion, for a wake-up, or for `wait`,
    /// whichever comes first; `wait` <= 0 does not wait. Any `wait` is fine, however long; it is rounded up to whole
    /// milliseconds.
    virtual void drive(std::chrono::nanoseconds wait, std::vector<completion>& done) = 0;

    /// Ends all requests in flight at once; each completes as `aborted` in the next `drive`.
    virtual void abort_all() = 0;
};

}  // namespace logferry::transport
