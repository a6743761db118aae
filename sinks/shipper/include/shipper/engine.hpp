// The engine: journal, worker thread, lanes, and the ledger that the outside sees. `shipper` is its public face.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <journal/journal.hpp>
#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <logferry/stats.hpp>
#include <shipper/announcer.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/lane.hpp>
#include <transport/transport.hpp>
#include <transport/waker.hpp>

namespace logferry::shipping {

/// Owned by the shipper and by its own thread, so that a thread that cannot be waited for (a callback that never
/// returns) keeps what it stands on.
///
/// Thread rule: `submit`, `nudge`, `drain`, `close`, `stats` and `note_async_hop` from any thread; `run` is the thread.
class engine {
public:
    using clock = std::chrono::steady_clock;

    engine(const checked_options& checked, options raw);

    /// The moment when a budget that begins now is over. Not more than a year, so that "for ever" does not overflow.
    [[nodiscard]] static clock::time_point end_of(std::chrono::milliseconds budget) noexcept;

    bool submit(const record_input& record) noexcept;
    void nudge() noexcept;
    shipper_stats drain(std::chrono::milliseconds deadline);
    [[nodiscard]] shipper_stats stats() const;
    void note_async_hop() noexcept;

    /// Ends the intake and tells the worker to be done by `deadline`.
    void begin_close(clock::time_point deadline) noexcept;
    /// True when the worker has settled everything and has left its thread's function, false when `deadline` came
    /// first.
    bool wait_until_gone(clock::time_point deadline);
    /// Gives up, in the ledger, what is not settled. From then on the figures stay as they are.
    void close_ledger() noexcept;

    /// The worker's whole life.
    void run() noexcept;

    [[nodiscard]] static bool on_worker_thread() noexcept;

    /// True in a child process that inherited this engine by fork: the worker is not there, and locks may be held for
    /// ever.
    [[nodiscard]] bool forked() const noexcept;

private:
    // Worker.
    void round();
    void respond();
    void take_orders(delivery::moment now);
    [[nodiscard]] bool finished(clock::time_point now) const;
    void finish() noexcept;
    void wait(delivery::moment now);
    [[nodiscard]] journal::journal::sleep depth_of_sleep(delivery::moment now) const;
    [[nodiscard]] bool work_appeared(journal::journal::sleep depth, delivery::moment now) const;
    [[nodiscard]] std::chrono::nanoseconds time_to_sleep(delivery::moment now, journal::journal::sleep depth);
    void publish();
    void announce_async_hop();

    // Any thread.
    void wake() noexcept { waker_.wake(); }
    bool refuse(drop_reason why) noexcept;
    [[nodiscard]] bool settled(journal::position end) const noexcept;

    // Intake.
    const unsigned fork_generation_;
    const std::size_t max_record_;
    transport::waker waker_;
    journal::journal journal_;
    struct alignas(128) door_counts {
        std::array<std::atomic<std::uint64_t>, drop_reason_count> refused{};
        std::atomic<std::uint64_t> off{0};
        std::atomic<std::uint64_t> clipped{0};
        std::atomic<std::uint64_t> async_hops{0};
    };
    door_counts door_;

    // Orders to the worker. The flags are set before the wake-up and read after it.
    std::atomic<bool> hurry_{false};
    std::atomic<bool> closing_{false};
    std::atomic<clock::time_point> close_deadline_{};
    std::atomic<int> drainers_{0};

    // The ledger as the worker last wrote it down.
    mutable std::mutex ledger_mutex_;
    std::condition_variable ledger_changed_;
    std::vector<destination_stats> ledger_;
    bool finished_ = false;
    bool gone_ = false;

    // The worker's own.
    announcer announcer_;
    std::unique_ptr<transport::transport> transport_;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::vector<transport::completion> completions_;
    std::size_t in_flight_ = 0;
    journal::position last_end_ = 0;
    clock::time_point last_record_{};
    bool closing_begun_ = false;
    bool stuck_ = false;
    bool trimmed_ = true;
    bool async_hop_said_ = false;
};

}  // namespace logferry::shipping
