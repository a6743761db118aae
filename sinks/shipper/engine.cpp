// The engine's outside: what log calls and the application's threads do.
#include <shipper/engine.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <stdexcept>

#include <pthread.h>

#include <record/flat.hpp>
#include <record/thread_fields.hpp>
#include <transport/curl_transport.hpp>
#include <vendors/credential.hpp>

namespace logferry::shipping {

namespace {

// How much later than its deadline a close may still find the worker gone: it needs a moment to let go of its
// connections.
constexpr auto close_grace = std::chrono::milliseconds(50);

void wake_consumer(void* waker) noexcept { static_cast<transport::waker*>(waker)->wake(); }

journal::settings with_waker(journal::settings chosen, transport::waker& waker) noexcept {
    chosen.wake = wake_consumer;
    chosen.wake_context = &waker;
    return chosen;
}

std::uint64_t random_id() {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
}

// Counts the forks between the first process and this one. Compared at every log call, where getpid would cost a system
// call.
std::atomic<unsigned> generation{0};

unsigned fork_generation() {
    static const int registered = pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1); });
    static_cast<void>(registered);
    return generation.load(std::memory_order_relaxed);
}

[[noreturn]] void throw_problem(std::string field, std::string message) {
    throw config_error(std::vector<config_problem>{{std::move(field), std::move(message)}});
}

journal::importance importance_of(level lvl) noexcept {
    if (lvl >= level::err) return journal::importance::high;
    return lvl == level::warn ? journal::importance::raised : journal::importance::normal;
}

}  // namespace

engine::engine(const checked_options& checked, options raw)
    : fork_generation_(fork_generation()),
      max_record_(checked.max_record()),
      journal_(with_waker(checked.buffer(), waker_)),
      announcer_(std::move(raw.on_event)),
      letters_(raw.dead_letters),
      transport_(transport::make_curl_transport(waker_)) {
    make_lanes(checked);
    ledger_.resize(lanes_.size());
    settled_to_.resize(lanes_.size());
    publish();
}

void engine::make_lanes(const checked_options& checked) {
    const auto journal_id = random_id();
    std::vector<config_problem> problems;
    for (const auto& chosen : checked.destinations()) {
        const lane_surroundings around{journal_.add_cursor(), journal_id, *transport_, announcer_, letters_};
        try {
            lanes_.push_back(std::make_unique<lane>(chosen, lanes_.size(), around));
        } catch (const std::runtime_error& refused) {  // a file that is not there, a libcurl that cannot do it
            problems.push_back({chosen.context.path + "http", refused.what()});
        }
        renewables_.push_back({chosen.name, chosen.options, chosen.context});
    }
    if (!problems.empty()) throw config_error(std::move(problems));
}

void engine::set_secret(std::string_view destination, secret credential) {
    if (forked()) return;
    const std::lock_guard lock(vendors_mutex_);
    const auto which = std::find_if(renewables_.begin(), renewables_.end(),
                                    [destination](const auto& r) { return r.name == destination; });
    if (which == renewables_.end()) {
        throw_problem("destination", "no destination has the name that was given; shipper::stats lists them");
    }
    auto options = which->options;
    auto* const place = vendors::credential_of(options);
    if (place == nullptr) {
        throw_problem(which->context.path + "vendor",
                      "is the application's own, which keeps its credential itself; tell it the new one");
    }
    *place = std::move(credential);
    std::vector<config_problem> problems;
    auto made = vendors::make_vendor(options, which->context, problems);
    if (!made) throw config_error(std::move(problems));
    new_vendors_.emplace_back(static_cast<std::size_t>(which - renewables_.begin()), std::move(made));
    which->options = std::move(options);
    vendors_changed_.store(true, std::memory_order_release);
    wake();
}

engine::clock::time_point engine::end_of(std::chrono::milliseconds budget) noexcept {
    using std::chrono::milliseconds;
    return clock::now() + std::clamp(budget, milliseconds(0), longest_budget);
}

bool engine::forked() const noexcept { return fork_generation_ != generation.load(std::memory_order_relaxed); }

