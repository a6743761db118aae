#include <shipper/loss_reporter.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <record/flat.hpp>
#include <text/time.hpp>

namespace logferry::shipping {

namespace {

// A loss rarely comes alone: so long the first one waits for others.
constexpr std::chrono::milliseconds gather_for{2'000};

// Positions in the journal do not reach so far.
constexpr std::uint64_t first_position = std::uint64_t{1} << 63;

std::string time_text(std::int64_t time_ns) {
    std::string out;
    text::append_rfc3339(out, time_ns);
    return out;
}

}  // namespace

loss_reporter::loss_reporter(std::chrono::milliseconds every, std::uint64_t journal_id)
    : every_(every), journal_id_(journal_id) {}

void loss_reporter::add(const losses& more, delivery::steady_time now) {
    if (every_.count() <= 0 || more.total() == 0) return;
    if (untold_.total() == 0) since_ = now;
    untold_.add(more);
}

std::optional<delivery::steady_time> loss_reporter::due_at() const noexcept {
    if (on_its_way_ || untold_.total() == 0) return std::nullopt;
    const auto gathered = since_ + std::min(gather_for, every_);
    return last_told_ ? std::max(gathered, *last_told_ + every_) : gathered;
}

std::uint64_t loss_reporter::write(delivery::moment now) {
    being_told_ = std::exchange(untold_, {});
    on_its_way_ = true;
    last_told_ = now.steady;
    ++written_;
    const auto reasons = being_told_.by_reason();
    const auto levels = being_told_.levels();
    auto message = "logferry lost " + reasons;
    std::vector<field> fields = {{"lost", being_told_.total()}, {"lost_reasons", reasons}};
    if (!levels.empty()) {
        message += "; levels: " + levels;
        fields.push_back({"lost_levels", levels});
    }
    std::string from;
    std::string to;
    if (being_told_.last_ns != 0) {
        from = time_text(being_told_.first_ns);
        to = time_text(being_told_.last_ns);
        message += "; from " + from + " to " + to;
        fields.push_back({"lost_from", from});
        fields.push_back({"lost_to", to});
    }
    record_input report;
    report.lvl = level::warn;  // whatever the destination takes at least: it is never filtered
    report.time_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now.wall.time_since_epoch()).count();
    report.logger = "logferry";
    report.message = message;
    report.fields = fields.data();
    report.field_count = fields.size();
    const record::plan plan(report, {}, {}, 4096);
    report_.resize(plan.size());
    plan.write(report_.data());
    return delivery::own_record | written_;
}

record_view loss_reporter::read() const noexcept {
    return record::parse(report_, {journal_id_, first_position + written_}).value_or(record_view{});
}

void loss_reporter::settle(const delivery::settlement& done) {
    on_its_way_ = false;
    // A vendor that refuses the report, fails on it, or does not take such records at all, will not take the next one
    // either.
    const bool nobody_saw_it = done.what == delivery::settlement::fate::dropped && done.why != drop_reason::gave_up;
    if (nobody_saw_it) untold_.add(being_told_);
    being_told_ = {};
}

}  // namespace logferry::shipping
