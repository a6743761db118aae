#include <logferry/stats.hpp>
#include <text/json_writer.hpp>

namespace logferry {

namespace {

using text::big_integers;

void write_dropped(text::json_writer& w, const destination_stats& d) {
    w.key("dropped").open_object();
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        w.key(to_string(static_cast<drop_reason>(i))).number(d.dropped[i], big_integers::as_numbers);
    }
    w.close_object();
}

void write_destination(text::json_writer& w, const destination_stats& d) {
    const auto count = [&w](std::string_view name, std::uint64_t n) {
        w.key(name).number(n, big_integers::as_numbers);
    };
    w.open_object();
    w.key("name").string(d.name);
    count("accepted", d.accepted);
    count("delivered", d.delivered);
    count("pending", d.pending);
    count("filtered", d.filtered);
    count("rejected", d.rejected);
    write_dropped(w, d);
    count("clipped", d.clipped);
    count("dead_lettered", d.dead_lettered);
    count("dead_letters_lost", d.dead_letters_lost);
    count("requests", d.requests);
    count("retries", d.retries);
    count("loss_reports", d.loss_reports);
    count("in_flight", d.in_flight);
    count("in_flight_limit", d.in_flight_limit);
    w.key("last_error").string(d.last_error);
    w.key("balanced").boolean(d.balanced());
    w.close_object();
}

}  // namespace

std::string to_json(const shipper_stats& stats) {
    std::string out;
    text::json_writer w(out);
    w.open_object().key("destinations").open_array();
    for (const auto& d : stats.destinations) write_destination(w, d);
    w.close_array();
    w.key("clipped_records").number(stats.clipped_records, big_integers::as_numbers);
    w.key("async_hops").number(stats.async_hops, big_integers::as_numbers);
    w.close_object();
    return out;
}

}  // namespace logferry
