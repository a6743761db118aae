// The inside of a destination's machine. `destination.cpp` has what leaves and what comes in, `answers.cpp` what an
// answer leads to.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <delivery/assembler.hpp>
#include <delivery/backoff.hpp>
#include <delivery/batch.hpp>
#include <delivery/concurrency.hpp>
#include <delivery/destination.hpp>
#include <delivery/gate.hpp>
#include <delivery/ledger.hpp>
#include <delivery/messages.hpp>
#include <delivery/shelf.hpp>

namespace logferry::delivery {

using batch_ptr = std::unique_ptr<batch>;

/// A record is, from being taken to being settled, in exactly one of: the open batch of the assembler, a held batch, a
/// flying batch. Batches move between these and are never copied.
class destination_core {
public:
    destination_core(vendor& receiver, record_source& source, settings s, dice d, event_sink e, dead_letters* l)
        : to(&receiver),
          from(source),
          chosen(s),
          chance(std::move(d)),
          events(std::move(e)),
          letters(l),
          max_age(bounded(chosen.delivery.max_age)),
          gzip(chosen.gzip),
          book(source),
          assembly(receiver, {chosen.batch_records, chosen.batch_bytes, bounded(chosen.batch_age)}, pool),
          way(chosen.delivery),
          window(chosen.in_flight),
          held(assembly.frame(), pool) {}

    // What may leave.
    [[nodiscard]] bool ordered() const noexcept { return chosen.in_flight <= 1; }
    [[nodiscard]] bool all_out() const noexcept { return flying.size() >= window.limit(); }
    [[nodiscard]] bool new_ones_may_leave(steady_time now) const noexcept;
    [[nodiscard]] bool open_batch_due(steady_time now) const noexcept;
    batch_ptr take_next(moment now);
    batch_ptr take_held(moment now);
    batch_ptr take_new(moment now);
    batch_ptr take_suspect(moment now);
    request give_out(batch_ptr b, moment now);
    void use(vendor& next, moment now);

    // Records on their way in.
    bool take_record(moment now);
    void assemble(const record_view& record, const batch_entry& taken_one, moment now);
    [[nodiscard]] bool too_old(std::int64_t time_ns, moment now) const noexcept;
    bool freshen(batch_ptr& b, moment now);
    void expire(batch& b, moment now);
    bool encode_again(batch& b, moment now);
    [[nodiscard]] bool can_encode_again(const batch& b);
    void encode_entry_again(batch& into, const batch_entry& entry, moment now);

    // What an answer leads to.
    void respond(batch_ptr b, const http_response& response, moment now);
    [[nodiscard]] outcome judge(const http_response& response, std::size_t records) const;
    void deliver(batch_ptr b, const outcome& verdict, moment now);
    void retry(batch_ptr b, const outcome& verdict, const http_response& response, moment now);
    void blame_batch(batch_ptr b, std::uint32_t allowed, const http_response& response);
    void give_up(batch_ptr b, const http_response& response);
    void refuse(batch_ptr b, const outcome& verdict, const http_response& response, moment now);
    void refuse_record(batch_ptr b, const http_response& response, moment now);
    [[nodiscard]] bool has_to_wait(const batch& b);
    bool shrink(batch& b, moment now);
    bool is_gzip_refusal(const batch& b, const outcome& verdict, const http_response& response) const noexcept;
    void stop_gzip();
    void rest(batch_ptr b, const outcome& verdict, const http_response& response, moment now);
    void doubt(batch_ptr b, const http_response& response, moment now);
    void back_off(batch& b, const http_response& response, moment now);
    void hope(batch& b, const http_response& response, moment now) noexcept;
    void bury(const batch_entry& record, int status, std::string_view reason);
    void tell_receipt(const batch& b, const std::string& receipt);

    batch_ptr take_flying(std::uint64_t tag);
    void tell(event::kind what, std::string_view text, std::uint64_t records = 0) const {
        tell({what, {}, text, records});
    }
    void tell(const event& what) const;

    vendor* to;
    record_source& from;
    const settings chosen;
    dice chance;
    event_sink events;
    dead_letters* letters;
    const duration max_age;
    bool gzip;

    ledger book;
    batch_pool pool;
    assembler assembly;
    gate way;
    concurrency window;
    shelf held;
    std::deque<batch_ptr> flying;  ///< in the order they left; most answers are for the first ones
    batch scratch;
    std::vector<batch_entry> extracted;

    bool hurried = false;
    bool cut_short = false;
    bool put_off = false;  ///< a batch has to be encoded again and cannot be now
    bool closing = false;
    steady_time asked;  ///< when `next_request` was called last
    std::uint64_t last_tag = 0;
    std::uint64_t taken = 0;
    std::uint64_t newest_delivered = 0;       ///< the last request to leave of those that were delivered
    std::optional<steady_time> delivered_at;  ///< when the vendor took something last
    std::uint32_t refusals = 0;               ///< single records refused since the last delivery
};

}  // namespace logferry::delivery
