// A second opinion on a destination: plain lists of records where the machine has batches, byte ranges and a gate. It
// is told what the machine does and says what is wrong with it; an empty answer means nothing is.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <delivery/concurrency.hpp>
#include <unit/delivery/scripted.hpp>

namespace logferry::test {

using tokens = std::vector<std::uint64_t>;

/// One answer, as the test rolled it.
struct rolled_answer {
    outcome verdict;
    http_response response;
    /// What `response.retry_after` asks for, cut; negative for nothing.
    std::chrono::milliseconds asked{-1};
};

class oracle {
public:
    /// `keeps_letters`: there is somebody who keeps every dead letter.
    oracle(const delivery::settings& s, const vendor_limits& frame, const scripted_source& source, bool keeps_letters)
        : chosen_(s),
          frame_(frame),
          source_(source),
          keeps_letters_(keeps_letters),
          learnt_bytes_(s.batch_bytes),
          gzip_(s.gzip),
          window_(s.in_flight) {}

    /// A request was given out. Returns what is wrong with it.
    std::string sees_request(const delivery::request& r, delivery::moment now) {
        looks_at_taken(now);
        if (flying_.size() >= window_.limit()) return "more in flight than allowed";
        if (!may_try(now)) return "a batch left too early";
        parcel p;
        if (const auto wrong = choose(r.body, now, p); !wrong.empty()) return wrong;
        if (framed(p) != r.body) return "wrong body: " + std::string(r.body) + " for " + framed(p);
        if (r.body.size() > chosen_.batch_bytes) return "too many bytes";
        if (p.records.size() > chosen_.batch_records) return "too many records";
        if (r.gzip != gzip_) return gzip_ ? "it went plain" : "it went compressed";
        if (r.once != pages(p)) return "the wrong requests must not be sent twice";
        ++expected.requests;
        if (std::exchange(p.sent, true)) ++expected.retries;
        p.gzip = gzip_;
        p.last_try = closing_;
        p.patient = false;
        p.tag = newest_ = r.tag;
        p.left_at = now.steady;
        if (shut_) probe_ = r.tag;
        flying_[r.tag] = p;
        window_.left(r.tag, flying_.size());
        return "";
    }

    /// Nothing may leave now. Returns what is wrong with that.
    std::string sees_nothing(delivery::moment now, std::optional<delivery::steady_time> wake_at, bool hungry) {
        looks_at_taken(now);
        if (flying_.size() >= window_.limit()) return hungry || wake_at ? "hungry though all requests are out" : "";
        if (may_try(now)) {
            if (next_held(now)) return "a held batch was forgotten";
            if (next_suspect(now)) return "a suspect was forgotten";
            if (next_held(now)) return "the halves of a suspect were forgotten";
        }
        const auto open = open_records();
        if (closing_) return sees_nothing_while_closing(open, wake_at);
        if (!may_try(now)) {
            if (hungry) return "hungry while it holds back";
            if (probe_ != 0) return wake_at ? "wakes for nothing while a probe is out" : "";
            return wake_at == until_ ? "" : "wakes at another time than the end of its wait";
        }
        if (source_.waiting() != 0) return "records were left in the source";
        if (open.size() >= chosen_.batch_records) return "a full batch was forgotten";
        if (open.empty()) return !hungry || wake_at ? "not ready for the next record" : "";
        if (hungry) return "hungry for a record that would wait";
        if (!wake_at || *wake_at <= now.steady) return "an incomplete batch was forgotten";
        return *wake_at <= now.steady + chosen_.batch_age ? "" : "an incomplete batch waits too long";
    }

    void sees_answer(std::uint64_t tag, const rolled_answer& a, double dice, delivery::moment now) {
        const auto at = flying_.find(tag);
        if (at == flying_.end()) return;
        auto p = at->second;
        flying_.erase(at);
        if (probe_ == tag) probe_ = 0;
        if (a.response.failure != http_failure::closed_unused) p.reconnects = 0;
        using verdict = outcome::verdict;
        switch (a.verdict.what) {
            case verdict::delivered:
                return was_delivered(p, a.verdict.rejected_records, now);
            case verdict::rejected:
            case verdict::split:
                return was_refused(std::move(p), a, dice, now);
            case verdict::paused:
                rests(p, a, dice, now);
                held_.push_back(p);
                return;
            case verdict::ambiguous:
                return was_doubted(std::move(p), a, dice, now);
            case verdict::retry:
                return failed(std::move(p), a, dice, now);
        }
    }

