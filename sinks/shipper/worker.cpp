// The engine's inside: the worker thread's rounds.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <new>
#include <thread>
#include <utility>

#include <failpoint/failpoint.hpp>
#include <shipper/engine.hpp>
#include <transport/process_gate.hpp>

namespace logferry::shipping {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using sleep = journal::journal::sleep;

// After records came in, the worker looks again by itself for a while before it lets log calls wake it: under steady
// load no log call then makes a system call.
constexpr auto linger_for = milliseconds(5);
constexpr auto linger_step = milliseconds(1);
// Nothing should depend on it, but two well-known libraries have lost wake-ups: while something is pending, look now
// and then.
constexpr auto longest_sleep = milliseconds(1000);
constexpr auto stuck_step = milliseconds(50);
constexpr auto trim_after = milliseconds(1000);
constexpr auto for_ever = nanoseconds(std::chrono::hours(24 * 365));

constinit thread_local const engine* worker_of = nullptr;

delivery::moment now() { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }

/// A batch thread does not push a log call off its processor when that wakes it: the program goes first. Where the
/// system says no, nothing is lost but that.
void yield_to_the_program() noexcept {
    const sched_param none{};
    pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
}

}  // namespace

bool engine::on_worker_thread() const noexcept { return worker_of == this; }

void engine::run() noexcept {
    worker_of = this;
    yield_to_the_program();
    announce_notices();
    while (!finished(clock::now())) {
        try {
            round();
        } catch (...) {
            // Memory is short, or something threw that says it does not. The program must live; give it time to free
            // memory. A batch that was being moved just then is lost sight of: its records count as pending until the
            // close, and hold on to their segments.
            std::this_thread::sleep_for(milliseconds(100));
        }
    }
    finish();
    transport_.reset();
    {
        // Whoever opens the spool next, in this process too, takes the slot with what is left in it.
        const transport::process_gate::inside files;
        lanes_.clear();
        spool_.let_go();
    }
    // A callback that holds the shipper would else keep it alive for ever.
    announcer_.forget();
    // The last thing this thread does with the engine, but for letting go of it. See `wait_until_gone`.
    const std::lock_guard lock(ledger_mutex_);
    gone_ = true;
    ledger_changed_.notify_all();
}

void engine::round() {
    const auto start = now();
    respond();
    take_orders(start);
    collect_losses(start);
    if (journal_.maintenance_due()) trimmed_ = false;
    // What the spool forgets, the ledger knows: a close that does not wait for us calls all else pending.
    if (spool_.keeps() && !publish()) return;
    keep_journal(start);
    if (too_late_) return;
    stuck_ = false;
    for (const auto& l : lanes_) {
        l->pump(start, in_flight_);
        if (l->pass_stuck(start.steady)) stuck_ = true;
    }
    if (const auto end = journal_.end(); end != last_end_) {
        last_end_ = end;
        last_record_ = start.steady;
    }
    announce_async_hop();
    announce_unmapped_severity();
    announce_unsent_attributes();
    announce_lost_waker();
    announcer_.catch_up();
    publish();
    answer_drains();
    if (!finished(start.steady)) wait(start);
}

void engine::respond() {
    const auto at = now();
    while (!completions_.empty()) {
        // Taken off the list first: should the answer need memory that is not there, it is not given twice.
        const auto done = std::move(completions_.back());
        completions_.pop_back();
        --in_flight_;
        lanes_[lane::lane_of(done.tag)]->respond(done, at);
        LOGFERRY_FAILPOINT("answered");
    }
}

void engine::take_orders(delivery::moment at) {
    if (hurry_.exchange(false, std::memory_order_acq_rel) || draining_.load(std::memory_order_acquire)) {
        for (const auto& l : lanes_) l->hurry();
    }
    take_vendors(at);
    if (!closing_begun_ && closing_.load(std::memory_order_acquire)) {
        closing_begun_ = true;
        for (const auto& l : lanes_) l->begin_closing(at);
    }
}

void engine::take_vendors(delivery::moment at) {
    if (!vendors_changed_.exchange(false, std::memory_order_acq_rel)) return;
    std::vector<std::pair<std::size_t, std::shared_ptr<vendor>>> fresh;
    {
        const std::lock_guard lock(vendors_mutex_);
        fresh.swap(new_vendors_);
    }
    for (auto& [which, next] : fresh) lanes_[which]->use(std::move(next), at);
}