bool engine::submit(const record_input& input) noexcept {
    if (on_worker_thread()) return refuse(drop_reason::reentrant, input);
    if (forked()) return refuse(drop_reason::forked, input);
    if (input.lvl >= level::off) {
        door_.off.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    record::bytes scope;
    record::bytes call;
    if (input.on_logging_thread) {
        scope = record::scope_fields();
        call = record::call_fields(input.message);
    }
    const record::plan plan(input, scope, call, max_record_);
    const auto room = journal_.reserve(plan.size(), importance_of(input.lvl));
    if (room.what != journal::reservation::state::granted) {
        const bool closed = room.what == journal::reservation::state::closed;
        return refuse(closed ? drop_reason::after_close : drop_reason::full, input);
    }
    plan.write(room.data);
    journal_.commit(room);
    if (plan.clipped()) door_.clipped.fetch_add(1, std::memory_order_relaxed);
    return true;
}

bool engine::refuse(drop_reason why, const record_input& record) noexcept {
    const auto lvl = std::min(static_cast<std::size_t>(record.lvl), level_count - 1);
    // The times first: the worker looks at them when it has seen the count change.
    if (why == drop_reason::full && door_.first_ns.load(std::memory_order_relaxed) == 0) {
        door_.first_ns.store(record.time_ns, std::memory_order_relaxed);
    }
    if (why == drop_reason::full) door_.last_ns.store(record.time_ns, std::memory_order_relaxed);
    door_.refused[static_cast<std::size_t>(why)][lvl].fetch_add(1, std::memory_order_release);
    return false;
}

void engine::note_async_hop() noexcept { door_.async_hops.fetch_add(1, std::memory_order_relaxed); }

void engine::nudge() noexcept {
    if (forked()) return;
    // One write is enough until the worker has taken the order.
    if (!hurry_.exchange(true, std::memory_order_acq_rel)) wake();
}

bool engine::published_up_to(journal::position end) const noexcept {
    return std::all_of(settled_to_.begin(), settled_to_.end(), [end](auto to) { return to >= end; });
}

shipper_stats engine::drain(std::chrono::milliseconds deadline) {
    if (!on_worker_thread() && !forked()) {
        const auto until = end_of(deadline);
        const auto end = journal_.end();
        std::unique_lock lock(ledger_mutex_);
        const auto mine = drains_.insert(end);
        draining_.store(true, std::memory_order_release);
        wake();
        ledger_changed_.wait_until(lock, until, [&] { return finished_ || published_up_to(end); });
        drains_.erase(mine);
        draining_.store(!drains_.empty(), std::memory_order_release);
    }
    return stats();
}

bool engine::close(std::chrono::milliseconds budget) {
    begin_close(budget);
    if (on_worker_thread()) return false;
    if (wait_until_gone(close_deadline_.load(std::memory_order_relaxed))) return true;
    close_ledger();
    return false;
}

void engine::begin_close(std::chrono::milliseconds budget) noexcept {
    const auto deadline = end_of(budget);
    journal_.close();
    auto earliest = close_deadline_.load(std::memory_order_relaxed);
    while (deadline < earliest &&
           !close_deadline_.compare_exchange_weak(earliest, deadline, std::memory_order_relaxed)) {
    }
    closing_.store(true, std::memory_order_release);
    wake();
}

bool engine::wait_until_gone(clock::time_point deadline) {
    std::unique_lock lock(ledger_mutex_);
    // Once the ledger is closed there is nothing left to wait for but the thread, which may be stuck in a callback.
    if (finished_) deadline = std::min(deadline, clock::now());
    return ledger_changed_.wait_until(lock, deadline + close_grace, [this] { return gone_; });
}

void engine::close_ledger() noexcept {
    announcer_.silence();
    const std::lock_guard lock(ledger_mutex_);
    if (finished_) return;
    // The journal is closed, so this number is final: what was granted counts, whether its log call has returned or
    // not.
    const auto journaled = journal_.accepted();
    for (auto& d : ledger_) {
        const auto settled = d.delivered + d.filtered + d.rejected + d.dropped_total();
        d.dropped[static_cast<std::size_t>(drop_reason::at_close)] += journaled - std::min(settled, journaled);
    }
    finished_ = true;
    ledger_changed_.notify_all();
}

shipper_stats engine::stats() const {
    shipper_stats result;
    if (forked()) return result;
    const std::lock_guard lock(ledger_mutex_);
    result.destinations = ledger_;
    // In this order, because a record is accepted before it can be settled.
    const auto journaled = journal_.accepted();
    const auto off = door_.off.load(std::memory_order_relaxed);
    std::array<std::uint64_t, drop_reason_count> refused;
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        refused[i] = 0;
        for (const auto& of_level : door_.refused[i]) refused[i] += of_level.load(std::memory_order_relaxed);
    }
    const auto at_the_door = std::accumulate(refused.begin(), refused.end(), off);
    for (auto& d : result.destinations) {
        const auto settled = d.delivered + d.filtered + d.rejected + d.dropped_total();
        // Counted by the journal on the one side and by the lanes on the other: should they ever disagree, the ledger
        // does not balance, and says so.
        d.accepted = journaled + at_the_door;
        d.pending = journaled - std::min(settled, journaled);
        d.filtered += off;
        for (std::size_t i = 0; i < drop_reason_count; ++i) d.dropped[i] += refused[i];
    }
    result.clipped_records = door_.clipped.load(std::memory_order_relaxed);
    result.async_hops = door_.async_hops.load(std::memory_order_relaxed);
    return result;
}

}  // namespace logferry::shipping
