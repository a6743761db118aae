// The stage for stories about one destination: a clock that the story moves, dice that it loads, and verbs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <delivery/destination.hpp>
#include <unit/delivery/scripted.hpp>

namespace logferry::test {

using namespace std::chrono_literals;

class destination_test : public ::testing::Test {
protected:
    // Before the first verb: what kind of destination it is.
    void takes_batches(std::size_t records, std::size_t bytes = 1000, std::chrono::milliseconds age = 1000ms) {
        chosen.batch_records = records;
        chosen.batch_bytes = bytes;
        chosen.batch_age = age;
        for (auto* v : {&acme, &renewed}) {
            v->allowed.open = "[";
            v->allowed.separator = ",";
            v->allowed.close = "]";
        }
    }
    void in_flight(std::size_t n) { chosen.in_flight = n; }

    delivery::destination_machine& machine() {
        if (!machine_) {
            machine_ = std::make_unique<delivery::destination_machine>(
                acme, source, chosen, [this] { return dice; },
                [this](const event& e) {
                    events.push_back(
                        {e.what, std::string(e.text), e.records, std::string(e.receipt), std::string(e.record_id)});
                },
                keeper);
        }
        return *machine_;
    }

    void logs(std::string text, level lvl = level::info) { logs({std::move(text), lvl}); }
    void logs(scripted_record r) {
        r.time_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now.wall.time_since_epoch()).count();
        source.add(std::move(r));
    }
    /// A record of logferry's own.
    void reports(std::string text) { logs({std::move(text), level::warn, 0, {}, true}); }
    void log_all(const std::vector<std::string>& texts) {
        for (const auto& text : texts) logs(text);
    }
    void pass(std::chrono::nanoseconds time) {
        now.steady += time;
        now.wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(time);
    }

    /// The body of the next request, or `nothing`.
    std::string sends() {
        const auto request = machine().next_request(now);
        ledger_balances();
        if (!request) return nothing;
        tags.push_back(request->tag);
        last = *request;
        return std::string(request->body);
    }
    /// The answer to the oldest request that has none.
    void answers(const outcome& o, const http_response& response = {}) {
        ASSERT_FALSE(tags.empty()) << "nothing was sent";
        const auto tag = tags.front();
        tags.pop_front();
        answers_tag(tag, o, response);
    }
    /// The answer to the newest request that has none.
    void answers_newest(const outcome& o, const http_response& response = {}) {
        ASSERT_FALSE(tags.empty()) << "nothing was sent";
        const auto tag = tags.back();
        tags.pop_back();
        answers_tag(tag, o, response);
    }
    void answers_tag(std::uint64_t tag, const outcome& o, const http_response& response = {}) {
        acme.says = renewed.says = o;
        machine().respond(tag, response, now);
        ledger_balances();
    }

    /// Answers each request as `verdict_for` its body, waiting when it has to, until nothing comes any more. Returns
    /// the bodies.
    template <typename Verdict>
    std::vector<std::string> answers_all(Verdict verdict_for) {
        std::vector<std::string> bodies;
        for (int patience = 100'000; patience > 0; --patience) {
            if (const auto body = sends(); body != nothing) {
                bodies.push_back(body);
                answers(verdict_for(body));
            } else if (const auto wait = wakes_in()) {
                pass(*wait);
            } else {
                return bodies;
            }
        }
        ADD_FAILURE() << "it never ends";
        return bodies;
    }

    /// From now on the vendor's object is another one, with another credential.
    void renews(std::string credential) {
        renewed.credential = std::move(credential);
        machine().use(renewed, now);
        ledger_balances();
    }

    /// How long until it is worth asking again; nothing when only an answer or a record can bring work.
    std::optional<std::chrono::nanoseconds> wakes_in() {
        const auto at = machine().wake_at();
        if (!at) return std::nullopt;
        return *at - now.steady;
    }
    bool hungry() { return machine().hungry(now); }

    const destination_stats& counts() { return machine().counts(); }
    std::uint64_t dropped(drop_reason reason) { return counts().dropped[static_cast<std::size_t>(reason)]; }

    void ledger_balances() {
        const auto& c = machine().counts();
        const auto known = c.delivered + c.filtered + c.rejected + c.dropped_total();
        EXPECT_EQ(known, source.settled_of_program());
        EXPECT_EQ(source.taken(), source.settled() + machine().unsettled());
    }

    std::size_t told(event::kind what) const {
        return static_cast<std::size_t>(
            std::count_if(events.begin(), events.end(), [what](const auto& e) { return e.what == what; }));
    }

    static http_response status(int code) {
        http_response r;
        r.status = code;
        return r;
    }
    static http_response asking_for(std::string retry_after) {
        http_response r;
        r.status = 503;
        r.retry_after = std::move(retry_after);
        return r;
    }
    static http_response failing_with(http_failure why) {
        http_response r;
        r.failure = why;
        return r;
    }

    inline static const std::string nothing = "(nothing)";

    delivery::settings chosen = [] {
        delivery::settings s;
        s.batch_records = 1;
        s.batch_bytes = 1000;
        return s;
    }();
    /// An event that outlives its call.
    struct heard {
        event::kind what;
        std::string text;
        std::uint64_t records;
        std::string receipt;
        std::string record_id;
    };

    scripted_vendor acme;
    scripted_vendor renewed;
    scripted_source source;
    scripted_letters letters;
    /// Null for a destination without one, before the first verb.
    delivery::dead_letters* keeper = &letters;
    // 2025-03-19 14:57:06 UTC
    delivery::moment now{delivery::steady_time(std::chrono::hours(1)),
                         delivery::wall_time(std::chrono::seconds(1'742'396'226))};
    double dice = 0.5;
    std::vector<heard> events;
    std::deque<std::uint64_t> tags;
    /// What was sent last.
    delivery::request last;

private:
    std::unique_ptr<delivery::destination_machine> machine_;
};

}  // namespace logferry::test
