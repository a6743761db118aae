#include <logferry/stats.hpp>
#include <text/json_writer.hpp>

namespace logferry {

namespace {

using text::big_integers;

void count(text::json_writer& w, std::string_view name, std::uint64_t n) {
    w.key(name).number(n, big_integers::as_numbers);
}

void write_dropped(text::json_writer& w, const destination_stats& d) {
    w.key("dropped").open_object();
    for (std::size_t i = 0; i < drop_reason_count; ++i) count(w, to_string(static_cast<drop_reason>(i)), d.dropped[i]);
    w.close_object();
}

void write_destination(text::json_writer& w, const destination_stats& d) {
    w.open_object();
    w.key("name").string(d.name);
    count(w, "accepted", d.accepted);
    count(w, "recovered", d.recovered);
    count(w, "delivered", d.delivered);
    count(w, "pending", d.pending);
    count(w, "filtered", d.filtered);
    count(w, "rejected", d.rejected);
    write_dropped(w, d);
    count(w, "clipped", d.clipped);
    count(w, "dead_lettered", d.dead_lettered);
    count(w, "dead_letters_lost", d.dead_letters_lost);
    count(w, "requests", d.requests);
    count(w, "retries", d.retries);
    count(w, "loss_reports", d.loss_reports);
    count(w, "in_flight", d.in_flight);
    count(w, "in_flight_limit", d.in_flight_limit);
    w.key("last_error").string(d.last_error);
    w.key("balanced").boolean(d.balanced());
    w.close_object();
}

void write_spool(text::json_writer& w, const spool_stats& s) {
    w.key("spool").open_object();
    w.key("in_use").boolean(s.in_use);
    count(w, "unspooled", s.unspooled);
    count(w, "backlog_segments", s.backlog_segments);
    count(w, "adopted_slots", s.adopted_slots);
    count(w, "unfinished_records", s.unfinished_records);
    count(w, "damaged_places", s.damaged_places);
    count(w, "missing_segments", s.missing_segments);
    count(w, "quarantined_files", s.quarantined_files);
    count(w, "discarded_files", s.discarded_files);
    w.key("last_error").string(s.last_error);
    w.close_object();
}

}  // namespace

std::string to_json(const shipper_stats& stats) {
    std::string out;
    text::json_writer w(out);
    w.open_object().key("destinations").open_array();
    for (const auto& d : stats.destinations) write_destination(w, d);
    w.close_array();
    count(w, "clipped_records", stats.clipped_records);
    count(w, "async_hops", stats.async_hops);
    count(w, "unmapped_severities", stats.unmapped_severities);
    count(w, "unsent_attributes", stats.unsent_attributes);
    write_spool(w, stats.spool);
    w.close_object();
    return out;
}

}  // namespace logferry
