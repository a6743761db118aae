#include "spool_fault.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace logferry::fault {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& spool) {
    std::vector<fs::path> files;
    for (const auto& each : fs::recursive_directory_iterator(spool)) {
        if (each.is_regular_file() && each.path().filename() != "lock") files.push_back(each.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<fs::path> segments_of(const fs::path& spool) {
    auto files = files_of(spool);
    std::erase_if(files, [](const fs::path& each) { return each.extension() != ".segment"; });
    return files;
}

std::unique_ptr<program> house::start(const std::string& url, const json& more) const {
    json settings = {{"url", url},
                     {"vendor", "profound"},
                     {"batch_records", batch},
                     {"overflow", "block"},
                     {"block_for", 60'000},
                     {"in_flight", in_flight},
                     {"spool", spool_},
                     {"payload", payload.bytes},
                     {"spread", payload.spread},
                     {"close_budget", 0},
                     {"segment_size", small_segment},
                     // A vendor that is slow because the machine is has not failed, and gets nothing twice.
                     {"request_timeout", 60'000}};
    settings.update(more);
    return std::make_unique<program>(settings, memory_);
}

int spool_fault::rounds(int of_two_hundred) {
    const char* const told = std::getenv("LOGFERRY_KILL_ROUNDS");
    const int all = told ? std::atoi(told) : 200 / slowness;
    return std::max(of_two_hundred * all / 200, 1);
}

std::mt19937_64& spool_fault::chance() {
    if (!chance_) {
        const char* const told = std::getenv("LOGFERRY_TEST_SEED");
        const std::uint64_t seed = told ? std::strtoull(told, nullptr, 10) : std::random_device()();
        // A test that a sanitizer ends shows no trace.
        std::cout << "LOGFERRY_TEST_SEED=" << seed << std::endl;
        chance_.emplace(seed);
    }
    return *chance_;
}

void spool_fault::recover(const house& in, const fake_vendor& vendor, std::uint64_t unsettled, const json& more) {
    const auto start = std::chrono::steady_clock::now();
    const auto last = in.start(vendor.url(), more);
    ASSERT_TRUE(last->ready()) << last->books().last_error.data();
    last->drain(60s);
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    const ledger books = last->books();
    EXPECT_EQ(books.pending, 0u) << books.last_error.data();
    EXPECT_EQ(books.spool.damaged_places, 0u);
    EXPECT_EQ(books.spool.missing_segments, 0u);
    EXPECT_EQ(books.dropped_total(), 0u);
    note_recovery(took, books.spool.unfinished_records);
    close(*last, long_enough);
    EXPECT_TRUE(last->books().balanced);
    EXPECT_EQ(last->end(), 0) << "the program did not end cleanly";
    expect_empty(in);
    compare(in, vendor.book(), unsettled);
}

std::vector<std::uint64_t> spool_fault::missing(const house& in, const vendor_book& vendor) {
    std::vector<bool> has(shared_page::most_records);
    for (const auto id : vendor.ids()) {
        if (id < has.size()) has[id] = true;
    }
    std::vector<std::uint64_t> ids;
    for (std::uint64_t id = 0; id < has.size(); ++id) {
        if (in.page().calls[id] == call::returned && !has[id]) ids.push_back(id);
    }
    return ids;
}

void spool_fault::compare(const house& in, const vendor_book& vendor, std::uint64_t unsettled,
                          std::uint64_t known_lost) {
    const auto lost = missing(in, vendor).size();
    EXPECT_EQ(lost, known_lost);
    EXPECT_EQ(unknown_to(in.page(), vendor), 0u);
    EXPECT_EQ(vendor.altered(), 0u);
    EXPECT_LE(vendor.duplicates(), unsettled);
    note_round({.accepted = in.page().calls_that(call::returned),
                .delivered = vendor.distinct(),
                .lost = lost > known_lost ? lost - known_lost : 0,
                .altered = vendor.altered(),
                .duplicates = vendor.duplicates(),
                .duplicates_allowed = unsettled,
                .longest_call_us = in.page().longest_call_ns / 1000});
}

void spool_fault::expect_empty(const house& in) {
    for (const auto& file : files_of(in.spool())) ADD_FAILURE() << "left behind: " << file;
}

}  // namespace logferry::fault