    /// Everything from now on is encoded with another credential.
    void sees_use(std::string credential, delivery::moment now) {
        looks_at_taken(now);
        for (auto open = open_records(); !open.empty(); open = open_records()) {
            parcel p;
            p.credential = credential_;
            p.records.assign(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(as_many_as_fit(open)));
            held_.push_back(p);
        }
        for (auto& p : held_) p.last_try = p.patient = false;
        credential_ = std::move(credential);
        ++edition_;
        until_ = now.steady;
        probe_ = 0;
        before_ = newest_;
        failures_ = rests_ = refusals_ = 0;
    }

    void begins_closing() { closing_ = true; }
    void is_abandoned() {
        for (const auto t : tokens(alive_.begin(), alive_.end())) drops(t, drop_reason::at_close);
    }

    /// Returns where the machine's ledger differs from ours.
    [[nodiscard]] std::string compares(const destination_stats& c, std::size_t unsettled) const {
        const std::pair<const char*, std::uint64_t destination_stats::*> counts[] = {
            {"delivered", &destination_stats::delivered},
            {"filtered", &destination_stats::filtered},
            {"rejected", &destination_stats::rejected},
            {"clipped", &destination_stats::clipped},
            {"dead_lettered", &destination_stats::dead_lettered},
            {"dead_letters_lost", &destination_stats::dead_letters_lost},
            {"requests", &destination_stats::requests},
            {"retries", &destination_stats::retries},
            {"loss_reports", &destination_stats::loss_reports}};
        for (const auto& [name, count] : counts) {
            if (c.*count != expected.*count) return differ(name, c.*count, expected.*count);
        }
        for (std::size_t i = 0; i < drop_reason_count; ++i) {
            const auto name = "dropped " + std::string(to_string(static_cast<drop_reason>(i)));
            if (c.dropped[i] != expected.dropped[i]) return differ(name, c.dropped[i], expected.dropped[i]);
        }
        if (c.in_flight_limit != window_.limit()) return differ("the limit", c.in_flight_limit, window_.limit());
        if (unsettled != alive_.size()) return differ("unsettled", unsettled, alive_.size());
        if (source_.taken() != source_.settled() + unsettled) return "taken is not settled and unsettled";
        for (const auto t : alive_) {
            if (source_.settled(t)) return "a record was settled too early: " + std::to_string(t);
        }
        return "";
    }

    destination_stats expected;

private:
    /// Records that go together, and what they went through.
    struct parcel {
        tokens records;
        std::string credential;
        unsigned edition = 0;
        std::uint64_t tag = 0;
        delivery::steady_time left_at;
        bool sent = false;
        bool gzip = false;
        bool last_try = false;
        bool patient = false;
        bool guilty = false;
        bool shrunk = false;
        bool suspect = false;
        bool doubted = false;
        unsigned tries = 0;
        unsigned proofs = 0;
        std::uint64_t mark = 0;
        unsigned reconnects = 0;

        void begins_anew() {
            suspect = doubted = guilty = false;
            tries = proofs = reconnects = 0;
            mark = 0;
        }
    };
    using parcels = std::vector<parcel>;

    static std::string differ(std::string_view what, std::uint64_t is, std::uint64_t should) {
        return std::string(what) + " is " + std::to_string(is) + ", should be " + std::to_string(should);
    }
    [[nodiscard]] bool starts(std::uint64_t token, std::string_view word) const {
        return source_.record(token).text.compare(0, word.size(), word) == 0;
    }
    [[nodiscard]] bool pages(const parcel& p) const {
        return std::any_of(p.records.begin(), p.records.end(), [&](auto t) { return starts(t, "page"); });
    }
    [[nodiscard]] bool ordered() const { return chosen_.in_flight == 1; }

