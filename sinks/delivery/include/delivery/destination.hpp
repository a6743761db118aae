// The state machine of one destination: which records go into which request, and what each answer leads to.
// It is pure: time and chance are handed in, records come from a source, requests go to whoever asks for the next one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <logferry/options.hpp>
#include <logferry/stats.hpp>
#include <logferry/vendor.hpp>

namespace logferry::delivery {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

/// The time of one step, by both clocks.
struct moment {
    steady_time steady;
    wall_time wall;
};

/// Where a destination's records come from, in order.
class record_source {
public:
    virtual ~record_source() = default;

    /// The next record, or false when there is none now. The view is valid until the next call of `next`. Every record
    /// taken must be settled once.
    virtual bool next(record_view& record, std::uint64_t& token) = 0;

    /// The record's fate is known; the source may forget it.
    virtual void settle(std::uint64_t token) = 0;
};

/// What a destination tells the shipper, to be passed on to the application.
using event_sink = std::function<void(event::kind, std::string_view text)>;

/// A random number in [0, 1).
using dice = std::function<double()>;

/// A request to be sent.
struct request {
    std::uint64_t tag = 0;
    /// Valid until `respond` is called with the tag.
    std::string_view body;
};

/// What is chosen for one destination once options and vendor limits are put together.
struct settings {
    level min_level = level::trace;
    std::size_t in_flight = 1;
    std::size_t batch_records = 1;
    std::size_t batch_bytes = 64 * 1024;
    std::chrono::milliseconds batch_age{0};
    delivery_options delivery;
};

/// Thread rule: one thread at a time. `vendor` and `source` must outlive it.
class destination_machine {
public:
    destination_machine(vendor& to, record_source& from, settings chosen, dice chance, event_sink events);
    ~destination_machine();
    destination_machine(const destination_machine&) = delete;
    destination_machine& operator=(const destination_machine&) = delete;

    /// The next request that may be sent now, if there is one: a retry that is due, or a new batch. Call it until it
    /// gives nothing.
    [[nodiscard]] std::optional<request> next_request(moment now);

    /// The answer to a request given out earlier.
    void respond(std::uint64_t tag, const http_response& response, moment now);

    /// When `next_request` is worth calling again though nothing new arrived: a batch's age, a retry, a pause's end.
    /// Nothing when there is nothing to wait for.
    [[nodiscard]] std::optional<steady_time> wake_at() const;

    /// True when a new record would be looked at at once, so that a log call should wake the worker for it.
    [[nodiscard]] bool hungry(moment now) const;

    /// Incomplete batches go now; used by nudge, drain and close.
    void hurry();

    /// From now on no wait of any kind: retries and pauses are cut short and tried once more. For close.
    void begin_closing(moment now);

    /// Gives up everything that is not settled (in flight, waiting for a retry, in an open batch), reason `at_close`,
    /// and settles it. Records still in the source are the caller's to count.
    void abandon();

    /// Records taken from the source and not settled yet.
    [[nodiscard]] std::size_t unsettled() const noexcept;

    /// Delivered, filtered, rejected, dropped, clipped, requests, retries and last error; `accepted`, `pending` and
    /// `name` are the caller's.
    [[nodiscard]] const destination_stats& counts() const noexcept;

private:
    struct core;
    std::unique_ptr<core> core_;
};

}  // namespace logferry::delivery
