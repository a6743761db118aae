#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include <delivery/assembler.hpp>
#include <delivery/backoff.hpp>
#include <delivery/batch.hpp>
#include <delivery/destination.hpp>
#include <delivery/gate.hpp>
#include <delivery/ledger.hpp>
#include <delivery/messages.hpp>
#include <delivery/shelf.hpp>

namespace logferry::delivery {
namespace {

using batch_ptr = std::unique_ptr<batch>;

/// So often in a row a connection found closed is no failure: several idle connections may be stale at once.
constexpr std::uint32_t free_reconnects = 2;

std::int64_t nanoseconds_of(wall_time t) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

}  // namespace

/// A record is, from being taken to being settled, in exactly one of: the open batch of the assembler, a held batch, a
/// flying batch. Batches move between these and are never copied.
struct destination_machine::core {
    core(vendor& receiver, record_source& source, settings s, dice d, event_sink e)
        : to(receiver),
          from(source),
          chosen(s),
          chance(std::move(d)),
          events(std::move(e)),
          slots(std::max<std::size_t>(chosen.in_flight, 1)),
          max_age(bounded(chosen.delivery.max_age)),
          book(source),
          assembly(to, {chosen.batch_records, chosen.batch_bytes, bounded(chosen.batch_age)}, pool),
          way(chosen.delivery),
          held(assembly.frame(), pool) {}

    // What may leave.
    [[nodiscard]] bool ordered() const noexcept { return slots == 1; }
    [[nodiscard]] bool all_out() const noexcept { return flying.size() >= slots; }
    [[nodiscard]] bool new_ones_may_leave(steady_time now) const noexcept;
    [[nodiscard]] bool open_batch_due(steady_time now) const noexcept;
    batch_ptr take_held(moment now);
    batch_ptr take_new(moment now);
    request give_out(batch_ptr b);

    // Records on their way in.
    bool take_record(moment now);
    void assemble(const record_view& record, std::uint64_t token, moment now);
    [[nodiscard]] bool too_old(std::int64_t time_ns, moment now) const noexcept;
    void expire(batch& b, moment now);

    // What an answer leads to.
    [[nodiscard]] outcome judge(const http_response& response, std::size_t records) const;
    void deliver(batch_ptr b, const outcome& verdict);
    void retry(batch_ptr b, const outcome& verdict, const http_response& response, moment now);
    void refuse(batch_ptr b);
    void rest(batch_ptr b, const outcome& verdict, const http_response& response, moment now);
    void doubt(batch_ptr b, const http_response& response, moment now);
    void back_off(const batch& b, const http_response& response, moment now);

    batch_ptr take_flying(std::uint64_t tag);
    void tell(event::kind what, std::string_view text) const;

    vendor& to;
    record_source& from;
    const settings chosen;
    dice chance;
    event_sink events;
    const std::size_t slots;
    const duration max_age;

    ledger book;
    batch_pool pool;
    assembler assembly;
    gate way;
    shelf held;
    std::deque<batch_ptr> flying;  ///< in the order they left; most answers are for the first ones
    batch scratch;
    std::vector<batch_entry> extracted;