void engine::collect_losses(delivery::moment at) {
    // Only what is lost for want of room is news. Who logs after closing, in a callback or in a forked child makes a
    // mistake that is counted; to tell of it would make a callback that logs of an event the cause of the next one.
    const auto full = static_cast<std::size_t>(drop_reason::full);
    std::array<losses, level_count> from_level;  // of this level and above
    bool any = false;
    for (std::size_t lvl = 0; lvl < level_count; ++lvl) {
        const auto refused = door_.refused[full][lvl].load(std::memory_order_acquire);
        const auto more = refused - std::exchange(refusals_seen_[lvl], refused);
        if (more == 0) continue;
        any = true;
        for (std::size_t least = 0; least <= lvl; ++least) {
            from_level[least].drop(drop_reason::full, static_cast<level>(lvl), 0, more);
        }
    }
    if (!any) return;
    const auto last = door_.last_ns.load(std::memory_order_relaxed);
    const auto first = door_.first_ns.exchange(0, std::memory_order_relaxed);
    for (auto& lost : from_level) {
        // A log call may have found a time noted just before we took it away.
        lost.first_ns = first != 0 ? first : last;
        lost.last_ns = last;
    }
    for (const auto& l : lanes_) {
        if (l->least() < level::off) l->add_losses(from_level[static_cast<std::size_t>(l->least())], at.steady);
    }
}

void engine::keep_journal(delivery::moment at) {
    {
        // A child would keep the descriptor of a file that is open just now, and with it the file's room or its lock.
        const transport::process_gate::inside files;
        spool_.attend(journal_, at.steady);
        journal_.maintain();
    }
    spool_.tell_news();
    use_backlog();
}

/// There may be one now that could not be opened before.
void engine::use_backlog() {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        if (auto* const backlog = spool_.backlog_of(i)) lanes_[i]->use(*backlog);
    }
}

bool engine::finished(clock::time_point at) const {
    if (too_late_) return true;
    if (!closing_begun_) return false;
    if (at >= close_deadline_.load(std::memory_order_relaxed)) return true;
    // The lanes were asked for all they can send. Nothing is out or will go out later, so all is settled, or what is
    // held was tried once more in vain.
    const auto waits = [](const auto& l) { return l->wake_at().has_value(); };
    // A log call that began before the close may have ended after the lanes looked.
    const auto reads_on = [](const auto& l) { return (l->readable() || l->backlog_readable()) && l->hungry(now()); };
    return in_flight_ == 0 && completions_.empty() && !stuck_ && !unfinished() &&
           std::none_of(lanes_.begin(), lanes_.end(), waits) && std::none_of(lanes_.begin(), lanes_.end(), reads_on);
}

void engine::finish() noexcept {
    try {
        for (const auto& l : lanes_) spool_.keeps() ? l->leave_in_spool() : l->abandon();
        if (publish()) {
            const transport::process_gate::inside files;
            spool_.close(journal_);
        }
        publish();
        {
            const std::lock_guard lock(ledger_mutex_);
            gone_well_ = true;
        }
        tell_the_rest();
    } catch (...) {
        // What could not be written down counts as given up.
    }
    close_ledger();
}

/// Whoever ends without looking at the report of `close` is told here what stayed behind.
void engine::tell_the_rest() {
    for (const auto& d : stats().destinations) {
        const auto given_up = d.dropped[static_cast<std::size_t>(drop_reason::at_close)];
        const auto left = spool_.keeps() ? given_up : given_up + d.pending;
        if (left == 0) continue;
        losses lost;
        lost.drop(drop_reason::at_close, level::info, 0, left);
        auto text = "closed before they were delivered: lost " + lost.by_reason();
        if (!d.last_error.empty()) text += " (" + d.last_error + ")";
        announcer_.tell({event::kind::dropped, d.name, text, left});
    }
    announcer_.say_the_rest();
}

bool engine::publish() {
    const std::lock_guard lock(ledger_mutex_);
    // A close that could not wait any longer has closed it without us.
    too_late_ = finished_;
    if (too_late_) return false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        lanes_[i]->publish(ledger_[i]);
        adrift_[i] = lanes_[i]->adrift();
    }
    if (spool_.keeps()) in_memory_since_ = journal_.first_in_memory();
    spool_.publish(journal_, spool_book_);
    return true;
}

/// Behind the journal's upkeep: what a vendor has taken by the end of a drain is not sent again after a crash.
void engine::answer_drains() {
    const std::lock_guard lock(ledger_mutex_);
    for (std::size_t i = 0; i < lanes_.size(); ++i) settled_to_[i] = lanes_[i]->settled_to();
    const auto through = [](const auto& l) { return l->through_backlog(); };
    through_backlog_ = std::all_of(lanes_.begin(), lanes_.end(), through);
    // Only whoever has been waiting for this: a wake-up a round would cost more than the round.
    if (!drains_.empty() && published_up_to(*drains_.begin())) ledger_changed_.notify_all();
}

