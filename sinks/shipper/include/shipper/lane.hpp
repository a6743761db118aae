// One destination inside the shipper: its vendor, its cursor, its state machine, its endpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <delivery/destination.hpp>
#include <journal/cursor.hpp>
#include <shipper/announcer.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/dead_letter_file.hpp>
#include <shipper/loss_reporter.hpp>
#include <transport/transport.hpp>

namespace logferry::shipping {

/// Reads flat records from a cursor for the state machine, and now and then a loss report in front of them.
class cursor_source : public delivery::record_source {
public:
    /// What is given up below `least` is no loss.
    cursor_source(journal::cursor& from, std::uint64_t journal_id, loss_reporter& reports, level least);

    bool next(record_view& record, std::uint64_t& token) override;
    bool read_again(std::uint64_t token, record_view& record) override;
    void settle(const delivery::settlement& done) override;

    /// The report with this token is the next record.
    void send_report(std::uint64_t token) noexcept { report_ = token; }
    /// What was lost since the last call.
    [[nodiscard]] losses take_losses() noexcept { return std::exchange(lost_, {}); }

private:
    [[nodiscard]] record_view parse(const journal::entry& e) const noexcept;

    journal::cursor& from_;
    std::uint64_t journal_id_;
    loss_reporter& reports_;
    std::uint64_t report_ = 0;
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
    /// True when a hungry lane would find a record.
    [[nodiscard]] bool readable() const noexcept { return cursor_.readable(); }
    /// Everything before this position is settled.
    [[nodiscard]] journal::position settled_to() const noexcept { return cursor_.settled_to(); }
    [[nodiscard]] std::optional<delivery::steady_time> wake_at() const;
    void hurry() { machine_.hurry(); }
    void begin_closing(delivery::moment now);
    void abandon() { machine_.abandon(); }

    /// The ledger but for `accepted` and `pending`.
    void publish(destination_stats& out) const;

private:
    static constexpr int tag_bits = 56;

    void note_losses(delivery::steady_time now);
    void report_losses(delivery::moment now);

    void send(delivery::moment now, std::size_t& in_flight);

    std::string name_;
    level least_;
    std::shared_ptr<vendor> vendor_;
    journal::cursor& cursor_;
    announcer& says_;
    loss_reporter reports_;
    cursor_source source_;
    lane_letters letters_;
    transport::transport& net_;
    transport::endpoint_id endpoint_;
    std::uint64_t tag_base_;
    bool closing_ = false;
    bool last_report_sent_ = false;
    delivery::destination_machine machine_;
    std::optional<delivery::steady_time> stuck_since_;
};

}  // namespace logferry::shipping
