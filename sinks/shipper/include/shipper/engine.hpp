// The engine: journal, worker thread, lanes, and the ledger that the outside sees. `shipper` is its public face.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <journal/journal.hpp>
#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <logferry/secret.hpp>
#include <logferry/stats.hpp>
#include <shipper/announcer.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/dead_letter_file.hpp>
#include <shipper/fork_generation.hpp>
#include <shipper/lane.hpp>
#include <shipper/losses.hpp>
#include <shipper/spool_keeper.hpp>
#include <transport/descriptor_list.hpp>
#include <transport/transport.hpp>
#include <transport/waker.hpp>
#include <vendors/make_vendor.hpp>

namespace logferry::record {
class plan;
}

namespace logferry::shipping {

/// Owned by the shipper and by its own thread, so that a thread that cannot be waited for (a callback that never
/// returns) keeps what it stands on.
///
/// Thread rule: every member but `run` from any thread; `run` is the worker thread.
class engine {
public:
    using clock = std::chrono::steady_clock;

    engine(const checked_options& checked, options raw);

    /// "For ever" is cut to this, so that it does not overflow.
    static constexpr std::chrono::milliseconds longest_budget = std::chrono::hours(24 * 365);

    /// The moment when a budget that begins now is over.
    [[nodiscard]] static clock::time_point end_of(std::chrono::milliseconds budget) noexcept;

    bool submit(const record_input& record) noexcept;
    /// As `shipper::crash_write`.
    bool crash_write(std::string_view message, level lvl) noexcept;
    /// Records that a forked child gave up before it had this engine.
    void count_forked(std::uint64_t records) noexcept;
    void nudge() noexcept;
    shipper_stats drain(std::chrono::milliseconds deadline);
    [[nodiscard]] shipper_stats stats() const;
    void note_async_hop() noexcept;
    void note_unmapped_severity() noexcept;
    void note_unsent_attribute(std::string_view description) noexcept;
    /// Throws `config_error`.
    void set_secret(std::string_view destination, secret credential);

    /// Ends the intake and tells the worker to be done when `budget` is over. Of several budgets the one that ends
    /// first counts.
    void begin_close(std::chrono::milliseconds budget) noexcept;

    /// The whole of a close, but for the thread object: ends the intake, lets the worker ship what it can within
    /// `budget`, and closes the ledger. On the worker's own thread it only begins the close. True when the worker has
    /// left `run`, so that its thread can be joined at once.
    bool close(std::chrono::milliseconds budget);

    /// For a worker that will not come back in time, or that ends the program itself: the ledger is closed without it,
    /// and nobody waits for it any more.
    void give_up_worker() noexcept;

    /// The worker's whole life.
    void run() noexcept;

    /// True on this engine's own worker thread, which must neither wait for itself nor log through itself.
    [[nodiscard]] bool on_worker_thread() const noexcept;

    /// True in a child process that inherited this engine by fork: the worker is not there, and locks may be held for
    /// ever. Nothing else may be called there, but for `forget_descriptors`.
    [[nodiscard]] bool forked() const noexcept { return !born_.is_here(); }

    /// In such a child: closes its copies of this engine's descriptors. Async-signal-safe.
    void forget_descriptors() noexcept;

private:
    void make_lanes(const checked_options& checked);
    void use_backlog();

    // Worker.
    void round();
    void respond();
    void take_orders(delivery::moment now);
    void take_vendors(delivery::moment now);
    void collect_losses(delivery::moment now);
    void keep_journal(delivery::moment now);
    [[nodiscard]] bool finished(clock::time_point now) const;
    void finish() noexcept;
    void tell_the_rest();
    void wait(delivery::moment now);
    [[nodiscard]] bool unfinished() const;
    [[nodiscard]] bool hungry(delivery::moment now) const;
    [[nodiscard]] journal::journal::sleep depth_of_sleep(delivery::moment now) const;
    [[nodiscard]] bool work_appeared(journal::journal::sleep depth, delivery::moment now) const;
    [[nodiscard]] std::chrono::nanoseconds time_to_sleep(delivery::moment now, journal::journal::sleep depth);
    /// Writes the ledger down. False when it is closed: then this thread has nothing more to do.
    bool publish();
    void answer_drains();
    void announce_notices();
    void announce_async_hop();
    void announce_unmapped_severity();
    void announce_unsent_attributes();
    void announce_lost_waker();

