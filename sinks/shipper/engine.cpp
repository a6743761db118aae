// The engine's outside: what log calls and the application's threads do.
#include <shipper/engine.hpp>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <new>
#include <numeric>
#include <random>
#include <stdexcept>

#include <sys/syscall.h>
#include <unistd.h>

#include <record/flat.hpp>
#include <record/thread_fields.hpp>
#include <shipper/blueprint.hpp>
#include <transport/curl_transport.hpp>
#include <vendors/credential.hpp>

namespace logferry::shipping {

namespace {

// How much later than its deadline a close may still find the worker gone: it needs a moment to let go of its
// connections.
constexpr auto close_grace = std::chrono::milliseconds(50);

void wake_consumer(void* waker) noexcept { static_cast<transport::waker*>(waker)->wake(); }

journal::settings with(journal::settings chosen, journal::spool* disk, transport::waker& waker) noexcept {
    chosen.disk = disk;
    chosen.wake = wake_consumer;
    chosen.wake_context = &waker;
    return chosen;
}

std::uint64_t random_id() {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
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
    : max_record_(checked.max_record()),
      announcer_(std::move(raw.on_event)),
      spool_(checked, announcer_),
      journal_(with(checked.buffer(), spool_.disk(), waker_)),
      letters_(raw.dead_letters),
      notices_(checked.by() == opener::program ? std::move(raw.notices) : std::vector<config_problem>()),
      transport_(transport::make_curl_transport(waker_, descriptors_)) {
    if (!descriptors_.add(waker_.fd())) throw std::bad_alloc();
    make_lanes(checked);
    use_backlog();
    ledger_.resize(lanes_.size());
    settled_to_.resize(lanes_.size());
    adrift_.resize(lanes_.size());
    publish();
    answer_drains();
    if (!spool_.keeps()) return;
    // Without delay, for a close that cannot wait for the worker would else take it for something that the next process
    // will find.
    const auto write_down = [this] {
        try {
            return publish();
        } catch (...) {
            return false;  // memory is short: it stays until the next round, which begins with that
        }
    };
    journal_.on_give_up(write_down);
    spool_.on_give_up(write_down);
}

void engine::make_lanes(const checked_options& checked) {
    const auto journal_id = spool_.disk() ? spool_.disk()->journal_id() : random_id();
    std::vector<config_problem> problems;
    for (const auto& chosen : checked.destinations()) {
        const lane_surroundings around{journal_.add_cursor(chosen.name), journal_id, *transport_, announcer_, letters_};
        try {
            lanes_.push_back(std::make_unique<lane>(chosen, lanes_.size(), around));
        } catch (const transport::unusable_option& refused) {
            problems.push_back({chosen.context.path + "http." + refused.option(),
                                refused.reason() + "; give another, or leave it out"});
        } catch (const std::runtime_error& refused) {  // a libcurl that cannot do it
            problems.push_back({chosen.context.path + "http", refused.what()});
        }
        renewables_.push_back({chosen.name, chosen.options, chosen.context});
    }
    if (!problems.empty()) throw config_error(std::move(problems));
}

void engine::set_secret(std::string_view destination, secret credential) {
    const std::lock_guard lock(vendors_mutex_);
    const auto which = std::find_if(renewables_.begin(), renewables_.end(),
                                    [destination](const auto& r) { return r.name == destination; });
    if (which == renewables_.end()) throw_unknown_destination();
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

void engine::forget_descriptors() noexcept {
    descriptors_.close_all();
    spool_.forget();
}

bool engine::submit(const record_input& input) noexcept {
    if (on_worker_thread()) return refuse(drop_reason::reentrant, input);
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
    return put(input, plan, journal_.reserve(plan.size(), importance_of(input.lvl)));
}

bool engine::crash_write(std::string_view message, level lvl) noexcept {
    const int interrupted_errno = errno;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    record_input record;
    record.lvl = std::min(lvl, level::critical);
    record.time_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
    record.thread_id = static_cast<std::uint64_t>(::syscall(SYS_gettid));
    record.message = message;
    // Neither the thread's fields, which a crash may have left half made, nor the question whether this is the worker,
    // which a thread-local answers: the first use of one in a thread may allocate.
    const record::plan plan(record, {}, {}, max_record_);
    const auto room = journal_.reserve(plan.size(), journal::importance::high, journal::patience::none);
    const bool taken = put(record, plan, room);
    errno = interrupted_errno;
    return taken;
}

bool engine::put(const record_input& input, const record::plan& plan, const journal::reservation& room) noexcept {
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

void engine::count_forked(std::uint64_t records) noexcept {
    const auto forked = static_cast<std::size_t>(drop_reason::forked);
    door_.refused[forked][static_cast<std::size_t>(level::info)].fetch_add(records, std::memory_order_release);
}

void engine::note_async_hop() noexcept { door_.async_hops.fetch_add(1, std::memory_order_relaxed); }

void engine::note_unmapped_severity() noexcept { door_.unmapped_severities.fetch_add(1, std::memory_order_relaxed); }

void engine::note_unsent_attribute(std::string_view description) noexcept {
    door_.unsent_attributes.fetch_add(1, std::memory_order_relaxed);
    if (description.empty()) return;
    try {
        const std::lock_guard lock(unsent_mutex_);
        // Several sinks may share the shipper; and nobody reads a line of any length.
        constexpr std::size_t most_described = 32;
        if (unsent_.size() >= most_described || !unsent_.insert(std::string(description)).second) return;
        unsent_new_.append(unsent_new_.empty() ? "" : ", ").append(description);
        unsent_news_.store(true, std::memory_order_relaxed);
    } catch (const std::bad_alloc&) {
        // The count remains.
    }
}

void engine::nudge() noexcept {
    // One write is enough until the worker has taken the order.
    if (!hurry_.exchange(true, std::memory_order_acq_rel)) wake();
}

bool engine::published_up_to(journal::position end) const noexcept {
    return through_backlog_ &&
           std::all_of(settled_to_.begin(), settled_to_.end(), [end](auto to) { return to >= end; });
}

shipper_stats engine::drain(std::chrono::milliseconds deadline) {
    if (!on_worker_thread()) {
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
    give_up_worker();
    return false;
}

void engine::give_up_worker() noexcept {
    close_ledger();
    const std::lock_guard lock(ledger_mutex_);
    given_up_ = true;
    ledger_changed_.notify_all();
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
    ledger_changed_.wait_until(lock, deadline + close_grace, [this] { return gone_ || given_up_; });
    // Of several closes the one that ends first counts. Whoever comes after that waits for the thread only, which may
    // be stuck in a callback.
    if (given_up_) ledger_changed_.wait_for(lock, close_grace, [this] { return gone_; });
    return gone_;
}

void engine::close_ledger() noexcept {
    announcer_.silence();
    const std::lock_guard lock(ledger_mutex_);
    if (finished_) return;
    // The journal is closed, so this number is final: what was granted counts, whether its log call has returned or
    // not.
    const auto journaled = journal_.accepted();
    // What is in the spool stays pending, for the next process.
    const bool spooled = spool_.keeps() && (gone_well_ || spool_book_.unspooled == 0);
    // But for what the worker would have to put there, and what it has on its way from a segment that is gone.
    const auto in_memory = spooled && !gone_well_ ? journal_.accepted_since(in_memory_since_) : 0;
    for (std::size_t i = 0; i < ledger_.size(); ++i) {
        auto& d = ledger_[i];
        const auto known = journaled + d.recovered;
        const auto settled = d.delivered + d.filtered + d.rejected + d.dropped_total();
        const auto open = known - std::min(settled, known);
        d.dropped[static_cast<std::size_t>(drop_reason::at_close)] +=
            spooled ? std::min(open, adrift_[i] + in_memory) : open;
    }
    finished_ = true;
    ledger_changed_.notify_all();
}

shipper_stats engine::stats() const {
    shipper_stats result;
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
        const auto known = journaled + d.recovered;
        d.accepted = known + at_the_door;
        d.pending = known - std::min(settled, known);
        d.filtered += off;
        for (std::size_t i = 0; i < drop_reason_count; ++i) d.dropped[i] += refused[i];
    }
    result.spool = spool_book_;
    result.clipped_records = door_.clipped.load(std::memory_order_relaxed);
    result.async_hops = door_.async_hops.load(std::memory_order_relaxed);
    result.unmapped_severities = door_.unmapped_severities.load(std::memory_order_relaxed);
    result.unsent_attributes = door_.unsent_attributes.load(std::memory_order_relaxed);
    return result;
}

}  // namespace logferry::shipping
