// The interface that a vendor implements: limits, encode, judge. It knows records and answers; it does not know the
// journal, the network or either framework. `sinks/vendors/` holds the implementations for the option structs in
// `logferry/vendors/`; an application may bring its own and put it into a `destination`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <logferry/http.hpp>
#include <logferry/record.hpp>

namespace logferry {

/// What a vendor's API allows, and how several records become one body.
struct vendor_limits {
    /// Records in one request, unless the application chooses otherwise.
    std::size_t batch_records = 1;
    /// Most records in one request that an application may choose: what the vendor's API takes. 0: `batch_records`.
    std::size_t max_batch_records = 0;
    /// Most bytes in one request body, framing included.
    std::size_t batch_bytes = 64 * 1024;
    /// How long an incomplete batch may wait for more records. The first record after a pause never waits.
    std::chrono::milliseconds batch_age{0};
    /// Most requests in flight.
    std::size_t in_flight = 8;
    /// Bodies go out gzipped. Should the vendor refuse one with 400, 415 or 422, it is sent again plain, and so are all
    /// that follow.
    bool gzip = false;
    /// Written before the first, between two, and after the last record of a body.
    std::string_view open;
    std::string_view separator;
    std::string_view close;
};

/// What became of one record in `vendor::encode`.
struct encoded {
    enum class result : std::uint8_t {
        ok,        ///< appended to the body
        filtered,  ///< not of this vendor's kind (no HTTP fields for an access-log vendor); nothing was appended
        rejected,  ///< of this vendor's kind but never acceptable to it; nothing was appended
    };
    result what = result::ok;
    /// Sending it twice would page or notify a person twice.
    bool pages = false;
    /// Parts of the record that were cut, renamed or left out to meet the vendor's limits.
    std::uint32_t clipped = 0;
    /// Why it was rejected or filtered, in words that hold nothing from the record. A string literal.
    std::string_view reason;
};

/// What an answer means for the batch that it answers.
struct outcome {
    enum class verdict : std::uint8_t {
        delivered,  ///< the vendor has it, but for `rejected_records` of it
        retry,      ///< the same bytes again, later
        rejected,   ///< the vendor will never take it
        split,      ///< too large: try smaller batches
        paused,     ///< nothing is wrong with the batch; the destination needs a rest or a person
        ambiguous,  ///< the vendor may or may not have it
    };
    enum class pause : std::uint8_t { none, auth, quota, rate, configuration };

    verdict what = verdict::retry;
    pause why = pause::none;
    /// With `retry`: after how many tries of these bytes the batch is suspected of being poison; 0 for never.
    /// With `paused` for `quota`: so many answers in a row are first taken for `rate`.
    std::uint32_t tries = 0;
    /// With `delivered`: how many records of the batch the vendor said it did not take.
    std::size_t rejected_records = 0;
    /// One line for the diagnostics: what the vendor said and what to do. Holds no credential.
    std::string detail;
    /// With `delivered`: the vendor's own handle for the record, where it gives one.
    std::string receipt;
};

/// One log vendor: how its requests look and what its answers mean.
///
/// Thread rule: used by one thread at a time (the shipper's worker), constructed on another.
/// `encode` and `judge` do not throw but for `std::bad_alloc`.
class vendor {
public:
    virtual ~vendor() = default;

    /// A short lower-case name such as `logsh`.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual const vendor_limits& limits() const noexcept = 0;
    [[nodiscard]] virtual const http_endpoint& endpoint() const noexcept = 0;

    /// Appends the record's JSON to `body`, valid whatever bytes the record holds and within every documented limit.
    /// `now` is a steady clock's time, for caps per minute.
    [[nodiscard]] virtual encoded encode(const record_view& record, std::chrono::steady_clock::time_point now,
                                         std::string& body) = 0;

    /// What `response` means for a batch of `records` records.
    [[nodiscard]] virtual outcome judge(const http_response& response, std::size_t records) const = 0;
};

}  // namespace logferry