    // Any thread.
    void wake() noexcept { waker_.wake(); }
    [[nodiscard]] bool wait_until_gone(clock::time_point deadline);
    void close_ledger() noexcept;
    [[nodiscard]] bool published_up_to(journal::position end) const noexcept;
    /// Writes it to the room that it got.
    bool put(const record_input& record, const record::plan& planned, const journal::reservation& room) noexcept;
    bool refuse(drop_reason why, const record_input& record) noexcept;

    // Intake.
    const birthplace born_;
    const std::size_t max_record_;
    transport::descriptor_list descriptors_;
    transport::waker waker_;
    announcer announcer_;
    spool_keeper spool_;
    journal::journal journal_;
    struct alignas(128) door_counts {
        /// By reason and level.
        std::array<std::array<std::atomic<std::uint64_t>, level_count>, drop_reason_count> refused{};
        /// The records' times; 0 for none since the worker looked last.
        std::atomic<std::int64_t> first_ns{0};
        std::atomic<std::int64_t> last_ns{0};
        std::atomic<std::uint64_t> off{0};
        std::atomic<std::uint64_t> clipped{0};
        std::atomic<std::uint64_t> async_hops{0};
        std::atomic<std::uint64_t> unmapped_severities{0};
        std::atomic<std::uint64_t> unsent_attributes{0};
    };
    door_counts door_;

    // Descriptions of attributes that are not sent, each with a comma and a blank behind it; and whether one has come.
    std::mutex unsent_mutex_;
    std::set<std::string> unsent_;
    /// Those of them that were not said yet.
    std::string unsent_new_;
    std::atomic<bool> unsent_news_{false};

    // Orders to the worker. The flags are set before the wake-up and read after it.
    std::atomic<bool> hurry_{false};
    std::atomic<bool> closing_{false};
    std::atomic<clock::time_point> close_deadline_{clock::time_point::max()};
    std::atomic<bool> draining_{false};

    // Vendors with new credentials, until the worker takes them. What makes one is kept here too: the options with the
    // newest credential.
    struct renewable {
        std::string name;
        vendor_options options;
        vendors::vendor_context context;
    };
    std::mutex vendors_mutex_;
    std::vector<renewable> renewables_;
    std::vector<std::pair<std::size_t, std::shared_ptr<vendor>>> new_vendors_;
    std::atomic<bool> vendors_changed_{false};

    // The ledger as the worker last wrote it down.
    mutable std::mutex ledger_mutex_;
    std::condition_variable ledger_changed_;
    std::vector<destination_stats> ledger_;
    std::vector<journal::position> settled_to_;
    std::vector<std::uint64_t> adrift_;
    std::uint64_t in_memory_since_ = 0;  // a segment's number
    bool through_backlog_ = true;
    spool_stats spool_book_;
    // The positions that drains under way wait for.
    std::multiset<journal::position> drains_;
    bool finished_ = false;
    bool gone_ = false;
    bool given_up_ = false;
    // The worker itself has told what is in the spool and what is not.
    bool gone_well_ = false;

    // The worker's own, beside the announcer and the spool above.
    const dead_letter_file letters_;
    std::vector<config_problem> notices_;
    std::array<std::uint64_t, level_count> refusals_seen_{};  // reason `full`
    std::unique_ptr<transport::transport> transport_;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::vector<transport::completion> completions_;
    std::size_t in_flight_ = 0;
    journal::position last_end_ = 0;
    clock::time_point last_record_{};
    bool closing_begun_ = false;
    bool stuck_ = false;
    // The ledger was closed without us: what it has not heard of is still to be found in the spool.
    bool too_late_ = false;
    bool trimmed_ = true;
    bool async_hop_said_ = false;
    bool unmapped_severity_said_ = false;
    bool lost_waker_said_ = false;
};

}  // namespace logferry::shipping
