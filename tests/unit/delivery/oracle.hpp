// A second opinion on a destination: plain lists of records where the machine has batches, byte ranges and a gate. It
// is told what the machine does and says what is wrong with it; an empty answer means nothing is.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
    oracle(const delivery::settings& s, const vendor_limits& frame, const scripted_source& source)
        : chosen_(s), frame_(frame), source_(source) {}

    /// What the source gave since the last call: some of it settles at once, the rest is alive.
    void looks_at_taken(delivery::moment now) {
        while (known_ < source_.taken()) {
            const auto token = ++known_;
            const auto& r = source_.record(token);
            if (r.lvl < chosen_.min_level) {
                ++expected.filtered;
            } else if (too_old(token, now)) {
                ++expected.dropped[index(drop_reason::expired)];
            } else if (starts(r, "filter")) {
                ++expected.filtered;
            } else if (starts(r, "refuse") || starts(r, "throw") || framed({token}).size() > chosen_.batch_bytes) {
                ++expected.rejected;
            } else {
                alive_.insert(token);
                if (starts(r, "clip")) expected.clipped += 2;
            }
        }
    }

    /// A request was given out. Returns what is wrong with it.
    std::string sees_request(std::uint64_t tag, std::string_view body, delivery::moment now) {
        looks_at_taken(now);
        if (flying_.size() >= chosen_.in_flight) return "more in flight than allowed";
        drop_expired_held(now);
        tokens expected_records;
        bool last_try = closing_;
        if (auto due = next_held(); due != held_.end()) {
            if (!may_try(now)) return "a held batch left too early";
            expected_records = due->records;
            held_.erase(due);
            ++expected.retries;
        } else {
            if (!may_try(now)) return "a new batch left too early";
            if (closing_ && shut_ && !(held_.empty() && flying_.empty())) return "new records for a vendor in trouble";
            if (chosen_.in_flight == 1 && !held_.empty()) return "a new batch passed a held one";
            expected_records = open_that_make(body);
            if (expected_records.empty()) return "the request holds something else than the next records";
        }
        if (framed(expected_records) != body)
            return "wrong body: " + std::string(body) + " for " + framed(expected_records);
        if (body.size() > chosen_.batch_bytes) return "too many bytes";
        if (expected_records.size() > chosen_.batch_records) return "too many records";
        for (const auto t : expected_records) {
            if (too_old(t, now) && sent_.count(t) != 0) return "an expired record was sent again";
            sent_.insert(t);
        }
        ++expected.requests;
        newest_ = tag;
        if (shut_) probe_ = tag;
        flying_[tag] = {expected_records, last_try};
        return "";
    }

    /// Nothing may leave now. Returns what is wrong with that.
    std::string sees_nothing(delivery::moment now, std::optional<delivery::steady_time> wake_at, bool hungry) {
        looks_at_taken(now);
        const auto open = open_records();
        if (flying_.size() >= chosen_.in_flight) return hungry || wake_at ? "hungry though all requests are out" : "";
        if (may_try(now)) {
            drop_expired_held(now);
            if (next_held() != held_.end()) return "a held batch was forgotten";
        }
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
        auto b = at->second;
        flying_.erase(at);
        if (probe_ == tag) probe_ = 0;
        const auto trouble = a.response.failure;
        if (trouble != http_failure::closed_unused) reconnects_.erase(b.records);
        using verdict = outcome::verdict;
        switch (a.verdict.what) {
            case verdict::delivered:
                return was_delivered(tag, b, a.verdict.rejected_records);
            case verdict::rejected:
            case verdict::split:
                return was_refused(b);
            case verdict::paused:
                rests(tag, a, dice, now);
                held_.push_back(b);
                return;
            case verdict::ambiguous:
                return was_doubted(tag, b, a, dice, now);
            case verdict::retry:
                break;
        }
        if (trouble == http_failure::closed_unused && reconnects_[b.records] < 2) {
            ++reconnects_[b.records];
            b.last_try = false;
            held_.push_back(b);
            return;
        }
        backs_off(tag, a, dice, now);
        const auto tries = ++tries_[b.records];
        if (a.verdict.tries == 0 || tries < a.verdict.tries) {
            held_.push_back(b);
        } else if (b.records.size() > 1) {
            put_halves(b);
        } else {
            ends(b.records.front(), expected.dropped[index(drop_reason::gave_up)]);
        }
    }

    void begins_closing() { closing_ = true; }
    void is_abandoned() {
        expected.dropped[index(drop_reason::at_close)] += alive_.size();
        alive_.clear();
    }

    /// Returns where the machine's ledger differs from ours.
    [[nodiscard]] std::string compares(const destination_stats& c, std::size_t unsettled) const {
        const auto differ = [](const char* what, std::uint64_t is, std::uint64_t should) {
            return std::string(what) + " is " + std::to_string(is) + ", should be " + std::to_string(should);
        };
        if (c.delivered != expected.delivered) return differ("delivered", c.delivered, expected.delivered);
        if (c.filtered != expected.filtered) return differ("filtered", c.filtered, expected.filtered);
        if (c.rejected != expected.rejected) return differ("rejected", c.rejected, expected.rejected);
        if (c.dropped != expected.dropped) return differ("dropped", c.dropped_total(), expected.dropped_total());
        if (c.clipped != expected.clipped) return differ("clipped", c.clipped, expected.clipped);
        if (c.requests != expected.requests) return differ("requests", c.requests, expected.requests);
        if (c.retries != expected.retries) return differ("retries", c.retries, expected.retries);
        if (unsettled != alive_.size()) return differ("unsettled", unsettled, alive_.size());
        if (source_.taken() != source_.settled() + unsettled) return "taken is not settled and unsettled";
        for (const auto t : alive_) {
            if (source_.settled(t)) return "a record was settled too early: " + std::to_string(t);
        }
        return "";
    }

    destination_stats expected;

