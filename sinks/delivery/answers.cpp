// What an answer leads to.
#include "destination_core.hpp"

namespace logferry::delivery {
namespace {

/// So often in a row a connection found closed is no failure: several idle connections may be stale at once.
constexpr std::uint32_t free_reconnects = 2;

/// After so many refused records in a row, none delivered between them, it is hardly the records' fault.
constexpr std::uint32_t run_of_refusals = 10;

/// So often must a vendor have failed on a single record although it took others.
constexpr std::uint32_t proofs_to_give_up = 2;

/// How long after its last delivery a vendor in trouble may be well again before the close budget is over.
constexpr std::chrono::seconds hope_lasts{10};

/// What is left of the message of a record that was too large.
constexpr std::size_t shrunk_message = 4 * 1024;

}  // namespace

void destination_core::respond(batch_ptr b, const http_response& response, moment now) {
    auto verdict = judge(response, b->entries.size());
    // The server may quote a credential that has been replaced since, which the vendor of today does not know.
    if (b->edition != assembly.edition()) verdict.detail.clear();
    if (verdict.what != outcome::verdict::delivered || verdict.rejected_records != 0) {
        book.blame(describe(verdict, response));
    }
    if (response.failure != http_failure::closed_unused) b->lost_connections = 0;
    switch (verdict.what) {
        case outcome::verdict::delivered:
            return deliver(std::move(b), verdict, now);
        case outcome::verdict::retry:
            break;
        case outcome::verdict::rejected:
        case outcome::verdict::split:
            return refuse(std::move(b), verdict, response, now);
        case outcome::verdict::paused:
            return rest(std::move(b), verdict, response, now);
        case outcome::verdict::ambiguous:
            return doubt(std::move(b), response, now);
    }
    retry(std::move(b), verdict, response, now);
}

outcome destination_core::judge(const http_response& response, std::size_t records) const {
    // As with encode, an application's own vendor must not cost us the worker.
    try {
        return to->judge(response, records);
    } catch (...) {
        outcome unknown;
        unknown.detail = "the vendor's judge threw an exception";
        return unknown;
    }
}

// ---- it went well ----

void destination_core::deliver(batch_ptr b, const outcome& verdict, moment now) {
    const auto rejected = std::min(verdict.rejected_records, b->entries.size());
    if (chosen.receipts && !verdict.receipt.empty()) tell_receipt(*b, verdict.receipt);
    refusals = 0;
    newest_delivered = std::max(newest_delivered, b->tag);
    delivered_at = now.steady;
    window.delivered(b->tag, now.steady - b->left_at);
    book.deliver(b->entries, rejected);
    const auto rested = way.deliver(b->tag);
    pool.give_back(std::move(b));
    // The vendor works, and so what it failed on before gets the next chance to prove itself.
    held.clear_suspects(newest_delivered);
    if (rejected != 0) tell(event::kind::rejected, rejected_text(to->name(), rejected, verdict.detail), rejected);
    if (rested != outcome::pause::none) tell(event::kind::resumed, resumed_text(to->name(), rested));
}

void destination_core::tell_receipt(const batch& b, const std::string& receipt) {
    const auto records = b.entries.size();
    record_view record;
    std::string id;
    if (records == 1 && from.read_again(b.entries.front().token, record) == record_source::again::here) {
        id = record.id.to_string();
    }
    tell({event::kind::delivered, {}, receipt, records, receipt, id});
}

// ---- it did not arrive, or the vendor failed ----

void destination_core::retry(batch_ptr b, const outcome& verdict, const http_response& response, moment now) {
    if (response.failure == http_failure::closed_unused && b->lost_connections < free_reconnects) {
        ++b->lost_connections;
        b->last_try = b->patient = false;
        held.put(std::move(b));
        return;
    }
    // Cut short by ourselves for want of time; there is none for another try either.
    if (closing && response.failure == http_failure::aborted) b->last_try = true;
    back_off(*b, response, now);
    if (verdict.tries == 0) {
        held.put(std::move(b));
    } else {
        blame_batch(std::move(b), verdict.tries, response);
    }
}

/// The vendor failed, perhaps on these very bytes: poison. A failure proves something only when the vendor has taken
/// what left after the failure before it. Without proof, and above all while the vendor fails on everything, nothing is
/// given up: the batch is set aside as a suspect until there is a witness. One proof is enough to take a batch apart;
/// to give a record up it takes two, that of its batch among them, for a vendor may fail now and then on anything.
void destination_core::blame_batch(batch_ptr b, std::uint32_t allowed, const http_response& response) {
    if (b->mark != 0 && newest_delivered > b->mark) ++b->proofs;
    b->mark = last_tag;
    ++b->tries;
    const bool alone = b->entries.size() == 1;
    const bool enough = b->tries >= allowed;
    if (b->guilty || (!alone && enough && b->proofs > 0)) {
        held.put_guilty_halves(std::move(b));
    } else if (alone && enough && b->proofs >= proofs_to_give_up) {
        give_up(std::move(b), response);
    } else {
        b->suspect = enough;
        held.put(std::move(b));
    }
}

void destination_core::give_up(batch_ptr b, const http_response& response) {
    const auto record = b->entries.front();
    bury(record, response.status, book.counts().last_error);
    book.drop(record, drop_reason::gave_up);
    pool.give_back(std::move(b));
    if (is_own(record.token)) return;
    tell(event::kind::dropped, gave_up_text(to->name(), book.counts().last_error), 1);
}

void destination_core::doubt(batch_ptr b, const http_response& response, moment now) {
    back_off(*b, response, now);
    extracted.clear();
    extract_if(*b, assembly.frame(), scratch, extracted, [](const batch_entry& entry) { return entry.pages; });
    book.drop(extracted, drop_reason::ambiguous);
    if (b->empty()) {
        pool.give_back(std::move(b));
    } else {
        held.put(std::move(b));
    }
    if (extracted.empty()) return;
    tell(event::kind::dropped, ambiguous_text(to->name(), extracted.size(), book.counts().last_error),
         extracted.size());
}

/// Closing is no failure of the vendor's: while it has taken something lately, what fails now is tried again in time.
void destination_core::hope(batch& b, const http_response& response, moment now) noexcept {
    if (!closing || response.failure == http_failure::aborted) return;
    if (!delivered_at || now.steady - *delivered_at > hope_lasts) return;
    b.last_try = false;
    b.patient = true;
}

void destination_core::back_off(batch& b, const http_response& response, moment now) {
    hope(b, response, now);
    // A probe that fails says nothing about how many at once the vendor can take.
    if (way.open()) window.failed(b.tag);
    const auto asked_by_vendor = asked_for(response.retry_after, now.wall, chosen.delivery);
    if (!way.back_off(b.tag, asked_by_vendor, chance(), now.steady)) return;
    tell(event::kind::notice, unavailable_text(to->name(), book.counts().last_error));
}

// ---- the vendor will not have it ----

void destination_core::refuse(batch_ptr b, const outcome& verdict, const http_response& response, moment now) {
    if (is_gzip_refusal(*b, verdict, response)) {
        stop_gzip();
        b->last_try = b->patient = false;
        held.put(std::move(b));
        return;
    }
    const bool too_large = verdict.what == outcome::verdict::split;
    if (b->entries.size() > 1) {
        if (too_large) assembly.learn_too_large(b->body.size());
        held.put_halves(std::move(b));
    } else if (too_large && has_to_wait(*b)) {
        b->patient = true;
        static_cast<void>(way.back_off(b->tag, {}, chance(), now.steady));
        held.put(std::move(b));
    } else if (too_large && shrink(*b, now)) {
        held.put(std::move(b));
    } else {
        refuse_record(std::move(b), response, now);
    }
}

void destination_core::refuse_record(batch_ptr b, const http_response& response, moment now) {
    ++refusals;
    if (refusals > run_of_refusals && !b->doubted && !closing) {
        // One record a rest is tried from here on, so that a bad record does not keep the others for good.
        b->doubted = true;
        outcome all;
        all.why = outcome::pause::configuration;
        book.blame(book.counts().last_error + " (one record after the other is refused)");
        return rest(std::move(b), all, response, now);
    }
    const auto record = b->entries.front();
    bury(record, response.status, book.counts().last_error);
    book.reject(record);
    pool.give_back(std::move(b));
    if (is_own(record.token)) return;
    tell(event::kind::rejected, rejected_text(to->name(), 1, book.counts().last_error), 1);
}

/// For what it takes to read the record once more. The vendor is asked once more meanwhile.
bool destination_core::has_to_wait(const batch& b) {
    record_view record;
    return !b.shrunk && from.read_again(b.entries.front().token, record) == record_source::again::later;
}

/// Encodes a single record that is too large for the vendor once more, with the beginning of its message and without
/// its fields. False when that was tried before or is no help.
bool destination_core::shrink(batch& b, moment now) {
    const auto entry = b.entries.front();
    record_view record;
    if (b.shrunk) return false;
    if (from.read_again(entry.token, record) != record_source::again::here) return false;
    record.message_clipped |= record.message.size() > shrunk_message;
    record.message = record.message.substr(0, shrunk_message);
    for ([[maybe_unused]] const auto& f : record.fields) ++record.fields_dropped;
    record.fields = {};
    scratch.clear();
    const auto result = assembly.append(scratch, record, entry.token, now.steady);
    if (result.what != encoded::result::ok) return false;
    scratch.seal(assembly.frame());
    if (scratch.body.size() >= b.body.size()) return false;
    b.body.swap(scratch.body);
    b.entries.swap(scratch.entries);
    b.edition = assembly.edition();
    b.shrunk = true;
    b.last_try = b.patient = false;
    b.forget_failures();
    book.clip(result.clipped + 1);
    return true;
}

bool destination_core::is_gzip_refusal(const batch& b, const outcome& verdict,
                                       const http_response& response) const noexcept {
    return b.gzip && verdict.what == outcome::verdict::rejected &&
           (response.status == 400 || response.status == 415 || response.status == 422);
}

/// What refuses a compressed body may mean the compression. From now on everything goes plain, this batch first.
void destination_core::stop_gzip() {
    if (!std::exchange(gzip, false)) return;
    tell(event::kind::notice, gzip_text(to->name(), book.counts().last_error));
}

void destination_core::bury(const batch_entry& record, int status, std::string_view reason) {
    if (is_own(record.token)) return;
    record_view content;
    const bool there = letters != nullptr && from.read_again(record.token, content) == record_source::again::here;
    book.bury(letters != nullptr && letters->keep({there ? &content : nullptr, status, reason}));
}

// ---- the vendor takes nothing for now ----

void destination_core::rest(batch_ptr b, const outcome& verdict, const http_response& response, moment now) {
    // A pause that does not say why needs a person to look.
    const auto why = verdict.why == outcome::pause::none ? outcome::pause::configuration : verdict.why;
    if (why == outcome::pause::auth && b->edition != assembly.edition()) {
        b->last_try = false;
        held.put(std::move(b));  // it left with a credential that has been replaced since
        return;
    }
    const auto asked_by_vendor = asked_for(response.retry_after, now.wall, chosen.delivery);
    if (why == outcome::pause::rate) {
        if (way.open()) window.failed(b->tag);
        hope(*b, response, now);
    }
    const bool news = way.rest(b->tag, why, verdict.tries, asked_by_vendor, chance(), now.steady);
    held.put(std::move(b));
    if (!news) return;
    std::optional<duration> next_try;
    if (const auto probe = way.next_probe(); probe && !closing) next_try = *probe - now.steady;
    tell(event::kind::paused, paused_text(to->name(), why, book.counts().last_error, next_try));
}

batch_ptr destination_core::take_flying(std::uint64_t tag) {
    const auto at = std::find_if(flying.begin(), flying.end(), [tag](const batch_ptr& b) { return b->tag == tag; });
    if (at == flying.end()) return nullptr;
    auto b = std::move(*at);
    flying.erase(at);
    return b;
}

}  // namespace logferry::delivery
