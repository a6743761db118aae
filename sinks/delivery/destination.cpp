#include "destination_core.hpp"

namespace logferry::delivery {
namespace {

/// So much is set aside as suspect before the next witness has to wait: suspects keep their records in the buffer.
constexpr std::size_t most_suspect_bytes = 4 * 1024 * 1024;

/// So many records that end without a request are taken in a row before others get their turn.
constexpr std::size_t most_in_a_row = 512;

std::int64_t nanoseconds_of(wall_time t) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

}  // namespace

// ---- what may leave ----

bool destination_core::new_ones_may_leave(steady_time now) const noexcept {
    if (all_out()) return false;
    if (!closing) return way.admits(now);
    if (ordered() && !held.only_suspects()) return false;
    // Nothing waits while closing, but a vendor in trouble gets no more than what it would get as probes.
    return way.open() || (held.empty() && flying.empty());
}

bool destination_core::open_batch_due(steady_time now) const noexcept {
    if (assembly.empty()) return false;
    return assembly.full() || assembly.eager() || hurried || closing || now >= assembly.due_at();
}

/// What waits goes first. A suspect makes room for a witness, something else that the vendor may take, and is tried
/// itself when there is none.
batch_ptr destination_core::take_next(moment now) {
    if (auto b = take_held(now)) return b;
    if (held.suspect_bytes() > most_suspect_bytes) return take_suspect(now);
    if (auto b = take_new(now)) return b;
    return take_suspect(now);
}

batch_ptr destination_core::take_held(moment now) {
    if (held.empty() || !(closing || way.admits(now.steady))) return nullptr;
    while (auto b = held.take_oldest(ordered(), way.admits(now.steady))) {
        if (freshen(b, now)) return b;
        if (put_off) break;
    }
    return nullptr;
}

batch_ptr destination_core::take_suspect(moment now) {
    if (held.empty() || !(closing || way.admits(now.steady))) return nullptr;
    while (auto b = held.take_suspect(way.admits(now.steady))) {
        if (freshen(b, now)) return b;
        if (put_off) return nullptr;
    }
    // A suspect may have fallen into halves, or its end may have made room.
    if (auto b = take_held(now)) return b;
    return take_new(now);
}

batch_ptr destination_core::take_new(moment now) {
    if (!new_ones_may_leave(now.steady)) return nullptr;
    for (std::size_t without_batch = 0; !assembly.full();) {
        const auto assembled = assembly.size();
        if (take_record(now)) {
            if (assembly.size() == assembled && ++without_batch == most_in_a_row) {
                cut_short = true;
                return nullptr;
            }
            continue;
        }
        const bool due = open_batch_due(now.steady);
        hurried = false;  // the source is dry, so all that was hurried is in the open batch
        if (due) break;
        if (book.unsettled() == 0) pool.trim();
        return nullptr;
    }
    return assembly.take();
}

request destination_core::give_out(batch_ptr b, moment now) {
    book.request(std::exchange(b->sent, true));
    b->tag = ++last_tag;
    b->last_try = closing;
    b->patient = false;
    b->gzip = gzip;
    b->left_at = now.steady;
    way.left(b->tag);
    const request out{b->tag, b->body, b->gzip, b->pages()};
    flying.push_back(std::move(b));
    window.left(out.tag, flying.size());
    return out;
}

void destination_core::use(vendor& next, moment now) {
    while (!assembly.empty()) held.put(assembly.take());
    to = &next;
    assembly.use(next);
    held.use(assembly.frame());
    held.allow_another_try();
    way.knock(now.steady);
    refusals = 0;
}

// ---- records on their way in ----

bool destination_core::take_record(moment now) {
    record_view record;
    batch_entry one;
    if (!from.next(record, one.token)) return false;
    one.time_ns = record.time_ns;
    one.lvl = record.lvl;
    ++taken;
    book.take();
    if (record.lvl < chosen.min_level && !is_own(one.token)) {
        book.filter(one);
    } else if (too_old(record.time_ns, now)) {
        book.drop(one, drop_reason::expired);
    } else {
        assemble(record, one, now);
    }
    return true;
}

void destination_core::assemble(const record_view& record, const batch_entry& one, moment now) {
    const bool first = assembly.empty();
    const auto result = assembly.add(record, one.token, taken, now.steady);
    switch (result.what) {
        case encoded::result::ok:
            book.clip(result.clipped);
            // The first after a pause waits for nobody; whoever comes while it is on its way fills the next batch.
            if (first && flying.empty() && held.only_suspects()) assembly.make_eager();
            return;
        case encoded::result::filtered:
            return book.filter(one);
        case encoded::result::rejected:
            break;
    }
    bury(one, 0, result.reason);
    book.reject(one);
    tell(event::kind::rejected, book.blame(rejected_text(to->name(), 1, result.reason)), 1);
}

bool destination_core::too_old(std::int64_t time_ns, moment now) const noexcept {
    if (max_age == duration::zero()) return false;
    return time_ns < nanoseconds_of(now.wall) - std::chrono::nanoseconds(max_age).count();
}

/// Readies a held batch for being sent. False when nothing of it is left for that, or it is held in halves now.
bool destination_core::freshen(batch_ptr& b, moment now) {
    expire(*b, now);
    if (b->edition != assembly.edition() && !encode_again(*b, now)) {
        put_off = true;
        held.put(std::move(b));
        return false;
    }
    if (b->empty()) {
        pool.give_back(std::move(b));
    } else if (b->entries.size() > 1 && b->body.size() > chosen.batch_bytes) {
        held.put_halves(std::move(b));
    } else {
        return true;
    }
    return false;
}

void destination_core::expire(batch& b, moment now) {
    if (max_age == duration::zero()) return;
    extracted.clear();
    extract_if(b, assembly.frame(), scratch, extracted,
               [&](const batch_entry& entry) { return too_old(entry.time_ns, now); });
    book.drop(extracted, drop_reason::expired);
}

/// The credential that stands in a body may be an old one. False when that has to wait.
bool destination_core::encode_again(batch& b, moment now) {
    if (!can_encode_again(b)) return false;
    scratch.clear();
    for (const auto& entry : b.entries) encode_entry_again(scratch, entry, now);
    if (!scratch.empty()) scratch.seal(assembly.frame());
    b.body.swap(scratch.body);
    b.entries.swap(scratch.entries);
    b.edition = assembly.edition();
    b.shrunk = false;
    b.forget_failures();
    return true;
}

/// Looked up before anything of the batch is touched.
bool destination_core::can_encode_again(const batch& b) {
    record_view record;
    return std::none_of(b.entries.begin(), b.entries.end(), [&](const batch_entry& entry) {
        return from.read_again(entry.token, record) == record_source::again::later;
    });
}

void destination_core::encode_entry_again(batch& into, const batch_entry& entry, moment now) {
    record_view record;
    if (from.read_again(entry.token, record) != record_source::again::here) return book.drop(entry, drop_reason::full);
    const auto result = assembly.append(into, record, entry.token, now.steady);
    if (result.what == encoded::result::filtered) return book.filter(entry);
    if (result.what == encoded::result::ok) return;
    bury(entry, 0, result.reason);
    book.reject(entry);
    tell(event::kind::rejected, book.blame(rejected_text(to->name(), 1, result.reason)), 1);
}

void destination_core::tell(const event& what) const {
    if (!events) return;
    try {
        events(what);
    } catch (...) {  // an application's callback is not ours to fail on
    }
}

// ---- the machine's face ----

destination_machine::destination_machine(vendor& to, record_source& from, settings chosen, dice chance,
                                         event_sink events, dead_letters* letters)
    : core_(std::make_unique<destination_core>(to, from, chosen, std::move(chance), std::move(events), letters)) {}

destination_machine::~destination_machine() = default;

std::optional<request> destination_machine::next_request(moment now) {
    auto& c = *core_;
    c.asked = now.steady;
    c.cut_short = false;
    c.put_off = false;
    if (c.all_out()) return std::nullopt;
    auto b = c.take_next(now);
    if (!b) return std::nullopt;
    return c.give_out(std::move(b), now);
}

void destination_machine::respond(std::uint64_t tag, const http_response& response, moment now) {
    auto& c = *core_;
    auto b = c.take_flying(tag);
    if (!b) return;
    c.way.returned(tag);
    if (b->empty()) return c.pool.give_back(std::move(b));  // abandoned meanwhile; only its body was still needed
    c.respond(std::move(b), response, now);
}

std::optional<steady_time> destination_machine::wake_at() const {
    const auto& c = *core_;
    if (c.all_out() || (c.closing && !c.held.any_patient())) return std::nullopt;
    if (!c.way.open()) {
        const auto probe = c.way.next_probe();
        // A probe that was due when last asked for found nothing to send; the next record will be one.
        if (!probe || *probe > c.asked) return probe;
    }
    if (c.closing || c.assembly.empty()) return std::nullopt;
    return c.assembly.due_at();
}

bool destination_machine::hungry(moment now) const {
    const auto& c = *core_;
    return c.new_ones_may_leave(now.steady) && (c.assembly.empty() || c.open_batch_due(now.steady));
}

void destination_machine::hurry() { core_->hurried = true; }

void destination_machine::use(vendor& next, moment now) { core_->use(next, now); }

bool destination_machine::cut_short() const noexcept { return core_->cut_short; }

bool destination_machine::well() const noexcept { return core_->way.open(); }

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

const destination_stats& destination_machine::counts() const noexcept {
    auto& c = *core_;
    c.book.in_flight(c.flying.size(), c.window.limit());
    return c.book.counts();
}

}  // namespace logferry::delivery
