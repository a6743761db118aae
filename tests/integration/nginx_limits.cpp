// Bodies that nginx does not let through: too large, or compressed.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "nginx_world.hpp"

namespace logferry::test {
namespace {

class nginx_limits : public nginx_world {
protected:
    ~nginx_limits() override { std::filesystem::remove(dead_letters()); }

    [[nodiscard]] std::string dead_letters() const { return path("dead_letters.jsonl"); }
    [[nodiscard]] std::vector<json> buried() const {
        std::ifstream in(dead_letters());
        std::vector<json> all;
        for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
        return all;
    }

    [[nodiscard]] nginx_setup with(const std::string& directives) const {
        auto setup = handing_on();
        setup.directives = directives;
        return setup;
    }

    /// Requests of the emulator's whose body was compressed.
    [[nodiscard]] std::size_t compressed() const {
        const auto all = server.received("profound");
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const emulated_request& request) {
            return std::any_of(request.headers.begin(), request.headers.end(),
                               [](const auto& header) { return header.second == "gzip"; });
        }));
    }
};

// A thousand of these entries are less than 512 KiB, so that the first batch fits after being halved three times. No
// later one is too large.
TEST_F(nginx_limits, size_of_a_batch_is_learnt_from_the_first_that_is_too_large) {
    const auto nginx = start(with("client_max_body_size 64k;"));
    options opts = trusting({profound_behind(*nginx), {.in_flight = 1, .batch_age = seconds(60)}});
    opts.buffer.size = 16 * 1024 * 1024;  // several batches
    // The first goes alone, as soon as something is logged; the rest is there when its answer is.
    server.fail_next("profound", {.status = 0, .delay = seconds(2)});
    open(std::move(opts));
    log_requests(4000);
    expect_all();

    const std::size_t too_large = served_by(*nginx).statuses.count(413);
    print_figure("requests that were too large", too_large);
    EXPECT_GE(too_large, 1u);
    EXPECT_LE(too_large, 3u);
}

TEST_F(nginx_limits, entry_that_is_too_large_by_itself_is_a_dead_letter_and_its_company_arrives) {
    const auto nginx = start(with("client_max_body_size 1k;"));
    options opts = trusting({profound_behind(*nginx), {.batch_age = seconds(60)}});
    opts.dead_letters.file = dead_letters();
    open(std::move(opts));
    log_requests(20);
    const std::string agent(900, 'a');
    spdlog::logger log("web", sink);
    log.info("served {}", kv("host", "shop.example", "method", "GET", "path", "/large", "status_code", 200, "ip",
                             "192.0.2.7", "user_agent", agent, "referer", "https://shop.example/" + agent));
    log.flush();

    const destination_stats ledger = settled();
    EXPECT_EQ(ledger.delivered, 20u);
    EXPECT_EQ(ledger.rejected, 1u);
    EXPECT_EQ(ledger.dead_lettered, 1u);
    const audit found = compare(issued(), texts());
    EXPECT_EQ(found.lost + found.strange + found.duplicates, 0u);
    const auto letters = buried();
    ASSERT_THAT(letters, SizeIs(1));
    EXPECT_THAT(letters[0].dump(), HasSubstr("/large"));
    EXPECT_THAT(letters[0].dump(), HasSubstr("413"));
    EXPECT_GE(served_by(*nginx).statuses.count(413), 1u);
}

TEST_F(nginx_limits, record_that_is_too_large_goes_without_its_fields) {
    const auto nginx = start(with("client_max_body_size 1k;"));
    open(trusting(logsh_behind(*nginx)));
    log_texts(20);
    {
        const std::string much(400, 'm');
        const scope large{{"a", much}, {"b", much}, {"c", much}};
        log_text(20);
    }

    expect_all();
    EXPECT_GE(sink->get_shipper()->stats().destinations[0].clipped, 1u);
    EXPECT_EQ(served_by(*nginx).statuses.count(413), 1u);
}

TEST_F(nginx_limits, gzip_passes_through) {
    const auto nginx = start(handing_on());
    logferry::profound vendor = profound_behind(*nginx);
    vendor.gzip = true;
    open(trusting(std::move(vendor)));
    log_requests(2000);
    expect_all();
    EXPECT_EQ(compressed(), server.requests("profound"));
}

TEST_F(nginx_limits, gzip_that_is_refused_is_given_up) {
    const auto nginx = start(with("if ($http_content_encoding) { return 415; }"));
    logferry::profound vendor = profound_behind(*nginx);
    vendor.gzip = true;
    open(trusting({std::move(vendor), {.in_flight = 1}}));
    log_requests(2000);
    expect_all();
    EXPECT_EQ(compressed(), 0u);
    EXPECT_EQ(served_by(*nginx).statuses.count(415), 1u);
}

}  // namespace
}  // namespace logferry::test
