// The figures as JSON, read back by somebody else's parser.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include <logferry/stats.hpp>

namespace logferry {
namespace {

using nlohmann::json;

destination_stats some_figures() {
    destination_stats d;
    d.name = "logsh2";
    d.recovered = 10;
    d.delivered = 11;
    d.pending = 12;
    d.filtered = 13;
    d.rejected = 14;
    for (std::size_t i = 0; i < drop_reason_count; ++i) d.dropped[i] = 100 + i;
    d.accepted = d.delivered + d.pending + d.filtered + d.rejected + d.dropped_total();
    d.clipped = 21;
    d.dead_lettered = 22;
    d.dead_letters_lost = 23;
    d.requests = 24;
    d.retries = 25;
    d.loss_reports = 26;
    d.in_flight = 27;
    d.in_flight_limit = 28;
    d.last_error = "HTTP 503";
    return d;
}

void expect_same(const json& read, const destination_stats& d) {
    EXPECT_EQ(read["name"], d.name);
    EXPECT_EQ(read["accepted"], d.accepted);
    EXPECT_EQ(read["recovered"], d.recovered);
    EXPECT_EQ(read["delivered"], d.delivered);
    EXPECT_EQ(read["pending"], d.pending);
    EXPECT_EQ(read["filtered"], d.filtered);
    EXPECT_EQ(read["rejected"], d.rejected);
    ASSERT_EQ(read["dropped"].size(), drop_reason_count);
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        EXPECT_EQ(read["dropped"][std::string(to_string(static_cast<drop_reason>(i)))], d.dropped[i]);
    }
    EXPECT_EQ(read["clipped"], d.clipped);
    EXPECT_EQ(read["dead_lettered"], d.dead_lettered);
    EXPECT_EQ(read["dead_letters_lost"], d.dead_letters_lost);
    EXPECT_EQ(read["requests"], d.requests);
    EXPECT_EQ(read["retries"], d.retries);
    EXPECT_EQ(read["loss_reports"], d.loss_reports);
    EXPECT_EQ(read["in_flight"], d.in_flight);
    EXPECT_EQ(read["in_flight_limit"], d.in_flight_limit);
    EXPECT_EQ(read["last_error"], d.last_error);
    EXPECT_EQ(read["balanced"], d.balanced());
    EXPECT_EQ(read.size(), 18u) << read;
}

spool_stats some_spool_figures() {
    spool_stats s;
    s.in_use = true;
    s.unspooled = 41;
    s.backlog_segments = 42;
    s.adopted_slots = 43;
    s.unfinished_records = 44;
    s.damaged_places = 45;
    s.missing_segments = 46;
    s.quarantined_files = 47;
    s.discarded_files = 48;
    s.last_error = "No space left on device";
    return s;
}

void expect_same(const json& read, const spool_stats& s) {
    EXPECT_EQ(read["in_use"], s.in_use);
    EXPECT_EQ(read["unspooled"], s.unspooled);
    EXPECT_EQ(read["backlog_segments"], s.backlog_segments);
    EXPECT_EQ(read["adopted_slots"], s.adopted_slots);
    EXPECT_EQ(read["unfinished_records"], s.unfinished_records);
    EXPECT_EQ(read["damaged_places"], s.damaged_places);
    EXPECT_EQ(read["missing_segments"], s.missing_segments);
    EXPECT_EQ(read["quarantined_files"], s.quarantined_files);
    EXPECT_EQ(read["discarded_files"], s.discarded_files);
    EXPECT_EQ(read["last_error"], s.last_error);
    EXPECT_EQ(read.size(), 10u) << read;
}

TEST(stats_json, has_every_figure_under_its_name) {
    shipper_stats stats;
    stats.destinations = {some_figures(), {}};
    stats.destinations[1].accepted = 1;
    stats.clipped_records = 31;
    stats.async_hops = 32;
    stats.unmapped_severities = 33;
    stats.unsent_attributes = 34;
    stats.spool = some_spool_figures();
    const auto read = json::parse(to_json(stats));
    EXPECT_EQ(read.size(), 6u);
    ASSERT_EQ(read["destinations"].size(), 2u);
    expect_same(read["destinations"][0], stats.destinations[0]);
    EXPECT_EQ(read["destinations"][0]["balanced"], true);
    expect_same(read["destinations"][1], stats.destinations[1]);
    EXPECT_EQ(read["destinations"][1]["balanced"], false);
    EXPECT_EQ(read["clipped_records"], 31);
    EXPECT_EQ(read["async_hops"], 32);
    EXPECT_EQ(read["unmapped_severities"], 33);
    EXPECT_EQ(read["unsent_attributes"], 34);
    expect_same(read["spool"], stats.spool);
}

TEST(stats_json, keeps_the_largest_numbers) {
    shipper_stats stats;
    stats.destinations.push_back(some_figures());
    stats.destinations[0].delivered = UINT64_MAX;
    stats.destinations[0].dropped[0] = UINT64_MAX - 1;
    stats.async_hops = UINT64_MAX;
    const auto read = json::parse(to_json(stats));
    EXPECT_EQ(read["destinations"][0]["delivered"].get<std::uint64_t>(), UINT64_MAX);
    EXPECT_EQ(read["destinations"][0]["dropped"]["full"].get<std::uint64_t>(), UINT64_MAX - 1);
    EXPECT_EQ(read["async_hops"].get<std::uint64_t>(), UINT64_MAX);
}

TEST(stats_json, is_one_line_of_valid_json_whatever_a_vendor_said) {
    shipper_stats stats;
    stats.destinations.push_back(some_figures());
    stats.destinations[0].name = "a \"name\" \\ with\nlines";
    stats.destinations[0].last_error = std::string("\xff\xc0\x80 nul \0 <html>\r\n", 18) + "\xed\xa0\x80";
    const auto text = to_json(stats);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const auto read = json::parse(text);
    EXPECT_EQ(read["destinations"][0]["name"], stats.destinations[0].name);
    EXPECT_NE(read["destinations"][0]["last_error"].get<std::string>().find("<html>"), std::string::npos);
}

TEST(stats_json, of_a_shipper_that_was_left_in_the_parent_process_is_empty) {
    const auto read = json::parse(to_json({}));
    EXPECT_EQ(read["destinations"], json::array());
    EXPECT_EQ(read["clipped_records"], 0);
    EXPECT_EQ(read["async_hops"], 0);
    EXPECT_EQ(read.size(), 6u) << read;
}

TEST(stats_json, has_the_figures_of_the_spool) {
    shipper_stats stats;
    stats.spool = {true, 1, 2, 3, 4, 5, 6, 7, 8, "no space left"};
    EXPECT_EQ(json::parse(to_json(stats))["spool"], json::parse(R"({
        "in_use": true, "unspooled": 1, "backlog_segments": 2, "adopted_slots": 3, "unfinished_records": 4,
        "damaged_places": 5, "missing_segments": 6, "quarantined_files": 7, "discarded_files": 8,
        "last_error": "no space left"})"));
}

}  // namespace
}  // namespace logferry
