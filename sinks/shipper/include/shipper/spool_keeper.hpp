// The spool inside the shipper: it is opened, tried again when the disk said no, searched for what earlier processes
// left, and reported on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <delivery/moment.hpp>
#include <journal/backlog.hpp>
#include <journal/journal.hpp>
#include <journal/spool.hpp>
#include <logferry/options.hpp>
#include <logferry/stats.hpp>
#include <shipper/announcer.hpp>
#include <shipper/checked_options.hpp>

namespace logferry::shipping {

/// Thread rule: the worker thread, or before it runs. `forget` in a forked child.
class spool_keeper {
public:
    /// Without a spool it does nothing at all. Throws `config_error` when the directory must not be used (in a
    /// forked child that is told instead); where it only cannot be used now, that is tried again.
    spool_keeper(const checked_options& chosen, announcer& says);

    /// Null without a spool.
    [[nodiscard]] journal::spool* disk() const noexcept { return disk_.get(); }
    [[nodiscard]] bool keeps() const noexcept { return disk_ != nullptr; }
    /// Of a destination, by its number; null without a spool, and until that could be opened.
    [[nodiscard]] journal::backlog_cursor* backlog_of(std::size_t destination) const noexcept;

    /// As `journal::on_give_up`, for the backlog.
    void on_give_up(std::function<bool()> told) { gave_up_told_ = std::move(told); }

    /// Once a round, before the journal is maintained.
    void attend(journal::journal& live, delivery::steady_time now);
    /// What there is to tell. After that, and where a fork may happen: the application's callback is called.
    void tell_news();
    /// When it wants to be attended to at the latest; nothing when that has time.
    [[nodiscard]] std::optional<delivery::steady_time> due_at() const noexcept;
    /// The end: what is settled leaves the disk.
    void close(journal::journal& live) noexcept;

    /// After that: leaves the slot to others. The journal's memory stays. No cursor of the backlog is used any more.
    void let_go() noexcept;

    void publish(const journal::journal& live, spool_stats& out) const;

    /// Async-signal-safe.
    void forget() noexcept;

private:
    void find_backlog();
    void try_disk_again(journal::journal& live, delivery::steady_time now);
    void make_room(journal::journal& live);
    void bound_files() noexcept;
    [[nodiscard]] bool backlog_lags(const journal::journal& live) const noexcept;

    announcer& says_;
    std::vector<std::string> destinations_;
    std::size_t quarantine_bytes_ = 0;
    // That the live journal and what lies in its slot have together.
    std::uint64_t segments_ = 0;
    std::size_t segment_size_ = 0;
    bool drops_oldest_ = false;
    std::unique_ptr<journal::spool> disk_;
    // On the slots that `disk_` has, also on one whose directory is gone.
    std::unique_ptr<journal::backlog> backlog_;
    std::function<bool()> gave_up_told_;
    bool trouble_told_ = false;
    std::optional<delivery::steady_time> retry_at_;
    std::chrono::milliseconds retry_after_;
    std::optional<delivery::steady_time> looked_at_;
};

}  // namespace logferry::shipping
