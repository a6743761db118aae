// The two neighbours of a destination, scripted: a source of records and a vendor that does as the test says.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <delivery/destination.hpp>

namespace logferry::test {

struct scripted_record {
    std::string text;
    level lvl = level::info;
    std::int64_t time_ns = 0;
};

/// Gives its records in order, under the tokens 1, 2, 3 ..., and remembers what was settled.
class scripted_source final : public delivery::record_source {
public:
    void add(scripted_record r) { records_.push_back(std::move(r)); }

    bool next(record_view& record, std::uint64_t& token) override {
        if (taken_ == records_.size()) return false;
        const auto& r = records_[taken_];
        record.message = r.text;
        record.lvl = r.lvl;
        record.time_ns = r.time_ns;
        token = ++taken_;
        return true;
    }

    void settle(std::uint64_t token) override {
        if (token == 0 || token > taken_) throw std::logic_error("a record was settled that was never taken");
        if (++settled_[token] > 1) throw std::logic_error("a record was settled twice: " + std::to_string(token));
    }

    [[nodiscard]] std::size_t taken() const { return taken_; }
    [[nodiscard]] std::size_t waiting() const { return records_.size() - taken_; }
    [[nodiscard]] std::size_t settled() const { return settled_.size(); }
    [[nodiscard]] bool settled(std::uint64_t token) const { return settled_.count(token) != 0; }
    [[nodiscard]] const scripted_record& record(std::uint64_t token) const { return records_.at(token - 1); }

private:
    std::deque<scripted_record> records_;
    std::size_t taken_ = 0;
    std::map<std::uint64_t, int> settled_;
};

/// Encodes a record as its message. What it does with a record is written in the message: `filter...`, `refuse...`,
/// `throw...`, `clip...`, and `page...` for one that pages a person. `judge` gives what the test has put into `says`.
class scripted_vendor final : public vendor {
public:
    std::string_view name() const noexcept override { return "acme"; }
    const vendor_limits& limits() const noexcept override { return allowed; }
    const http_endpoint& endpoint() const noexcept override { return endpoint_; }

    encoded encode(const record_view& record, std::chrono::steady_clock::time_point, std::string& body) override {
        encoded result;
        const auto text = record.message;
        const auto is = [text](std::string_view word) { return text.substr(0, word.size()) == word; };
        if (is("filter")) {
            result.what = encoded::result::filtered;
        } else if (is("refuse")) {
            result.what = encoded::result::rejected;
            result.reason = "it has no host";
        } else {
            body.append(text);
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
    outcome says;
    bool judge_throws = false;
    mutable std::size_t judged = 0;

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
