#include "fault_test.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace logferry::fault {

namespace {

constexpr const char* bound_mark = "_duplicates_at_most_";

std::string test_name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

std::filesystem::path figures_directory() {
    const char* const told = std::getenv("LOGFERRY_FAULT_FIGURES");
    return told ? told : LOGFERRY_FAULT_FIGURES;
}

}  // namespace

std::uint64_t unknown_to(const shared_page& page, const vendor_book& vendor) {
    std::uint64_t sum = 0;
    for (const auto id : vendor.ids()) sum += id >= shared_page::most_records || page.calls[id] == call::none;
    return sum;
}

fault::fault() {
    const std::string name = test_name();
    const auto underscore = name.find('_');
    const auto bound = name.find(bound_mark);
    id_ = name.substr(0, underscore);
    title_ = name.substr(underscore + 1, bound == name.npos ? bound : bound - underscore - 1);
    std::replace(title_.begin(), title_.end(), '_', ' ');
    if (bound != name.npos) duplicates_allowed_ = std::stoull(name.substr(bound + std::string(bound_mark).size()));
}

fault::~fault() {
    std::error_code ignored;
    std::filesystem::create_directories(figures_directory(), ignored);
    std::ofstream(figures_directory() / (test_name() + ".json")) << figures().dump() << '\n';
}

nlohmann::ordered_json fault::figures() const {
    return {{"test", test_name()},
            {"fault", id_},
            {"title", title_},
            {"passed", !HasFailure()},
            {"rounds", rounds_},
            {"accepted", accepted_},
            {"delivered", delivered_},
            {"lost", lost_},
            {"altered", altered_},
            {"duplicates", duplicates_},
            {"duplicates_at_most", duplicates_allowed_},
            {"longest_call_us", longest_call_us_},
            {"close_ms", longest_close_.count()},
            {"recovery_ms", longest_recovery_.count()},
            {"unfinished", unfinished_},
            {"extra", extra_}};
}

void fault::close(program& app, milliseconds budget) { note_close(app.close(budget), budget); }

void fault::note_close(milliseconds took, milliseconds budget) {
    longest_close_ = std::max(longest_close_, took);
    // Far more than it takes, and far less than the time after which a vendor is given up where that is tested.
    EXPECT_LE(took, budget + 25s);
}

void fault::finish(program& app, const vendor_book& vendor, milliseconds deadline) {
    app.drain(deadline);
    EXPECT_EQ(app.books().pending, 0u) << app.books().last_error.data();
    close(app, long_enough);
    audit(app, vendor);
}

void fault::audit(program& app, const vendor_book& vendor, std::uint64_t unsure) {
    EXPECT_EQ(app.end(), 0) << "the program did not end cleanly";
    audit_dead(app, vendor, unsure);
}

void fault::audit_dead(const program& app, const vendor_book& vendor, std::uint64_t unsure) {
    const ledger& books = app.books();
    const auto accepted = app.page().calls_that(call::returned);
    const auto has = vendor.distinct();
    const auto otherwise = books.accounted_otherwise();

    EXPECT_TRUE(books.balanced);
    EXPECT_EQ(unknown_to(app.page(), vendor), 0u);
    EXPECT_EQ(vendor.altered(), 0u);
    // What a callback logs is refused at the door, and nobody's record.
    const auto booked = books.accepted - books.dropped_for(drop_reason::reentrant);
    EXPECT_GE(booked, accepted);
    EXPECT_LE(booked, app.page().calls_that(call::begun));
    // In both directions: what the ledger calls delivered is there, and what is there is called delivered.
    EXPECT_LE(books.delivered, has);
    EXPECT_LE(has, books.delivered + unsure);
    EXPECT_EQ(books.loss_reports, vendor.loss_reports());

    const auto known = has + otherwise - books.dropped_for(drop_reason::reentrant);
    const auto missing = accepted > known ? accepted - known : 0;
    const auto only_claimed = books.delivered > has ? books.delivered - has : 0;
    note_round({.accepted = accepted,
                .delivered = has,
                .lost = std::max(missing, only_claimed),
                .altered = vendor.altered(),
                .duplicates = vendor.duplicates(),
                .longest_call_us = app.page().longest_call_ns / 1000});
    EXPECT_EQ(lost_, 0u) << books.last_error.data();
    EXPECT_LE(duplicates_, duplicates_allowed_);
}

void fault::note_round(const round_figures& figures) {
    ++rounds_;
    accepted_ += figures.accepted;
    delivered_ += figures.delivered;
    lost_ += figures.lost;
    altered_ += figures.altered;
    duplicates_ += figures.duplicates;
    duplicates_allowed_ += figures.duplicates_allowed;
    longest_call_us_ = std::max(longest_call_us_, figures.longest_call_us);
}

void fault::note_recovery(milliseconds took, std::uint64_t unfinished) {
    longest_recovery_ = std::max(longest_recovery_, took);
    unfinished_ += unfinished;
}

}  // namespace logferry::fault
