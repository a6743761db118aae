// The neighbours of a destination, scripted: a source of records, a vendor that does as the test says, and a keeper of
// dead letters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <delivery/destination.hpp>
#include <record/flat.hpp>

namespace logferry::test {

struct scripted_record {
    std::string text;
    level lvl = level::info;
    std::int64_t time_ns = 0;
    /// Names of its fields.
    std::vector<std::string> fields = {};
    /// One of logferry's own.
    bool own = false;
};

/// Gives its records in order, under the tokens 1, 2, 3 ..., and remembers what was settled. Complains of what no
/// destination may do.
class scripted_source final : public delivery::record_source {
public:
    void add(scripted_record r) { records_.push_back(std::move(r)); }
    /// The record's bytes are gone: the buffer needed the room.
    void lose(std::uint64_t token) { lost_.insert(token); }
    /// No record can be read again for now.
    void hide(bool hidden) { hidden_ = hidden; }

    bool next(record_view& record, std::uint64_t& token) override {
        if (taken_ == records_.size()) return false;
        show(++taken_, record);
        token = taken_ | (records_[taken_ - 1].own ? delivery::own_record : 0);
        return true;
    }

    again read_again(std::uint64_t token, record_view& record) override {
        const auto number = number_of(token);
        if (settled(number)) throw std::logic_error("a record was read after it was settled");
        if (lost(number)) return again::gone;
        if (hidden_) return again::later;
        show(number, record);
        return again::here;
    }

    void settle(const delivery::settlement& done) override {
        const auto number = number_of(done.token);
        const auto& r = record(number);
        if (done.lvl != r.lvl || done.time_ns != r.time_ns) throw std::logic_error("settled as another record");
        if (!settled_.emplace(number, done).second) {
            throw std::logic_error("a record was settled twice: " + std::to_string(number));
        }
        if (!r.own) ++settled_of_program_;
    }

    [[nodiscard]] std::size_t taken() const { return taken_; }
    [[nodiscard]] std::size_t waiting() const { return records_.size() - taken_; }
    [[nodiscard]] std::size_t settled() const { return settled_.size(); }
    /// Without logferry's own.
    [[nodiscard]] std::size_t settled_of_program() const { return settled_of_program_; }
    [[nodiscard]] bool settled(std::uint64_t number) const { return settled_.count(number) != 0; }
    [[nodiscard]] bool lost(std::uint64_t number) const { return lost_.count(number) != 0; }
    [[nodiscard]] const scripted_record& record(std::uint64_t number) const { return records_.at(number - 1); }
    [[nodiscard]] const delivery::settlement& end_of(std::uint64_t number) const { return settled_.at(number); }

private:
    [[nodiscard]] std::uint64_t number_of(std::uint64_t token) const {
        const auto number = token & ~delivery::own_record;
        if (number == 0 || number > taken_) throw std::logic_error("there is no record with this token");
        if (record(number).own != (number != token)) throw std::logic_error("a token lost what it says");
        return number;
    }

    void show(std::uint64_t number, record_view& view) {
        const auto& r = record(number);
        view = {};
        view.message = r.text;
        view.lvl = r.lvl;
        view.time_ns = r.time_ns;
        view.id = {7, number};
        fields_.clear();
        for (const auto& name : r.fields) {
            const field f{name, 1};
            const auto at = fields_.size();
            fields_.resize(at + record::field_size(f));
            record::write_field(fields_.data() + at, f);
        }
        view.fields = field_range(fields_.data(), fields_.size());
    }

    std::deque<scripted_record> records_;
    std::vector<std::byte> fields_;
    std::size_t taken_ = 0;
    std::size_t settled_of_program_ = 0;
    std::map<std::uint64_t, delivery::settlement> settled_;
    std::set<std::uint64_t> lost_;
    bool hidden_ = false;
};

/// Keeps dead letters in memory, as lines of `status reason: message`.
class scripted_letters final : public delivery::dead_letters {
public:
    bool keep(const delivery::dead_letter& letter) noexcept override {
        if (full) return false;
        kept.push_back(std::to_string(letter.status) + " " + std::string(letter.reason) + ": " +
                       (letter.record != nullptr ? std::string(letter.record->message) : "(gone)"));
        return true;
    }

    std::vector<std::string> kept;
    bool full = false;
};

/// Encodes a record as its message, the names of its fields and the credential, if it has one. What it does with a
/// record is written in the message: `filter...`, `refuse...`, `throw...`, `clip...`, and `page...` for one that pages
/// a person. `judge` gives what the test has put into `says`.
class scripted_vendor final : public vendor {
public:
    std::string_view name() const noexcept override { return "acme"; }
    const vendor_limits& limits() const noexcept override { return allowed; }
    const http_endpoint& endpoint() const noexcept override { return endpoint_; }

    encoded encode(const record_view& record, std::chrono::steady_clock::time_point, std::string& body) override {
        encoded result;
        last_seen = record;
        const auto text = record.message;
        const auto is = [text](std::string_view word) { return text.substr(0, word.size()) == word; };
        if (is("filter")) {
            result.what = encoded::result::filtered;
        } else if (is("refuse")) {
            result.what = encoded::result::rejected;
            result.reason = "it has no host";
        } else {
            body.append(text);
            for (const auto f : record.fields) body.append("+").append(f.key);
            body.append(credential);
            if (is("throw")) throw std::runtime_error("secret words");
            if (is("clip")) result.clipped = 2;
            result.pages = is("page");
        }
        return result;
    }

    outcome judge(const http_response&, std::size_t records) const override {
        judged = records;
        if (judge_throws) throw std::runtime_error("secret words");
        return says;
    }

    vendor_limits allowed;
    std::string credential;
    outcome says;
    bool judge_throws = false;
    mutable std::size_t judged = 0;
    /// Its views are not valid any more.
    record_view last_seen;

private:
    http_endpoint endpoint_;
};

inline outcome delivered(std::size_t but_rejected = 0) {
    outcome o;
    o.what = outcome::verdict::delivered;
    o.rejected_records = but_rejected;
    return o;
}
inline outcome retry(std::uint32_t tries = 0) {
    outcome o;
    o.what = outcome::verdict::retry;
    o.tries = tries;
    o.detail = "HTTP 503";
    return o;
}
inline outcome refused() {
    outcome o;
    o.what = outcome::verdict::rejected;
    o.detail = "HTTP 400";
    return o;
}
inline outcome too_large() {
    outcome o;
    o.what = outcome::verdict::split;
    o.detail = "HTTP 413";
    return o;
}
inline outcome paused(outcome::pause why) {
    outcome o;
    o.what = outcome::verdict::paused;
    o.why = why;
    o.detail = "HTTP 401, the credential was refused; renew it";
    return o;
}
inline outcome ambiguous() {
    outcome o;
    o.what = outcome::verdict::ambiguous;
    o.detail = "no answer came";
    return o;
}

}  // namespace logferry::test
