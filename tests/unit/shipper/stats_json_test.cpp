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
    EXPECT_EQ(read.size(), 17u) << read;
}

TEST(stats_json, has_every_figure_under_its_name) {
    shipper_stats stats;
    stats.destinations = {some_figures(), {}};
    stats.destinations[1].accepted = 1;
    stats.clipped_records = 31;
    stats.async_hops = 32;
    const auto read = json::parse(to_json(stats));
    EXPECT_EQ(read.size(), 3u);
    ASSERT_EQ(read["destinations"].size(), 2u);
    expect_same(read["destinations"][0], stats.destinations[0]);
    EXPECT_EQ(read["destinations"][0]["balanced"], true);
    expect_same(read["destinations"][1], stats.destinations[1]);
    EXPECT_EQ(read["destinations"][1]["balanced"], false);
    EXPECT_EQ(read["clipped_records"], 31);
    EXPECT_EQ(read["async_hops"], 32);
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
    EXPECT_EQ(read, json::parse(R"({"destinations": [], "clipped_records": 0, "async_hops": 0})"));
}

}  // namespace
}  // namespace logferry