    [[nodiscard]] bool too_old(std::uint64_t token, delivery::moment now) const {
        const std::chrono::nanoseconds age =
            now.wall.time_since_epoch() - std::chrono::nanoseconds(source_.record(token).time_ns);
        return chosen_.delivery.max_age.count() > 0 && age > chosen_.delivery.max_age;
    }

    [[nodiscard]] std::string framed(const parcel& p) const {
        std::string body(frame_.open);
        for (const auto t : p.records) {
            if (t != p.records.front()) body.append(frame_.separator);
            const auto& r = source_.record(t);
            body.append(r.text);
            for (const auto& f : r.fields) {
                if (!p.shrunk) body.append("+").append(f);
            }
            body.append(p.credential);
        }
        return body.append(frame_.close);
    }
    [[nodiscard]] std::size_t size_of(tokens records) const {
        parcel p;
        p.records = std::move(records);
        p.credential = credential_;
        return framed(p).size();
    }
    [[nodiscard]] bool fits_alone(std::uint64_t token) const { return size_of({token}) <= chosen_.batch_bytes; }

    /// How many of these make one request.
    [[nodiscard]] std::size_t as_many_as_fit(const tokens& open) const {
        tokens some{open.front()};
        while (some.size() < std::min(open.size(), chosen_.batch_records)) {
            some.push_back(open[some.size()]);
            if (size_of(some) > learnt_bytes_) return some.size() - 1;
        }
        return some.size();
    }

    // ---- ends ----

    void ends(std::uint64_t token, std::uint64_t& count) {
        if (!source_.record(token).own) ++count;
        alive_.erase(token);
    }
    void drops(std::uint64_t token, drop_reason why) { ends(token, expected.dropped[static_cast<std::size_t>(why)]); }
    void rejects(std::uint64_t token) {
        buries(token);
        ends(token, expected.rejected);
    }
    void buries(std::uint64_t token) {
        if (source_.record(token).own) return;
        ++(keeps_letters_ ? expected.dead_lettered : expected.dead_letters_lost);
    }

    /// What the source gave since the last look: some of it settles at once, the rest is alive.
    void looks_at_taken(delivery::moment now) {
        while (known_ < source_.taken()) {
            const auto token = ++known_;
            if (source_.record(token).lvl < chosen_.min_level && !source_.record(token).own) {
                ends(token, expected.filtered);
            } else if (too_old(token, now)) {
                drops(token, drop_reason::expired);
            } else if (starts(token, "filter")) {
                ends(token, expected.filtered);
            } else if (starts(token, "refuse") || starts(token, "throw") || !fits_alone(token)) {
                rejects(token);
            } else {
                alive_.insert(token);
                if (starts(token, "clip")) expected.clipped += 2;
            }
        }
    }

    // ---- what may leave ----

    [[nodiscard]] bool admits(delivery::moment now) const { return !shut_ || (probe_ == 0 && now.steady >= until_); }
    [[nodiscard]] bool may_try(delivery::moment now) const { return closing_ || admits(now); }
    [[nodiscard]] bool may_go(const parcel& p, delivery::moment now) const {
        return !p.last_try && (!p.patient || admits(now));
    }

    /// Whose turn it is: held ones, then new ones, then suspects.
    std::string choose(std::string_view body, delivery::moment now, parcel& p) {
        if (next_held(now)) {
            p = take(ready());
            return "";
        }
        const auto open = open_records();
        p.credential = credential_;
        p.edition = edition_;
        if (!open.empty())
            p.records.assign(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(as_many_as_fit(open)));
        if (!open.empty() && framed(p) == body) {
            if (closing_ && shut_) {
                next_suspect(now);  // those that expired are in nobody's way
                if (!held_.empty() || !flying_.empty()) return "new records for a vendor in trouble";
            }
            if (ordered() && !only_suspects()) return "a new batch passed a held one";
            return "";
        }
        if (open.size() >= chosen_.batch_records) return "not the records whose turn it is: " + std::string(body);
        if (!closing_ && source_.waiting() != 0) return "a suspect went before its witness";
        if (next_suspect(now)) {
            p = take(ready());
            return "";
        }
        if (next_held(now)) {  // halves of a suspect
            p = take(ready());
            return "";
        }
        return "the request holds something else than the next records: " + std::string(body);
    }