private:
    struct parcel {
        tokens records;
        bool last_try = false;
    };
    using parcels = std::vector<parcel>;

    static std::size_t index(drop_reason r) { return static_cast<std::size_t>(r); }
    static bool starts(const scripted_record& r, std::string_view word) {
        return r.text.compare(0, word.size(), word) == 0;
    }

    [[nodiscard]] bool too_old(std::uint64_t token, delivery::moment now) const {
        const std::chrono::nanoseconds age =
            now.wall.time_since_epoch() - std::chrono::nanoseconds(source_.record(token).time_ns);
        return chosen_.delivery.max_age.count() > 0 && age > chosen_.delivery.max_age;
    }

    [[nodiscard]] std::string framed(const tokens& records) const {
        std::string body(frame_.open);
        for (const auto t : records) {
            if (t != records.front()) body.append(frame_.separator);
            body.append(source_.record(t).text);
        }
        return body.append(frame_.close);
    }

    void ends(std::uint64_t token, std::uint64_t& count) {
        ++count;
        alive_.erase(token);
    }

    // ---- what may leave ----

    [[nodiscard]] std::string sees_nothing_while_closing(const tokens& open,
                                                         std::optional<delivery::steady_time> wake_at) const {
        if (wake_at) return "waits while closing";
        const bool well = !shut_ || (held_.empty() && flying_.empty());
        const bool blocked = chosen_.in_flight == 1 && !held_.empty();
        if (well && !blocked && (source_.waiting() != 0 || !open.empty()))
            return "records were forgotten while closing";
        return "";
    }

    [[nodiscard]] bool may_try(delivery::moment now) const {
        return closing_ || !shut_ || (probe_ == 0 && now.steady >= until_);
    }

    parcels::iterator next_held() {
        std::sort(held_.begin(), held_.end(), [](const auto& x, const auto& y) { return x.records < y.records; });
        const auto end = chosen_.in_flight == 1 && !held_.empty() ? held_.begin() + 1 : held_.end();
        const auto oldest = std::find_if(held_.begin(), end, [](const auto& p) { return !p.last_try; });
        return oldest == end ? held_.end() : oldest;
    }

    /// The machine looks at a held batch's age when its turn comes.
    void drop_expired_held(delivery::moment now) {
        if (!may_try(now)) return;
        for (auto due = next_held(); due != held_.end(); due = next_held()) {
            tokens fresh;
            for (const auto t : due->records) {
                if (too_old(t, now)) {
                    ends(t, expected.dropped[index(drop_reason::expired)]);
                } else {
                    fresh.push_back(t);
                }
            }
            due->records = fresh;
            if (!fresh.empty()) return;
            held_.erase(due);
        }
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

    /// The oldest open records that frame to this body. What is left must be one record at most: one that did not fit.
    [[nodiscard]] tokens open_that_make(std::string_view body) const {
        const auto open = open_records();
        tokens some;
        for (const auto t : open) {
            some.push_back(t);
            if (framed(some) == body) return some.size() + 1 >= open.size() ? some : tokens{};
        }
        return {};
    }

    // ---- what an answer leads to ----

    void was_delivered(std::uint64_t tag, const parcel& b, std::size_t rejected) {
        for (const auto t : b.records) {
            ends(t, rejected > 0 ? expected.rejected : expected.delivered);
            if (rejected > 0) --rejected;
        }
        if (shut_ && tag <= before_ && !closing_) return;
        shut_ = false;
        failures_ = rests_ = 0;
        resting_ = outcome::pause::none;
        probe_ = 0;
    }

    void was_refused(const parcel& b) {
        if (b.records.size() > 1) return put_halves(b);
        ends(b.records.front(), expected.rejected);
    }

    void was_doubted(std::uint64_t tag, parcel b, const rolled_answer& a, double dice, delivery::moment now) {
        backs_off(tag, a, dice, now);
        ++tries_[b.records];
        tokens rest;
        for (const auto t : b.records) {
            if (starts(source_.record(t), "page")) {
                ends(t, expected.dropped[index(drop_reason::ambiguous)]);
            } else {
                rest.push_back(t);
            }
        }
        b.records = rest;
        if (!rest.empty()) held_.push_back(b);
    }

    void put_halves(const parcel& b) {
        const auto middle = b.records.begin() + static_cast<std::ptrdiff_t>(b.records.size() / 2);
        held_.push_back({{b.records.begin(), middle}, false});
        held_.push_back({{middle, b.records.end()}, false});
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
        if (!shut_ || tag > before_) return shuts(jittered(a, failures_++, dice), now);
        if (a.asked.count() >= 0) until_ = std::max(until_, now.steady + a.asked);
    }
    void rests(std::uint64_t tag, const rolled_answer& a, double dice, delivery::moment now) {
        const auto why = a.verdict.why;
        if (shut_ && tag <= before_ && resting_ == why) {
            if (a.asked.count() >= 0) until_ = std::max(until_, now.steady + a.asked);
            return;
        }
        auto t = jittered(a, rests_, dice);
        const bool patient = why == outcome::pause::auth || why == outcome::pause::configuration ||
                             (why == outcome::pause::quota && a.asked.count() < 0);
        if (patient) {
            t = grown(chosen_.delivery.pause_min, chosen_.delivery.pause_max, rests_);
            if (a.asked.count() >= 0) t = std::max(t, jittered(a, 0, dice));
        }
        ++rests_;
        resting_ = why;
        shuts(t, now);
    }

    const delivery::settings& chosen_;
    const vendor_limits& frame_;
    const scripted_source& source_;
    std::uint64_t known_ = 0;
    std::set<std::uint64_t> alive_;
    std::set<std::uint64_t> sent_;
    parcels held_;
    std::map<std::uint64_t, parcel> flying_;
    std::map<tokens, std::uint32_t> tries_;
    std::map<tokens, std::uint32_t> reconnects_;
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
