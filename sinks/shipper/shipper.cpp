#include <logferry/shipper.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include <shipper/absolute_paths.hpp>
#include <shipper/announcer.hpp>
#include <shipper/blueprint.hpp>
#include <shipper/exit_guard.hpp>
#include <shipper/fork_generation.hpp>
#include <shipper/incarnation.hpp>
#include <transport/curl_transport.hpp>
#include <transport/process_gate.hpp>

namespace logferry {

using shipping::incarnation;
using shipping::no_fork;

struct shipper::core {
    using clock = std::chrono::steady_clock;

    core(const shipping::checked_options& checked, const options& opts);
    ~core();

    /// Null in a forked child that has not logged yet, and where the program was ending when it was opened.
    /// Async-signal-safe.
    [[nodiscard]] incarnation* here() const noexcept {
        auto* const known = current.load(std::memory_order_acquire);
        return known != nullptr && known->here() ? known : nullptr;
    }
    /// Null where there can be none.
    [[nodiscard]] incarnation* here_or_new() noexcept {
        auto* const known = here();
        return known != nullptr ? known : renew();
    }
    [[nodiscard]] incarnation* renew() noexcept;
    void make();
    /// Takes it over and true, or leaves it and false when nobody would close it.
    [[nodiscard]] bool put_in_place(std::unique_ptr<incarnation>& fresh) noexcept;
    /// Until no other thread is making one.
    void wait_for_maker() const noexcept;
    /// For want of an engine.
    void refuse() noexcept;
    [[nodiscard]] shipper_stats refusals() const;
    void complain_once(std::string_view why) noexcept;