    parcel take(parcels::iterator which) {
        auto p = *which;
        held_.erase(which);
        return p;
    }

    [[nodiscard]] bool only_suspects() const {
        return std::all_of(held_.begin(), held_.end(), [](const auto& p) { return p.suspect; });
    }

    /// Makes a held parcel ready, as the machine does when its turn comes. False when it is not there any more.
    bool readies(parcels::iterator which, delivery::moment now) {
        auto p = take(which);
        remove(
            p, [&](auto t) { return too_old(t, now); }, [&](auto t) { drops(t, drop_reason::expired); });
        if (p.records.empty()) return false;
        if (p.edition != edition_) encodes_again(p);
        if (p.records.empty()) return false;
        if (p.records.size() > 1 && framed(p).size() > chosen_.batch_bytes) {
            halves(p, false);
            return false;
        }
        held_.push_back(p);
        return true;
    }

    void encodes_again(parcel& p) {
        remove(
            p, [&](auto t) { return source_.lost(t); }, [&](auto t) { drops(t, drop_reason::full); });
        remove(
            p, [&](auto t) { return !fits_alone(t); }, [&](auto t) { rejects(t); });
        p.credential = credential_;
        p.edition = edition_;
        p.shrunk = false;
        p.begins_anew();
    }

    template <typename Predicate, typename End>
    void remove(parcel& p, Predicate unwanted, End end) {
        tokens rest;
        for (const auto t : p.records) {
            if (unwanted(t)) {
                end(t);
            } else {
                rest.push_back(t);
            }
        }
        if (rest.size() != p.records.size()) p.begins_anew();
        p.records = rest;
    }

    /// What was made ready last.
    parcels::iterator ready() { return held_.end() - 1; }

    /// Makes the oldest ready that waits and is no suspect. In order, it is that one or none.
    bool next_held(delivery::moment now) {
        for (;;) {
            std::sort(held_.begin(), held_.end(), [](const auto& x, const auto& y) { return x.records < y.records; });
            const auto due = std::find_if(held_.begin(), held_.end(),
                                          [&](const auto& p) { return !p.suspect && (ordered() || may_go(p, now)); });
            if (due == held_.end() || !may_go(*due, now)) return false;
            if (readies(due, now)) return true;
        }
    }

    /// Makes the suspect ready that left longest ago.
    bool next_suspect(delivery::moment now) {
        for (;;) {
            auto due = held_.end();
            for (auto p = held_.begin(); p != held_.end(); ++p) {
                if (p->suspect && may_go(*p, now) && (due == held_.end() || p->tag < due->tag)) due = p;
            }
            if (due == held_.end()) return false;
            if (readies(due, now)) return true;
        }
    }

    [[nodiscard]] std::string sees_nothing_while_closing(const tokens& open,
                                                         std::optional<delivery::steady_time> wake_at) const {
        const bool patient =
            std::any_of(held_.begin(), held_.end(), [](const auto& p) { return p.patient && !p.last_try; });
        if (patient && shut_ && probe_ == 0 ? wake_at != until_ : wake_at.has_value()) return "waits while closing";
        const bool well = !shut_ || (held_.empty() && flying_.empty());
        const bool blocked = ordered() && !only_suspects();
        if (well && !blocked && (source_.waiting() != 0 || !open.empty()))
            return "records were forgotten while closing";
        return "";
    }

    /// Alive, and neither held nor in flight.
    [[nodiscard]] tokens open_records() const {
        auto open = alive_;
        for (const auto& p : held_) {
            for (const auto t : p.records) open.erase(t);
        }
        for (const auto& [tag, p] : flying_) {
            for (const auto t : p.records) open.erase(t);
        }
        return {open.begin(), open.end()};
    }

    // ---- what an answer leads to ----

