#include <shipper/lane.hpp>

#include <algorithm>
#include <random>
#include <span>

#include <failpoint/failpoint.hpp>
#include <record/flat.hpp>
#include <transport/process_gate.hpp>

namespace logferry::shipping {

namespace {

// A producer is in the middle of a record for well under a microsecond, unless the scheduler has put it aside.
constexpr auto stuck_after = std::chrono::milliseconds(100);

// A token with this bit names a record of the backlog.
constexpr std::uint64_t of_backlog = std::uint64_t{1} << 62;

record_view parse(const journal::entry& e, std::uint64_t journal_id) noexcept {
    // What is whole was written by `record::plan`; an unreadable record would be a bug, and comes out empty, not lost.
    return record::parse(e.data, {journal_id, e.at}).value_or(record_view{});
}

delivery::dice make_dice() {
    return [generator = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
    };
}

}  // namespace

// ---- cursor_source ----

cursor_source::cursor_source(journal::cursor& from, std::uint64_t journal_id, loss_reporter& reports, level least)
    : from_(from), journal_id_(journal_id), reports_(reports), least_(least) {
    from_.on_give_up([this](std::span<const std::byte> bytes) { count_given_up(bytes); });
}

void cursor_source::use(journal::backlog_cursor& backlog) {
    backlog_ = &backlog;
    backlog.on_give_up([this](std::span<const std::byte> bytes) { count_given_up(bytes); });
}

void cursor_source::count_given_up(std::span<const std::byte> bytes) noexcept {
    const auto given_up = record::parse(bytes, {}).value_or(record_view{});
    if (given_up.lvl >= least_) lost_.drop(drop_reason::full, given_up.lvl, given_up.time_ns);
}

bool cursor_source::next(record_view& record, std::uint64_t& token) {
    if (report_ != 0) {
        record = reports_.read();
        token = std::exchange(report_, 0);
        return true;
    }
    // In turn, so that yesterday's records do not keep today's waiting, nor the other way round.
    backlogs_turn_ = !backlogs_turn_;
    if (backlogs_turn_) return next_of_backlog(record, token) || next_of_journal(record, token);
    return next_of_journal(record, token) || next_of_backlog(record, token);
}

bool cursor_source::next_of_journal(record_view& record, std::uint64_t& token) {
    journal::entry e;
    if (!from_.next(e)) return false;
    record = parse(e, journal_id_);
    token = e.token;
    return true;
}

bool cursor_source::next_of_backlog(record_view& record, std::uint64_t& token) {
    if (!backlog_) return false;
    const transport::process_gate::inside files;
    journal::entry e;
    std::uint64_t journal_id = 0;
    const bool found = backlog_->next(e, journal_id);
    count_corrupt();
    if (!found) return false;
    LOGFERRY_FAILPOINT("recovered_record");
    record = parse(e, journal_id);
    token = e.token | of_backlog;
    return true;
}

void cursor_source::count_corrupt() noexcept {
    const auto corrupt = backlog_->corrupt();
    const auto more = corrupt - std::exchange(corrupt_counted_, corrupt);
    lost_.drop_unknown(drop_reason::corrupt, more);
}

cursor_source::again cursor_source::read_again(std::uint64_t token, record_view& record) {
    if (delivery::is_own(token)) {
        record = reports_.read();
        return again::here;
    }
    if (token & of_backlog) return read_backlog_again(token ^ of_backlog, record);
    journal::entry e;
    if (!from_.read_again(token, e)) return again::gone;
    record = parse(e, journal_id_);
    return again::here;
}

cursor_source::again cursor_source::read_backlog_again(std::uint64_t token, record_view& record) {
    const transport::process_gate::inside files;
    journal::entry e;
    std::uint64_t journal_id = 0;
    switch (backlog_->read_again(token, e, journal_id)) {
        case journal::backlog_cursor::again::here:
            break;
        case journal::backlog_cursor::again::gone:
            return again::gone;
        case journal::backlog_cursor::again::later:
            return again::later;
    }
    record = parse(e, journal_id);
    return again::here;
}

void cursor_source::settle(const delivery::settlement& done) {
    using fate = delivery::settlement::fate;
    if (delivery::is_own(done.token)) return reports_.settle(done);
    if (done.what == fate::rejected) lost_.reject(done.lvl, done.time_ns);
    if (done.what == fate::dropped) lost_.drop(done.why, done.lvl, done.time_ns);
    if (done.token & of_backlog) {
        backlog_->settle(done.token ^ of_backlog);
    } else {
        from_.settle(done.token);
    }
}

// ---- lane_letters ----

bool lane_letters::keep(const delivery::dead_letter& letter) noexcept {
    try {
        using result = dead_letter_file::result;
        const auto done = file_.append(destination_, vendor_, letter);
        if (done.what == result::off) return false;
        std::string text = "a record that " + vendor_ + " will never take ";
        if (done.what == result::kept) {
            text += "was set aside in " + file_.path();
        } else if (done.what == result::full) {
            text += "was not set aside: " + file_.path() +
                    " is as large as dead_letters.max_bytes allows; move it away or raise the limit";
        } else {
            text += "was not set aside: " + file_.path() + " cannot be used: " + done.problem;
        }
        says_.tell({event::kind::spilled, destination_, text, 1});
        return done.what == result::kept;
    } catch (...) {  // no memory
        return false;
    }
}

// ---- lane ----

lane::lane(const checked_destination& chosen, std::size_t number, const lane_surroundings& around)
    : name_(chosen.name),
      least_(chosen.chosen.min_level),
      vendor_(chosen.to),
      cursor_(around.from),
      says_(around.says),
      reports_(chosen.chosen.delivery.loss_report_every, around.journal_id),
      source_(around.from, around.journal_id, reports_, least_),
      letters_(around.letters, chosen.name, std::string(chosen.to->name()), around.says),
      net_(around.net),
      endpoint_(around.net.add(vendor_->endpoint(), chosen.http)),
      tag_base_(std::uint64_t{number} << tag_bits),
      machine_(
          *vendor_, source_, chosen.chosen, make_dice(),
          [this](event what) {
              what.destination = name_;
              says_.tell(what);
          },
          &letters_) {}

void lane::pump(delivery::moment now, std::size_t& in_flight) {
    note_losses(now.steady);
    report_losses(now);
    send(now, in_flight);
    if (!closing_) return;
    // What was lost just now must be told in this round: there may be no other.
    do {
        note_losses(now.steady);
        report_losses(now);
        send(now, in_flight);
    } while (may_report_last());
}

void lane::send(delivery::moment now, std::size_t& in_flight) {
    while (const auto request = machine_.next_request(now)) {
        net_.start({endpoint_, request->body, tag_base_ | request->tag, request->gzip, request->once});
        ++in_flight;
    }
}

void lane::respond(const transport::completion& done, delivery::moment now) {
    machine_.respond(done.tag ^ tag_base_, done.response, now);
}

void lane::add_losses(const losses& at_the_door, delivery::steady_time now) {
    if (at_the_door.total() == 0) return;
    reports_.add(at_the_door, now);
    says_.tell({event::kind::dropped, name_, "lost " + at_the_door.by_reason(), at_the_door.total()});
}

void lane::note_losses(delivery::steady_time now) {
    const auto lost = source_.take_losses();
    if (lost.total() == 0) return;
    reports_.add(lost, now);
    // What was rejected, poison and in doubt has been told by the machine already, with its reason.
    losses silent;
    for (const auto why : {drop_reason::full, drop_reason::expired, drop_reason::corrupt}) {
        const auto index = static_cast<std::size_t>(why);
        silent.dropped[index] = lost.dropped[index];
    }
    if (silent.total() == 0) return;
    says_.tell({event::kind::dropped, name_, "lost " + silent.by_reason(), silent.total()});
}

/// One and no more: a program that logs on after its close must not hold it up.
bool lane::may_report_last() const {
    return !last_report_sent_ && reports_.due_at() && machine_.well() && machine_.unsettled() == 0 &&
           !cursor_.readable() && !backlog_readable();
}

/// A vendor in trouble is told when it is well again. While closing the report comes last, so that it misses nothing.
void lane::report_losses(delivery::moment now) {
    const auto due = reports_.due_at();
    if (!due || !machine_.well()) return;
    if (closing_) {
        if (!may_report_last()) return;
        last_report_sent_ = true;
    } else if (now.steady < *due) {
        return;
    }
    source_.send_report(reports_.write(now));
}

void lane::use(journal::backlog_cursor& backlog) {
    if (backlog_ == &backlog) return;
    backlog_ = &backlog;
    source_.use(backlog);
}

void lane::use(std::shared_ptr<vendor> next, delivery::moment now) {
    net_.update(endpoint_, next->endpoint());
    machine_.use(*next, now);
    vendor_ = std::move(next);
}

bool lane::pass_stuck(delivery::steady_time now) {
    if (!cursor_.held_up()) {
        stuck_since_.reset();
        return false;
    }
    if (!stuck_since_) stuck_since_ = now;
    if (now - *stuck_since_ >= stuck_after) cursor_.pass_unfinished();
    return true;
}

std::optional<delivery::steady_time> lane::wake_at() const {
    const auto wake = machine_.wake_at();
    if (!machine_.well() || closing_) return wake;
    const auto report = reports_.due_at();
    return wake && report ? std::min(wake, report) : (wake ? wake : report);
}

void lane::begin_closing(delivery::moment now) {
    closing_ = true;
    machine_.begin_closing(now);
}

std::uint64_t lane::adrift() const noexcept {
    if (lost_at_close_ > 0) return 0;
    return cursor_.adrift() + (backlog_ ? backlog_->unspooled() : 0);
}

void lane::publish(destination_stats& out) const {
    out = machine_.counts();
    out.name = name_;
    const auto drop = [&out](drop_reason why, std::uint64_t records) {
        out.dropped[static_cast<std::size_t>(why)] += records;
    };
    drop(drop_reason::full, cursor_.given_up());
    drop(drop_reason::at_close, lost_at_close_);
    if (!backlog_) return;
    out.recovered = backlog_->recovered();
    drop(drop_reason::full, backlog_->given_up());
    drop(drop_reason::corrupt, backlog_->corrupt());
}

}  // namespace logferry::shipping