    bool hurried = false;
    bool closing = false;
    steady_time asked;  ///< when `next_request` was called last
    std::uint64_t last_tag = 0;
    std::uint64_t taken = 0;
};

// ---- what may leave ----

bool destination_machine::core::new_ones_may_leave(steady_time now) const noexcept {
    if (all_out()) return false;
    if (!closing) return way.admits(now);
    // Nothing waits while closing, but a vendor in trouble gets no more than what it would get as probes.
    return way.open() || (held.empty() && flying.empty());
}

bool destination_machine::core::open_batch_due(steady_time now) const noexcept {
    if (assembly.empty()) return false;
    return assembly.full() || assembly.eager() || hurried || closing || now >= assembly.due_at();
}

batch_ptr destination_machine::core::take_held(moment now) {
    if (held.empty() || !(closing || way.admits(now.steady))) return nullptr;
    while (auto b = held.take_oldest(ordered())) {
        expire(*b, now);
        if (!b->empty()) return b;
        pool.give_back(std::move(b));
    }
    return nullptr;
}

batch_ptr destination_machine::core::take_new(moment now) {
    if (!new_ones_may_leave(now.steady)) return nullptr;
    while (!assembly.full()) {
        if (take_record(now)) continue;
        const bool due = open_batch_due(now.steady);
        hurried = false;  // the source is dry, so all that was hurried is in the open batch
        if (due) break;
        if (book.unsettled() == 0) pool.trim();
        return nullptr;
    }
    return assembly.take();
}

request destination_machine::core::give_out(batch_ptr b) {
    book.request(std::exchange(b->sent, true));
    b->tag = ++last_tag;
    b->last_try = closing;
    way.left(b->tag);
    flying.push_back(std::move(b));
    return {last_tag, flying.back()->body};
}

// ---- records on their way in ----

bool destination_machine::core::take_record(moment now) {
    record_view record;
    std::uint64_t token = 0;
    if (!from.next(record, token)) return false;
    ++taken;
    book.take();
    if (record.lvl < chosen.min_level) {
        book.filter(token);
    } else if (too_old(record.time_ns, now)) {
        book.drop(token, drop_reason::expired);
    } else {
        assemble(record, token, now);
    }
    return true;
}

void destination_machine::core::assemble(const record_view& record, std::uint64_t token, moment now) {
    const bool first = assembly.empty();
    const auto result = assembly.add(record, token, taken, now.steady);
    switch (result.what) {
        case encoded::result::ok:
            book.clip(result.clipped);
            // The first after a pause waits for nobody; whoever comes while it is on its way fills the next batch.
            if (first && flying.empty() && held.empty()) assembly.make_eager();
            return;
        case encoded::result::filtered:
            return book.filter(token);
        case encoded::result::rejected:
            break;
    }
    book.reject(token);
    tell(event::kind::rejected, book.blame(rejected_text(to.name(), 1, result.reason)));
}

bool destination_machine::core::too_old(std::int64_t time_ns, moment now) const noexcept {
    if (max_age == duration::zero()) return false;
    return time_ns < nanoseconds_of(now.wall) - std::chrono::nanoseconds(max_age).count();
}

void destination_machine::core::expire(batch& b, moment now) {
    if (max_age == duration::zero()) return;
    extracted.clear();
    extract_if(b, assembly.frame(), scratch, extracted,
               [&](const batch_entry& entry) { return too_old(entry.time_ns, now); });
    book.drop(extracted, drop_reason::expired);
}

// ---- what an answer leads to ----

outcome destination_machine::core::judge(const http_response& response, std::size_t records) const {
    // As with encode, an application's own vendor must not cost us the worker.
    try {
        return to.judge(response, records);
    } catch (...) {
        outcome unknown;
        unknown.detail = "the vendor's judge threw an exception";
        return unknown;
    }
}

void destination_machine::core::deliver(batch_ptr b, const outcome& verdict) {
    const auto rejected = std::min(verdict.rejected_records, b->entries.size());
    book.deliver(b->entries, rejected);
    const auto rested = way.deliver(b->tag);
    pool.give_back(std::move(b));
    if (rejected != 0) tell(event::kind::rejected, rejected_text(to.name(), rejected, verdict.detail));
    if (rested != outcome::pause::none) tell(event::kind::resumed, resumed_text(to.name(), rested));
}

void destination_machine::core::retry(batch_ptr b, const outcome& verdict, const http_response& response, moment now) {
    if (response.failure == http_failure::closed_unused && b->lost_connections < free_reconnects) {
        ++b->lost_connections;
        b->last_try = false;
        held.put(std::move(b));
        return;
    }
    // Cut short by ourselves for want of time; there is none for another try either.
    if (closing && response.failure == http_failure::aborted) b->last_try = true;
    back_off(*b, response, now);
    ++b->tries;
    if (verdict.tries == 0 || b->tries < verdict.tries) {
        held.put(std::move(b));
    } else if (b->entries.size() > 1) {
        held.put_halves(std::move(b));
    } else {
        book.drop(b->entries, drop_reason::gave_up);
        pool.give_back(std::move(b));
        tell(event::kind::notice, gave_up_text(to.name(), book.counts().last_error));
    }
}

void destination_machine::core::refuse(batch_ptr b) {
    if (b->entries.size() > 1) return held.put_halves(std::move(b));
    book.reject(b->entries.front().token);
    pool.give_back(std::move(b));
    tell(event::kind::rejected, rejected_text(to.name(), 1, book.counts().last_error));
}

void destination_machine::core::rest(batch_ptr b, const outcome& verdict, const http_response& response, moment now) {
    // A pause that does not say why needs a person to look.
    const auto why = verdict.why == outcome::pause::none ? outcome::pause::configuration : verdict.why;
    const auto asked_by_vendor = asked_for(response.retry_after, now.wall, chosen.delivery);
    const bool news = way.rest(b->tag, why, asked_by_vendor, chance(), now.steady);
    held.put(std::move(b));
    if (!news) return;
    std::optional<duration> next_try;
    if (const auto probe = way.next_probe(); probe && !closing) next_try = *probe - now.steady;
    tell(event::kind::paused, paused_text(to.name(), why, book.counts().last_error, next_try));
}

void destination_machine::core::doubt(batch_ptr b, const http_response& response, moment now) {
    back_off(*b, response, now);
    ++b->tries;
    extracted.clear();
    extract_if(*b, assembly.frame(), scratch, extracted, [](const batch_entry& entry) { return entry.pages; });
    book.drop(extracted, drop_reason::ambiguous);
    if (b->empty()) {
        pool.give_back(std::move(b));
    } else {
        held.put(std::move(b));
    }
    if (extracted.empty()) return;
    tell(event::kind::notice, ambiguous_text(to.name(), extracted.size(), book.counts().last_error));
}

void destination_machine::core::back_off(const batch& b, const http_response& response, moment now) {
    way.back_off(b.tag, asked_for(response.retry_after, now.wall, chosen.delivery), chance(), now.steady);
}

batch_ptr destination_machine::core::take_flying(std::uint64_t tag) {
    const auto at = std::find_if(flying.begin(), flying.end(), [tag](const batch_ptr& b) { return b->tag == tag; });
    if (at == flying.end()) return nullptr;
    auto b = std::move(*at);
    flying.erase(at);
    return b;
}

void destination_machine::core::tell(event::kind what, std::string_view text) const {
    if (!events) return;
    try {
        events(what, text);
    } catch (...) {  // an application's callback is not ours to fail on
    }
}

// ---- the machine's face ----

destination_machine::destination_machine(vendor& to, record_source& from, settings chosen, dice chance,
                                         event_sink events)
    : core_(std::make_unique<core>(to, from, chosen, std::move(chance), std::move(events))) {}

destination_machine::~destination_machine() = default;

std::optional<request> destination_machine::next_request(moment now) {
    auto& c = *core_;
    c.asked = now.steady;
    if (c.all_out()) return std::nullopt;
    auto b = c.take_held(now);
    if (!b) b = c.take_new(now);
    if (!b) return std::nullopt;
    return c.give_out(std::move(b));
}

void destination_machine::respond(std::uint64_t tag, const http_response& response, moment now) {
    auto& c = *core_;
    auto b = c.take_flying(tag);
    if (!b) return;
    c.way.returned(tag);
    if (b->empty()) return c.pool.give_back(std::move(b));  // abandoned meanwhile; only its body was still needed
    const auto verdict = c.judge(response, b->entries.size());
    if (verdict.what != outcome::verdict::delivered || verdict.rejected_records != 0) {
        c.book.blame(describe(verdict, response));
    }
    if (response.failure != http_failure::closed_unused) b->lost_connections = 0;
    switch (verdict.what) {
        case outcome::verdict::delivered:
            return c.deliver(std::move(b), verdict);
        case outcome::verdict::retry:
            break;
        case outcome::verdict::rejected:
        case outcome::verdict::split:
            return c.refuse(std::move(b));
        case outcome::verdict::paused:
            return c.rest(std::move(b), verdict, response, now);
        case outcome::verdict::ambiguous:
            return c.doubt(std::move(b), response, now);
    }
    c.retry(std::move(b), verdict, response, now);
}

std::optional<steady_time> destination_machine::wake_at() const {
    const auto& c = *core_;
    if (c.closing || c.all_out()) return std::nullopt;
    if (!c.way.open()) {
        const auto probe = c.way.next_probe();
        // A probe that was due when last asked for found nothing to send; the next record will be one.
        if (!probe || *probe > c.asked) return probe;
    }
    if (c.assembly.empty()) return std::nullopt;
    return c.assembly.due_at();
}

bool destination_machine::hungry(moment now) const {
    const auto& c = *core_;
    return c.new_ones_may_leave(now.steady) && (c.assembly.empty() || c.open_batch_due(now.steady));
}

void destination_machine::hurry() { core_->hurried = true; }

void destination_machine::begin_closing(moment) {
    core_->closing = true;
    core_->way.trust_stragglers();
}

void destination_machine::abandon() {
    auto& c = *core_;
    while (!c.assembly.empty()) c.book.drop(c.assembly.take()->entries, drop_reason::at_close);
    for (const auto& b : c.held.batches()) c.book.drop(b->entries, drop_reason::at_close);
    c.held.clear();
    for (const auto& b : c.flying) {
        c.book.drop(b->entries, drop_reason::at_close);
        b->entries.clear();  // the transport may still read the body, so that stays
    }
}

std::size_t destination_machine::unsettled() const noexcept { return core_->book.unsettled(); }

const destination_stats& destination_machine::counts() const noexcept { return core_->book.counts(); }

}  // namespace logferry::delivery