    const std::chrono::milliseconds close_budget;
    const std::shared_ptr<shipping::blueprint> plan;
    std::atomic<incarnation*> current{nullptr};
    /// Why there is none.
    drop_reason no_engine = drop_reason::forked;
    /// When a child that could not make its own may try again.
    std::atomic<clock::time_point> next_try{clock::time_point::min()};
    /// The fork generation of the thread that is making one; `nobody` when none is.
    static constexpr unsigned nobody = ~0u;
    std::atomic<unsigned> maker{nobody};
    /// Records refused before there was one.
    std::atomic<std::uint64_t> refused{0};
    std::atomic<bool> complained{false};
};

namespace {

/// A child that cannot have an engine now, for want of memory or threads, tries again no sooner.
constexpr auto between_tries = std::chrono::seconds(1);

/// For those who wait for another thread that makes one.
constexpr auto between_looks = std::chrono::microseconds(100);

shipping::checked_options checked_by_child(const options& opts) {
    return shipping::checked_options(opts, shipping::opener::forked_child);
}

}  // namespace

shipper::core::core(const shipping::checked_options& checked, const options& opts)
    : close_budget(opts.close_budget), plan(std::make_shared<shipping::blueprint>(opts, checked)) {
    try {
        current = new incarnation(checked, opts, plan);
    } catch (const transport::process_gate::shut_for_good&) {
        no_engine = drop_reason::after_close;
    }
}

shipper::core::~core() {
    if (here() != nullptr) {
        delete current.load();
    } else if (current.load() != nullptr) {
        shipping::leave_for_ever(no_fork(), current.load());
    }
}

/// In a forked child, once: log calls that come meanwhile wait for it. No lock, which a fork at that moment would leave
/// locked in the child; a maker of another generation is none of ours.
incarnation* shipper::core::renew() noexcept {
    if (shipping::is_forking() || clock::now() < next_try.load(std::memory_order_relaxed)) return nullptr;
    const auto me = shipping::fork_generation.load();
    auto other = nobody;
    do {
        wait_for_maker();
        other = maker.load();
    } while (other == me || !maker.compare_exchange_weak(other, me));
    try {
        if (here() == nullptr && clock::now() >= next_try.load()) make();
    } catch (const transport::process_gate::shut_for_good&) {
        next_try = clock::time_point::max();
    } catch (const std::exception& problem) {
        next_try = clock::now() + between_tries;
        complain_once(problem.what());
    } catch (...) {  // the callback among the options could not be copied
        next_try = clock::now() + between_tries;
    }
    maker = nobody;
    return here();
}

void shipper::core::wait_for_maker() const noexcept {
    while (maker.load() == shipping::fork_generation.load()) std::this_thread::sleep_for(between_looks);
}

/// Meanwhile the shipper may be closed, or the program begin to end: whoever does that does not wait for a disk.
void shipper::core::make() {
    const auto opts = plan->opts(no_fork());
    if (opts && !shipping::exit_began(no_fork())) {
        auto fresh = std::make_unique<incarnation>(checked_by_child(*opts), *opts, plan);
        if (put_in_place(fresh)) return;
        fresh->close(std::chrono::milliseconds(0));
    }
    next_try = clock::time_point::max();
}

bool shipper::core::put_in_place(std::unique_ptr<incarnation>& fresh) noexcept {
    const no_fork held;
    if (!plan->opts(held) || shipping::exit_began(held)) return false;
    fresh->works().count_forked(refused.exchange(0));
    auto* const inherited = current.exchange(fresh.release(), std::memory_order_acq_rel);
    if (inherited != nullptr) shipping::leave_for_ever(held, inherited);
    return true;
}

void shipper::core::refuse() noexcept {
    refused.fetch_add(1, std::memory_order_relaxed);
    if (no_engine == drop_reason::after_close || plan->can_be_followed()) return;
    complain_once("its vendor is the application's own; open a shipper in the child");
}

shipper_stats shipper::core::refusals() const {
    shipper_stats result;
    const auto count = refused.load(std::memory_order_relaxed);
    for (const auto& name : plan->names()) {
        auto& d = result.destinations.emplace_back();
        d.name = name;
        d.accepted = count;
        d.dropped[static_cast<std::size_t>(no_engine)] = count;
    }
    return result;
}

/// On standard error, for the callback belongs to a worker, and there is none.
void shipper::core::complain_once(std::string_view why) noexcept {
    if (complained.exchange(true)) return;
    try {
        shipping::write_to_stderr("this forked child cannot go on with its parent's shipper: " + std::string(why));
    } catch (const std::bad_alloc&) {
        // The count of what was refused remains.
    }
}

std::shared_ptr<shipper> shipper::open(options opts) {
    // In this order: OpenSSL registers its clean-up when libcurl is initialised, and what is registered later runs
    // earlier.
    transport::initialise_curl();
    shipping::close_all_at_exit();
    opts = shipping::with_absolute_paths(std::move(opts));
    const shipping::checked_options checked(opts);
    return std::shared_ptr<shipper>(new shipper(std::make_unique<core>(checked, opts)));
}

shipper::shipper(std::unique_ptr<core> c) : core_(std::move(c)) {}

shipper::~shipper() { close(); }

bool shipper::submit(const record_input& record) noexcept {
    if (auto* const mine = core_->here_or_new()) return mine->works().submit(record);
    core_->refuse();
    return false;
}

bool shipper::crash_write(std::string_view message, level lvl) noexcept {
    auto* const mine = core_->here();
    return mine != nullptr && mine->works().crash_write(message, lvl);
}

void shipper::nudge() noexcept {
    if (auto* const mine = core_->here()) mine->works().nudge();
}

shipper_stats shipper::drain(std::chrono::milliseconds deadline) {
    auto* const mine = core_->here();
    return mine != nullptr ? mine->works().drain(deadline) : core_->refusals();
}

shipper_stats shipper::close() { return close(core_->close_budget); }

shipper_stats shipper::close(std::chrono::milliseconds budget) {
    // Nor is it reopened by a child's log call.
    core_->plan->forget();
    auto* const mine = core_->here();
    return mine != nullptr ? mine->close(budget) : core_->refusals();
}

shipper_stats shipper::stats() const {
    auto* const mine = core_->here();
    return mine != nullptr ? mine->works().stats() : core_->refusals();
}

void shipper::set_secret(std::string_view destination, secret credential) {
    auto* const mine = core_->here();
    if (mine != nullptr) mine->works().set_secret(destination, credential);
    core_->plan->set_secret(destination, credential);
    if (mine != nullptr) return;
    // A child's own may have been made from the old one meanwhile, or be in the making.
    core_->wait_for_maker();
    if (auto* const made = core_->here()) made->works().set_secret(destination, credential);
}

void shipper::note_async_hop() noexcept {
    if (auto* const mine = core_->here()) mine->works().note_async_hop();
}

void shipper::note_unmapped_severity() noexcept {
    if (auto* const mine = core_->here()) mine->works().note_unmapped_severity();
}

void shipper::note_unsent_attribute(std::string_view description) noexcept {
    if (auto* const mine = core_->here()) mine->works().note_unsent_attribute(description);
}

}  // namespace logferry
