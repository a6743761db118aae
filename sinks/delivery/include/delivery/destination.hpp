// The state machine of one destination: which records go into which request, and what each answer leads to.
// It is pure: time and chance are handed in, records come from a source, requests go to whoever asks for the next one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <delivery/moment.hpp>
#include <delivery/record_source.hpp>
#include <logferry/options.hpp>
#include <logferry/stats.hpp>
#include <logferry/vendor.hpp>

namespace logferry::delivery {

/// What a destination tells the shipper, to be passed on to the application, all but the destination's name. The texts
/// are valid during the call. What it throws is ignored. It is called from inside the machine and must not call the
/// machine. May be empty.
using event_sink = std::function<void(const event&)>;

/// A random number in [0, 1).
using dice = std::function<double()>;

/// A request to be sent.
struct request {
    /// Counts up from 1, so that the shipper may put the destination's number into the upper bits.
    std::uint64_t tag = 0;
    /// Valid until `respond` is called with the tag, also after `abandon`.
    std::string_view body;
    /// To be compressed on its way.
    bool gzip = false;
    /// It would notify a person, and so must not be sent twice without our knowing.
    bool once = false;
};

/// What is chosen for one destination once options and vendor limits are put together.
struct settings {
    level min_level = level::trace;
    /// 1 means strictly ordered: nothing passes a batch that is held for a retry.
    /// Otherwise the number adapts, and this is the most.
    std::size_t in_flight = 1;
    std::size_t batch_records = 1;
    std::size_t batch_bytes = 64 * 1024;
    std::chrono::milliseconds batch_age{0};
    delivery_options delivery;
    bool gzip = false;
    /// Tell of receipts.
    bool receipts = false;
};

/// Every record taken from the source is settled once, and counted under one heading when it is; until then it is
/// unsettled. So `taken == delivered + filtered + rejected + dropped + unsettled` after every call.
///
/// Thread rule: one thread at a time. `to`, `from` and `letters` (null for none) must outlive it. Nothing throws but
/// `std::bad_alloc`.
class destination_machine {
public:
    destination_machine(vendor& to, record_source& from, settings chosen, dice chance, event_sink events,
                        dead_letters* letters = nullptr);
    ~destination_machine();
    destination_machine(const destination_machine&) = delete;
    destination_machine& operator=(const destination_machine&) = delete;

    /// The next request that may be sent now, if there is one: a held batch whose turn it is, or a new one. Call it
    /// until it gives nothing, after every answer, when `wake_at` has come, and when there may be new records.
    [[nodiscard]] std::optional<request> next_request(moment now);

    /// The answer to a request given out earlier, a failure included. An unknown tag is ignored.
    void respond(std::uint64_t tag, const http_response& response, moment now);

    /// When `next_request` is worth calling again though nothing new arrived and no answer came: a batch's age, a
    /// retry, a pause's end. To be asked after `next_request` gave nothing; then it is in the future. Nothing when only
    /// an answer or a new record can bring work, and while closing.
    [[nodiscard]] std::optional<steady_time> wake_at() const;

    /// True when a log call should wake the worker for its record. False when the record would have to wait anyway: all
    /// requests are out, the destination holds back, or an incomplete batch waits for its age. In the last case records
    /// may pile up until `wake_at`, so the worker must also be woken when the buffer fills (a segment is full).
    [[nodiscard]] bool hungry(moment now) const;

    /// Incomplete batches go now, and so do the records that are in the source now; used by nudge, drain and close.
    void hurry();

    /// From now on `next` is the vendor, the same but for its credential; the earlier one is not used any more when
    /// this returns. What the earlier one encoded is encoded anew before it is sent again, and a destination that rests
    /// tries at once.
    void use(vendor& next, moment now);

    /// True when `next_request` gave nothing only because it had taken many records that need no request: others have
    /// their turn first, and then it is worth asking again.
    [[nodiscard]] bool cut_short() const noexcept;

    /// True when nothing holds the destination back.
    [[nodiscard]] bool well() const noexcept;

    /// From now on no wait of any kind: batches held for a retry or a pause are tried once more, and new ones are sent
    /// as long as the vendor takes them. What then fails is kept until `abandon`.
    void begin_closing(moment now);

    /// Gives up everything that is not settled (in flight, held, in an open batch), reason `at_close`, and settles it.
    /// Answers that come later are ignored. Records still in the source are the caller's to count.
    void abandon();

    /// Records taken from the source and not settled yet.
    [[nodiscard]] std::size_t unsettled() const noexcept;

    /// All but `accepted`, `pending` and `name`, which are the caller's.
    [[nodiscard]] const destination_stats& counts() const noexcept;

private:
    std::unique_ptr<class destination_core> core_;
};

}  // namespace logferry::delivery
