#include <shipper/lane.hpp>

#include <random>

#include <record/flat.hpp>

namespace logferry::shipping {

namespace {

// A producer is in the middle of a record for well under a microsecond, unless the scheduler has put it aside.
constexpr auto stuck_after = std::chrono::milliseconds(100);

delivery::dice make_dice() {
    return [generator = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
    };
}

}  // namespace

bool cursor_source::next(record_view& record, std::uint64_t& token) {
    journal::entry e;
    if (!from_.next(e)) return false;
    // What lies in memory was written by `record::plan`; an unreadable record would be a bug, and comes out empty, not
    // lost.
    record = record::parse(e.data, {journal_id_, e.at}).value_or(record_view{});
    token = e.token;
    return true;
}

lane::lane(const checked_destination& chosen, journal::cursor& from, std::uint64_t journal_id,
           transport::transport& net, std::size_t number, announcer& says)
    : name_(chosen.name),
      vendor_(chosen.to),
      cursor_(from),
      source_(from, journal_id),
      net_(net),
      endpoint_(net.add(vendor_->endpoint())),
      tag_base_(std::uint64_t{number} << tag_bits),
      machine_(*vendor_, source_, chosen.chosen, make_dice(),
               [this, &says](event::kind what, std::string_view text) { says.tell(what, name_, text); }) {}

void lane::pump(delivery::moment now, std::size_t& in_flight) {
    while (const auto request = machine_.next_request(now)) {
        net_.start(endpoint_, request->body, tag_base_ | request->tag);
        ++in_flight;
    }
}

void lane::respond(const transport::completion& done, delivery::moment now) {
    machine_.respond(done.tag ^ tag_base_, done.response, now);
}

bool lane::pass_stuck(delivery::steady_time now) {
    if (!cursor_.held_up()) {
        stuck_since_.reset();
        return false;
    }
    if (!stuck_since_) stuck_since_ = now;
    if (now - *stuck_since_ >= stuck_after) cursor_.pass_unfinished();
    return true;
}

void lane::publish(destination_stats& out) const {
    out = machine_.counts();
    out.name = name_;
    out.dropped[static_cast<std::size_t>(drop_reason::full)] += cursor_.given_up();
}

}  // namespace logferry::shipping
