// One destination inside the shipper: its vendor, its cursor, its state machine, its endpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <delivery/destination.hpp>
#include <journal/cursor.hpp>
#include <shipper/announcer.hpp>
#include <shipper/checked_options.hpp>
#include <transport/transport.hpp>

namespace logferry::shipping {

/// Reads flat records from a cursor for the state machine.
class cursor_source : public delivery::record_source {
public:
    cursor_source(journal::cursor& from, std::uint64_t journal_id) noexcept : from_(from), journal_id_(journal_id) {}

    bool next(record_view& record, std::uint64_t& token) override;
    void settle(std::uint64_t token) override { from_.settle(token); }

private:
    journal::cursor& from_;
    std::uint64_t journal_id_;
};

/// Thread rule: the worker thread.
class lane {
public:
    lane(const checked_destination& chosen, journal::cursor& from, std::uint64_t journal_id, transport::transport& net,
         std::size_t number, announcer& says);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The lane that a transport's tag belongs to.
    [[nodiscard]] static std::size_t lane_of(std::uint64_t tag) noexcept { return tag >> tag_bits; }

    /// Sends what may be sent, counting each request at once.
    void pump(delivery::moment now, std::size_t& in_flight);
    void respond(const transport::completion& done, delivery::moment now);

    /// Passes a producer that has been stuck in the middle of a record for a while. True while there is one to watch.
    bool pass_stuck(delivery::steady_time now);
    /// True when a log call should wake the worker.
    [[nodiscard]] bool hungry(delivery::moment now) const { return machine_.hungry(now); }
    /// True when a hungry lane would find a record.
    [[nodiscard]] bool readable() const noexcept { return cursor_.readable(); }
    /// Everything before this position is settled.
    [[nodiscard]] journal::position settled_to() const noexcept { return cursor_.settled_to(); }
    [[nodiscard]] std::optional<delivery::steady_time> wake_at() const { return machine_.wake_at(); }
    void hurry() { machine_.hurry(); }
    void begin_closing(delivery::moment now) { machine_.begin_closing(now); }
    void abandon() { machine_.abandon(); }

    /// The ledger but for `accepted` and `pending`.
    void publish(destination_stats& out) const;

private:
    static constexpr int tag_bits = 56;

    std::string name_;
    std::shared_ptr<vendor> vendor_;
    journal::cursor& cursor_;
    cursor_source source_;
    transport::transport& net_;
    transport::endpoint_id endpoint_;
    std::uint64_t tag_base_;
    delivery::destination_machine machine_;
    std::optional<delivery::steady_time> stuck_since_;
};

}  // namespace logferry::shipping