    void was_delivered(const parcel& p, std::size_t rejected, delivery::moment now) {
        for (const auto t : p.records) {
            const bool own = source_.record(t).own;
            if (own) ++expected.loss_reports;
            ends(t, rejected > 0 && !own ? expected.rejected : expected.delivered);
            if (rejected > 0 && !own) --rejected;
        }
        refusals_ = 0;
        window_.delivered(p.tag, now.steady - p.left_at);
        taken_last_ = std::max(taken_last_, p.tag);
        taken_at_ = now.steady;
        for (auto& h : held_) h.suspect = h.suspect && h.mark >= taken_last_;
        if (shut_ && p.tag <= before_ && !closing_) return;
        shut_ = false;
        failures_ = rests_ = 0;
        resting_ = outcome::pause::none;
        probe_ = 0;
    }

    void was_refused(parcel p, const rolled_answer& a, double dice, delivery::moment now) {
        const bool too_large = a.verdict.what == outcome::verdict::split;
        const auto code = a.response.status;
        if (p.gzip && !too_large && (code == 400 || code == 415 || code == 422)) {
            gzip_ = false;
            p.last_try = p.patient = false;
            held_.push_back(p);
        } else if (p.records.size() > 1) {
            if (too_large) learnt_bytes_ = std::min(learnt_bytes_, framed(p).size() / 2);
            halves(p, false);
        } else if (too_large && shrinks(p)) {
            held_.push_back(p);
        } else if (++refusals_ > 10 && !p.doubted && !closing_) {
            p.doubted = true;
            rolled_answer all = a;
            all.verdict = {};
            all.verdict.why = outcome::pause::configuration;
            rests(p, all, dice, now);
            held_.push_back(p);
        } else {
            rejects(p.records.front());
        }
    }

    bool shrinks(parcel& p) {
        const auto token = p.records.front();
        auto small = p;
        small.shrunk = true;
        small.last_try = small.patient = false;
        small.credential = credential_;
        small.edition = edition_;
        small.begins_anew();
        const auto size = framed(small).size();
        if (p.shrunk || source_.lost(token) || size >= framed(p).size() || size > chosen_.batch_bytes) return false;
        expected.clipped += starts(token, "clip") ? 3 : 1;
        p = small;
        return true;
    }

    void was_doubted(parcel p, const rolled_answer& a, double dice, delivery::moment now) {
        hopes(p, a, now);
        backs_off(p.tag, a, dice, now);
        remove(
            p, [&](auto t) { return starts(t, "page"); }, [&](auto t) { drops(t, drop_reason::ambiguous); });
        if (!p.records.empty()) held_.push_back(p);
    }

    void failed(parcel p, const rolled_answer& a, double dice, delivery::moment now) {
        const auto why = a.response.failure;
        if (why == http_failure::closed_unused && p.reconnects < 2) {
            ++p.reconnects;
            p.last_try = p.patient = false;
            held_.push_back(p);
            return;
        }
        if (closing_ && why == http_failure::aborted) p.last_try = true;
        hopes(p, a, now);
        backs_off(p.tag, a, dice, now);
        if (a.verdict.tries != 0) return is_blamed(std::move(p), a.verdict.tries);
        held_.push_back(p);
    }

    /// Something was taken in the last ten seconds, so there may be time for another try before the end.
    void hopes(parcel& p, const rolled_answer& a, delivery::moment now) const {
        if (!closing_ || a.response.failure == http_failure::aborted) return;
        if (!taken_at_ || now.steady - *taken_at_ > std::chrono::seconds(10)) return;
        p.last_try = false;
        p.patient = true;
    }

    /// A failure counts against it when the vendor has taken what left after the failure before.
    void is_blamed(parcel p, unsigned allowed) {
        if (p.mark != 0 && taken_last_ > p.mark) ++p.proofs;
        p.mark = newest_;
        ++p.tries;
        if (p.records.size() > 1 && (p.guilty || (p.tries >= allowed && p.proofs != 0))) return halves(p, true);
        if (p.records.size() == 1 && p.tries >= allowed && p.proofs >= 2) {
            buries(p.records.front());
            return drops(p.records.front(), drop_reason::gave_up);
        }
        p.suspect = p.tries >= allowed;
        held_.push_back(p);
    }

