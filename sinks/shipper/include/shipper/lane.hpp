// One destination inside the shipper: its vendor, its cursor, its state machine, its endpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <delivery/destination.hpp>
#include <journal/backlog.hpp>
#include <journal/cursor.hpp>
#include <shipper/announcer.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/dead_letter_file.hpp>
#include <shipper/loss_reporter.hpp>
#include <transport/transport.hpp>

namespace logferry::shipping {

/// Reads flat records from a cursor for the state machine, in turn with what earlier processes left, and now and then a
/// loss report in front of them.
class cursor_source : public delivery::record_source {
public:
    /// What is given up below `least` is no loss.
    cursor_source(journal::cursor& from, std::uint64_t journal_id, loss_reporter& reports, level least);

    /// From now on it reads there too.
    void use(journal::backlog_cursor& backlog);

    bool next(record_view& record, std::uint64_t& token) override;
    again read_again(std::uint64_t token, record_view& record) override;
    void settle(const delivery::settlement& done) override;

    /// The report with this token is the next record.
    void send_report(std::uint64_t token) noexcept { report_ = token; }
    /// What was lost since the last call.
    [[nodiscard]] losses take_losses() noexcept { return std::exchange(lost_, {}); }

private:
    bool next_of_backlog(record_view& record, std::uint64_t& token);
    again read_backlog_again(std::uint64_t token, record_view& record);
    bool next_of_journal(record_view& record, std::uint64_t& token);
    void count_given_up(std::span<const std::byte> bytes) noexcept;
    void count_corrupt() noexcept;

    journal::cursor& from_;
    journal::backlog_cursor* backlog_ = nullptr;
    std::uint64_t journal_id_;
    loss_reporter& reports_;
    const level least_;
    std::uint64_t report_ = 0;
    bool backlogs_turn_ = false;
    std::uint64_t corrupt_counted_ = 0;
    losses lost_;
};

/// Writes a destination's dead letters, and says so.
class lane_letters final : public delivery::dead_letters {
public:
    lane_letters(const dead_letter_file& file, std::string destination, std::string vendor, announcer& says)
        : file_(file), destination_(std::move(destination)), vendor_(std::move(vendor)), says_(says) {}

    bool keep(const delivery::dead_letter& letter) noexcept override;

private:
    const dead_letter_file& file_;
    std::string destination_;
    std::string vendor_;
    announcer& says_;
};

/// What a lane stands on; all of it outlives the lane.
struct lane_surroundings {
    journal::cursor& from;
    std::uint64_t journal_id = 0;
    transport::transport& net;
    announcer& says;
    const dead_letter_file& letters;
};

/// Thread rule: the worker thread.
class lane {
public:
    /// Throws `std::runtime_error` when the transport cannot use the endpoint.
    lane(const checked_destination& chosen, std::size_t number, const lane_surroundings& around);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The least level that the destination takes.
    [[nodiscard]] level least() const noexcept { return least_; }
    /// The lane that a transport's tag belongs to.
    [[nodiscard]] static std::size_t lane_of(std::uint64_t tag) noexcept { return tag >> tag_bits; }

    /// Sends what may be sent, counting each request at once.
    void pump(delivery::moment now, std::size_t& in_flight);
    void respond(const transport::completion& done, delivery::moment now);

    /// Records lost before they came to any lane.
    void add_losses(const losses& at_the_door, delivery::steady_time now);
    /// Another vendor object of the same kind, with another credential.
    void use(std::shared_ptr<vendor> next, delivery::moment now);

    /// Passes a producer that has been stuck in the middle of a record for a while. True while there is one to watch.
    bool pass_stuck(delivery::steady_time now);
    /// True when a log call should wake the worker.
    [[nodiscard]] bool hungry(delivery::moment now) const { return machine_.hungry(now); }
    /// True when it has more to do, and has only let the others have their turn.
    [[nodiscard]] bool cut_short() const noexcept { return machine_.cut_short(); }
    /// What earlier processes left for this destination.
    void use(journal::backlog_cursor& backlog);
    /// True when a hungry lane would find a record.
    [[nodiscard]] bool readable() const noexcept { return cursor_.readable(); }
    [[nodiscard]] bool backlog_readable() const noexcept { return backlog_ && backlog_->readable(); }
    /// Everything before this position is settled.
    [[nodiscard]] journal::position settled_to() const noexcept { return cursor_.settled_to(); }
    /// Nothing of earlier processes is left for this destination.
    [[nodiscard]] bool through_backlog() const noexcept { return !backlog_ || backlog_->finished(); }
    [[nodiscard]] std::optional<delivery::steady_time> wake_at() const;
    void hurry() { machine_.hurry(); }
    void begin_closing(delivery::moment now);
    /// Gives up what is not settled.
    void abandon() { machine_.abandon(); }
    /// Gives up only what is not in the spool; the rest is the next process's.
    void leave_in_spool() { lost_at_close_ = cursor_.unspooled() + (backlog_ ? backlog_->unspooled() : 0); }

    /// Records on their way that are not in the spool any more, and that no ledger has given up yet.
    [[nodiscard]] std::uint64_t adrift() const noexcept;

    /// The ledger but for `accepted` and `pending`.
    void publish(destination_stats& out) const;

private:
    static constexpr int tag_bits = 56;

    void note_losses(delivery::steady_time now);
    void report_losses(delivery::moment now);
    [[nodiscard]] bool may_report_last() const;

    void send(delivery::moment now, std::size_t& in_flight);

    std::string name_;
    level least_;
    std::shared_ptr<vendor> vendor_;
    journal::cursor& cursor_;
    journal::backlog_cursor* backlog_ = nullptr;
    announcer& says_;
    loss_reporter reports_;
    cursor_source source_;
    lane_letters letters_;
    transport::transport& net_;
    transport::endpoint_id endpoint_;
    std::uint64_t tag_base_;
    bool closing_ = false;
    bool last_report_sent_ = false;
    std::uint64_t lost_at_close_ = 0;
    delivery::destination_machine machine_;
    std::optional<delivery::steady_time> stuck_since_;
};

}  // namespace logferry::shipping
