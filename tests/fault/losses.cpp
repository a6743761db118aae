// Records that a vendor will never take: kept in a file, told to the vendor, and never the end of all others.
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "fault_test.hpp"
#include "temporary_directory.hpp"

namespace logferry::fault {
namespace {

/// Refuses every record whose number ends with 77.
conduct refuses_some(int status) {
    return [=](const arrival& a) {
        for (const auto& record : a.records) {
            if (!record.loss_report && record.id % 100 == 77) return reply{.status = status};
        }
        return reply{};
    };
}

std::vector<nlohmann::json> lines_of(const std::string& file) {
    std::vector<nlohmann::json> all;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) all.push_back(nlohmann::json::parse(line));
    return all;
}

TEST_F(fault, C15_refused_records_are_kept_in_a_file) {
    const temporary_directory place;
    const std::string file = place.path() / "refused_records.jsonl";
    fake_vendor vendor(refuses_some(422));
    program app{{"url", vendor.url()}, {"dead_letters", file}, {"token", "a-secret-of-ours"}};
    app.log(300, 4);
    finish(app, vendor.book());
    EXPECT_EQ(app.books().rejected, 3u);
    EXPECT_EQ(app.books().dead_lettered, 3u);
    EXPECT_GE(events(app, event::kind::spilled), 1u);
    EXPECT_LE(events(app, event::kind::spilled), 2u) << "once a minute, and the rest at the end";

    const auto lines = lines_of(file);
    EXPECT_EQ(lines.size(), 3u);
    for (const auto& line : lines) {
        EXPECT_NE(line.dump().find("77"), std::string::npos);
        EXPECT_EQ(line.dump().find("a-secret-of-ours"), std::string::npos);
    }
    struct stat about {};
    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(fault, C15_losses_are_told_to_the_vendor) {
    fake_vendor vendor(refuses_some(422));
    program app{{"url", vendor.url()}, {"loss_report_every", 50}};
    app.log(300, 4);
    finish(app, vendor.book());
    EXPECT_EQ(app.books().rejected, 3u);
    EXPECT_GE(vendor.book().loss_reports(), 1u);
}

TEST_F(fault, C15_refuses_everything_for_a_while) {
    fake_vendor vendor(at_first(30, {.status = 422}));
    program app{{"url", vendor.url()}, {"in_flight", 1}};
    app.log(500, 4);
    finish(app, vendor.book());
    // After ten in a row it may be the vendor that is wrong: each further record is refused only when it was twice.
    EXPECT_LE(app.books().rejected, 10u + 20u / 2);
    report("rejected", app.books().rejected);
}

TEST_F(fault, C26_too_many_requests_at_once_are_refused) {
    constexpr std::size_t capacity = 3;
    std::vector<std::chrono::steady_clock::time_point> busy_until;
    std::size_t refused = 0;
    fake_vendor vendor([&](const arrival&) {
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(busy_until, [&](const auto& end) { return end <= now; });
        if (busy_until.size() >= capacity) {
            ++refused;
            return reply{.status = 503};
        }
        busy_until.push_back(now + 5ms);
        return reply{.delay = 5ms};
    });
    program app{{"url", vendor.url()}, {"in_flight", 32}};
    app.log(1000, 4);
    finish(app, vendor.book());
    report("refused", refused);
    report("limit_at_the_end", app.books().in_flight_limit);
    EXPECT_LT(refused, 500u);
}

}  // namespace
}  // namespace logferry::fault