    /// Guilty halves of several records are halved by their first failure.
    void halves(const parcel& p, bool guilty) {
        const auto middle = p.records.begin() + static_cast<std::ptrdiff_t>(p.records.size() / 2);
        for (const auto& some : {tokens(p.records.begin(), middle), tokens(middle, p.records.end())}) {
            auto half = p;
            half.records = some;
            half.last_try = half.patient = half.shrunk = false;
            half.begins_anew();
            half.guilty = guilty && some.size() > 1;
            half.proofs = guilty ? 1 : 0;
            held_.push_back(half);
        }
    }

    // ---- how long it rests ----

    [[nodiscard]] static std::chrono::nanoseconds grown(std::chrono::milliseconds from, std::chrono::milliseconds to,
                                                        unsigned n) {
        return std::min<std::chrono::nanoseconds>(to, from * (1LL << std::min(n, 20U)));
    }
    [[nodiscard]] std::chrono::nanoseconds jittered(const rolled_answer& a, unsigned n, double dice) const {
        const auto& o = chosen_.delivery;
        auto t = std::chrono::nanoseconds(
            static_cast<std::int64_t>(dice * static_cast<double>(grown(o.backoff_min, o.backoff_max, n).count())));
        if (a.asked.count() >= 0) {
            const std::chrono::nanoseconds extra(
                static_cast<std::int64_t>(dice * static_cast<double>(std::chrono::nanoseconds(o.backoff_min).count())));
            t = std::max(t, a.asked + extra);
        }
        return t;
    }
    void shuts(std::chrono::nanoseconds t, delivery::moment now) {
        until_ = shut_ ? std::max(until_, now.steady + t) : now.steady + t;
        shut_ = true;
        before_ = newest_;
    }
    void backs_off(std::uint64_t tag, const rolled_answer& a, double dice, delivery::moment now) {
        if (!shut_) window_.failed(tag);
        if (!shut_ || tag > before_) return shuts(jittered(a, failures_++, dice), now);
        if (a.asked.count() >= 0) until_ = std::max(until_, now.steady + a.asked);
    }
    void rests(parcel& p, const rolled_answer& a, double dice, delivery::moment now) {
        const auto why = a.verdict.why;
        // What was refused was another credential than today's.
        if (why == outcome::pause::auth && p.edition != edition_) {
            p.last_try = false;
            return;
        }
        if (why == outcome::pause::rate) {
            if (!shut_) window_.failed(p.tag);
            hopes(p, a, now);
        }
        if (shut_ && p.tag <= before_ && resting_ == why) {
            if (a.asked.count() >= 0) until_ = std::max(until_, now.steady + a.asked);
            return;
        }
        shuts(rest_for(a, dice), now);
        ++rests_;
        resting_ = why;
    }
    [[nodiscard]] std::chrono::nanoseconds rest_for(const rolled_answer& a, double dice) const {
        const auto& o = chosen_.delivery;
        const bool quota = a.verdict.why == outcome::pause::quota;
        const bool asked = a.asked.count() >= 0;
        if (a.verdict.why == outcome::pause::rate || rests_ < a.verdict.tries || (quota && asked)) {
            return jittered(a, rests_, dice);
        }
        if (quota) return o.pause_max;
        const auto rest = grown(o.pause_min, o.pause_max, rests_);
        return asked ? std::max(rest, jittered(a, 0, dice)) : rest;
    }

    const delivery::settings& chosen_;
    const vendor_limits& frame_;
    const scripted_source& source_;
    const bool keeps_letters_;
    std::uint64_t known_ = 0;
    std::set<std::uint64_t> alive_;
    parcels held_;
    std::map<std::uint64_t, parcel> flying_;
    std::string credential_;
    unsigned edition_ = 0;
    std::size_t learnt_bytes_;
    bool gzip_;
    /// How the number in flight is found has its own tests; what it is told of is looked at here.
    delivery::concurrency window_;
    std::uint64_t taken_last_ = 0;  ///< the newest request that was delivered
    std::optional<delivery::steady_time> taken_at_;
    unsigned refusals_ = 0;
    bool closing_ = false;
    bool shut_ = false;
    delivery::steady_time until_;
    std::uint64_t newest_ = 0;
    std::uint64_t before_ = 0;
    std::uint64_t probe_ = 0;
    unsigned failures_ = 0;
    unsigned rests_ = 0;
    outcome::pause resting_ = outcome::pause::none;
};

}  // namespace logferry::test