void engine::wait(delivery::moment at) {
    const auto depth = depth_of_sleep(at);
    journal_.announce(depth);
    const auto time = work_appeared(depth, at) ? nanoseconds(0) : time_to_sleep(at, depth);
    transport_->drive(time, completions_);
    journal_.announce(sleep::awake);
    if (!trimmed_ && clock::now() - at.steady >= trim_after) {
        journal_.trim();
        trimmed_ = true;
    }
}

bool engine::unfinished() const {
    return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& l) { return l->cut_short(); });
}

bool engine::hungry(delivery::moment at) const {
    return std::any_of(lanes_.begin(), lanes_.end(), [at](const auto& l) { return l->hungry(at); });
}

sleep engine::depth_of_sleep(delivery::moment at) const {
    return hungry(at) && at.steady - last_record_ >= linger_for ? sleep::deep : sleep::doze;
}

bool engine::work_appeared(sleep depth, delivery::moment at) const {
    if (journal_.maintenance_due() || unfinished()) return true;
    return std::any_of(lanes_.begin(), lanes_.end(), [at, depth](const auto& l) {
        return l->hungry(at) && (l->backlog_readable() || (depth == sleep::deep && l->readable()));
    });
}

nanoseconds engine::time_to_sleep(delivery::moment at, sleep depth) {
    auto until = clock::time_point::max();
    for (const auto& l : lanes_) {
        if (const auto wake = l->wake_at()) until = std::min(until, *wake);
    }
    if (closing_begun_) until = std::min(until, close_deadline_.load(std::memory_order_relaxed));
    nanoseconds time = until == clock::time_point::max() ? for_ever : nanoseconds(until - at.steady);
    if (depth == sleep::doze && hungry(at)) time = std::min<nanoseconds>(time, linger_step);
    if (stuck_) time = std::min<nanoseconds>(time, stuck_step);
    if (!trimmed_) time = std::min<nanoseconds>(time, trim_after);
    if (const auto retry = spool_.due_at()) time = std::min<nanoseconds>(time, *retry - at.steady);
    if (const auto news = announcer_.due_at()) time = std::min<nanoseconds>(time, *news - at.steady);
    if (!published_up_to(journal_.end())) time = std::min<nanoseconds>(time, longest_sleep);
    return std::max(time, nanoseconds(0));
}

/// Of the configuration. None in a forked child, whose parent has told them.
void engine::announce_notices() {
    for (const auto& notice : std::exchange(notices_, {})) {
        announcer_.tell_at_once({event::kind::notice, {}, notice.field + ": " + notice.message});
    }
}

void engine::announce_async_hop() {
    if (async_hop_said_ || door_.async_hops.load(std::memory_order_relaxed) == 0) return;
    async_hop_said_ = true;
    announcer_.tell(
        {event::kind::notice,
         {},
         "records reach a logferry sink through an asynchronous logger or frontend: they carry no kv or scope fields. "
         "The sink is asynchronous by itself; put it on a synchronous logger, or behind no other frontend than its "
         "own"});
}

void engine::announce_unmapped_severity() {
    if (unmapped_severity_said_ || door_.unmapped_severities.load(std::memory_order_relaxed) == 0) return;
    unmapped_severity_said_ = true;
    announcer_.tell_at_once({event::kind::notice,
                             {},
                             "the severity of records could not be told: they go out as info. Say what it means with "
                             "boost_log_mapping::severity or severity_mapper"});
}

void engine::announce_unsent_attributes() {
    if (!unsent_news_.load(std::memory_order_relaxed)) return;
    std::string list;
    {
        const std::lock_guard lock(unsent_mutex_);
        unsent_news_.store(false, std::memory_order_relaxed);
        list = std::exchange(unsent_new_, {});
    }
    announcer_.tell_at_once({event::kind::notice,
                             {},
                             "attributes are left out of records, for their types are not known: " + list +
                                 ". Say how to send them with boost_log_mapping::type"});
}

void engine::announce_lost_waker() {
    if (!waker_.lost() || std::exchange(lost_waker_said_, true)) return;
    // The number may be the program's by now, also in its children.
    descriptors_.remove(waker_.fd());
    announcer_.tell(
        {event::kind::notice,
         {},
         "the program has closed descriptors that were the log shipper's: records may come late, or never. Open the "
         "shipper after descriptors are closed, or close only the program's own"});
}

}  // namespace logferry::shipping
