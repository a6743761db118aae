// Losses are told to the vendor itself, once it can be told anything, and to the application.
#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "told_world.hpp"

namespace logferry::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string rfc3339(std::int64_t time_ns) {
    // All of these tests' records lie within the minutes after 10:23:46.
    const auto ms = time_ns / 1'000'000 - 1'742'379'826'000 + 46'000;
    char text[40];
    std::snprintf(text, sizeof text, "2025-03-19T10:%02d:%02d.%03dZ", 23 + static_cast<int>(ms / 60'000),
                  static_cast<int>(ms / 1000 % 60), static_cast<int>(ms % 1000));
    return text;
}

/// Looks at the ledger all the time, while it lives.
class watcher {
public:
    explicit watcher(shipper& of)
        : thread_([this, &of] {
              do {
                  for (const auto& d : of.stats().destinations) EXPECT_TRUE(d.balanced()) << d.name;
              } while (!over_);
          }) {}
    ~watcher() {
        over_ = true;
        thread_.join();
    }
    watcher(const watcher&) = delete;
    watcher& operator=(const watcher&) = delete;

private:
    std::atomic<bool> over_{false};
    std::thread thread_;
};

class told_losses : public told_world, public testing::WithParamInterface<std::string> {
protected:
    /// Fills the buffer of a vendor that refuses the credential, until records of every level are lost.
    void overload(shipper& to) {
        for (const auto lvl : {level::info, level::warn, level::err}) submit_until_refused(to, lvl, 10);
    }
    [[nodiscard]] std::string expected_levels() const {
        const auto n = [this](level lvl) { return std::to_string(refused_[static_cast<std::size_t>(lvl)]); };
        return n(level::info) + " info, " + n(level::warn) + " warn, " + n(level::err) + " error";
    }
};

// The buffer fills during a pause, by the shed policy: info is refused first, then warn, then error. The report leaves
// when the pause is over, and says so.
TEST_P(told_losses, of_an_overload_arrive_once_the_vendor_is_well) {
    const auto to = shipper::open(tiny(vendor(GetParam(), wrong())));
    const watcher balance(*to);
    overload(*to);
    to->set_secret(GetParam(), token(GetParam()));
    const auto book = settled(*to);
    EXPECT_EQ(dropped(book, drop_reason::full), 30u);
    EXPECT_EQ(book.delivered, book.accepted - 30);
    ASSERT_TRUE(server.wait_for(GetParam(), book.delivered + 1, seconds(30)));

    const auto told = reports(GetParam());
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].lost, 30u);
    EXPECT_EQ(told[0].reasons, "30 records: 30 full");
    EXPECT_EQ(told[0].levels, expected_levels());
    EXPECT_EQ(told[0].from, rfc3339(time_of(first_refused_)));
    EXPECT_EQ(told[0].to, rfc3339(time_of(last_refused_)));

    const auto closed = to->close(seconds(30)).destinations[0];
    EXPECT_EQ(closed.loss_reports, 1u);
    EXPECT_EQ(closed.delivered, book.delivered) << "the report is not counted";
    EXPECT_EQ(closed.accepted, submitted_);
    EXPECT_EQ(closed.pending + closed.filtered + closed.rejected, 0u);
    EXPECT_TRUE(closed.balanced());
    EXPECT_EQ(server.accepted(GetParam()), closed.delivered + 1);
}

TEST_P(told_losses, are_told_at_close_at_the_latest) {
    auto opts = tiny(vendor(GetParam(), wrong()));
    const auto to = shipper::open(std::move(opts));
    const auto began = std::chrono::steady_clock::now();
    submit_until_refused(*to, level::info, 3);
    to->set_secret(GetParam(), token(GetParam()));
    // Two seconds after the first loss a report goes by itself.
    const bool in_time = std::chrono::steady_clock::now() - began < seconds(1);
    const auto closed = to->close(seconds(30)).destinations[0];
    EXPECT_EQ(closed.loss_reports, 1u);
    EXPECT_EQ(closed.delivered + 3, closed.accepted);
    const auto told = reports(GetParam());
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].levels, "3 info");
    if (in_time) {
        EXPECT_EQ(free_form(GetParam(), json::parse(server.received(GetParam()).back().body)).contains("lost"), true)
            << "the report comes last";
    }
}

TEST_P(told_losses, are_not_told_when_that_is_switched_off) {
    auto opts = tiny(vendor(GetParam(), wrong()));
    opts.delivery.loss_report_every = milliseconds(0);
    const auto to = shipper::open(std::move(opts));
    submit_until_refused(*to, level::info, 5);
    to->set_secret(GetParam(), token(GetParam()));
    const auto closed = to->close(seconds(30)).destinations[0];
    EXPECT_EQ(dropped(closed, drop_reason::full), 5u);
    EXPECT_EQ(closed.loss_reports, 0u);
    EXPECT_THAT(reports(GetParam()), SizeIs(0));
    EXPECT_EQ(server.accepted(GetParam()), closed.delivered);
}

INSTANTIATE_TEST_SUITE_P(vendors, told_losses, testing::Values("logsfori", "logsh", "logsentry", "logwire"), name_of);

// ---- where the vendor makes no difference ----

class told_once : public told_world {};

TEST_F(told_once, to_the_application_once_and_the_rest_at_the_end) {
    const auto to = shipper::open(tiny(vendor("logsfori", wrong())));
    submit_until_refused(*to, level::info, 500);
    to->set_secret("logsfori", token("logsfori"));
    settled(*to);
    to->close(seconds(30));
    const auto said = events(event::kind::dropped);
    ASSERT_THAT(said.size(), testing::AllOf(testing::Ge(1u), testing::Le(2u)));
    EXPECT_THAT(said, testing::Each(testing::AllOf(HasSubstr("logsfori: lost "), HasSubstr(" full"))));
}

TEST_F(told_once, profound_gets_no_report_for_it_takes_http_logs_only) {
    const auto to = shipper::open(tiny(vendor("profound", wrong())));
    submit_until_refused(*to, level::info, 5);
    to->set_secret("profound", token("profound"));
    const auto closed = to->close(seconds(30)).destinations[0];
    EXPECT_EQ(closed.loss_reports, 0u);
    EXPECT_EQ(closed.filtered, 0u) << "the report stands under no heading";
    EXPECT_EQ(closed.delivered, submitted_ - 5);
    EXPECT_EQ(server.accepted("profound"), closed.delivered);
    EXPECT_TRUE(closed.balanced());
}

TEST_F(told_once, rejected_records_are_told_too) {
    const auto log = logger_to(logsfori());
    server.fail_next("logsfori", {.status = 422});
    log->error("refused");
    settled();
    log->info("taken");
    const auto closed = sink->get_shipper()->close(seconds(30)).destinations[0];
    EXPECT_EQ(closed.rejected, 1u);
    EXPECT_EQ(closed.delivered, 1u);
    EXPECT_EQ(closed.loss_reports, 1u);
    const auto told = reports("logsfori");
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].reasons, "1 record: 1 rejected");
    EXPECT_EQ(told[0].levels, "1 error");
}

TEST_F(told_once, what_a_lagging_destination_gives_up_is_told_to_it_alone) {
    auto opts = tiny(vendor("logsh", wrong()));
    opts.destinations.push_back({logsfori(), {.in_flight = 8}});
    const auto to = shipper::open(std::move(opts));
    for (std::size_t i = 0; to->stats().destinations[0].dropped_total() < 50; ++i) {
        ASSERT_LT(i, 10'000u);
        ASSERT_TRUE(submit(*to, level::info));
        if (i % 5 != 4) continue;
        ASSERT_TRUE(server.wait_for("logsfori", i + 1, seconds(30)));
    }
    to->set_secret("logsh", token("logsh"));
    const auto closed = to->close(seconds(30));
    EXPECT_TRUE(closed.balanced());
    const auto lost = dropped(closed.destinations[0], drop_reason::full);
    EXPECT_EQ(closed.destinations[0].delivered + lost, submitted_);
    EXPECT_EQ(closed.destinations[1].delivered, submitted_);
    std::uint64_t told = 0;
    for (const auto& report : reports("logsh")) told += report.lost;
    EXPECT_EQ(told, lost);
    EXPECT_THAT(reports("logsfori"), SizeIs(0));
}

// While the report of one refused record is on its way, at close, every further record is one more loss. There is no
// second report for those, and no third, until the budget is over.
TEST_F(told_once, at_close_however_loud_the_program_is) {
    server.fail_next("logsfori", {.status = 422});
    server.fail_next("logsfori", {.status = 0, .delay = milliseconds(50)}, 1000);
    const auto to = shipper::open(quiet({{logsfori(), {.min_level = level::info}}}));
    submit(*to, level::info);
    EXPECT_EQ(settled(*to).rejected, 1u);
    std::atomic<bool> over{false};
    std::thread loud([&] {
        while (!over) submit(*to, level::debug);  // filtered, until the shipper closes
    });
    const auto closed = to->close(seconds(30)).destinations[0];
    over = true;
    loud.join();
    EXPECT_EQ(closed.rejected, 1u);
    EXPECT_GE(server.accepted("logsfori"), 1u);
    EXPECT_LE(server.accepted("logsfori"), 2u) << "one in its own time, if the machine is slow, and one at close";
    EXPECT_TRUE(to->stats().balanced());
}

// The worker reads no more than some hundred filtered records in a row; behind twice as many it looks for the last
// time.
TEST_F(told_once, at_close_behind_many_filtered_records) {
    server.fail_next("logsfori", {.status = 422});
    std::atomic<bool> told{false};
    std::atomic<bool> closing{false};
    auto opts = quiet({{logsfori(), {.min_level = level::info}}});
    opts.on_event = [&](const event&) {
        told = true;
        while (!closing) std::this_thread::sleep_for(milliseconds(1));
    };
    const auto to = shipper::open(std::move(opts));
    submit(*to, level::info);
    while (!told) std::this_thread::sleep_for(milliseconds(1));
    for (int i = 0; i < 700; ++i) submit(*to, level::debug);
    auto closed = std::async(std::launch::async, [&] { return to->close(seconds(30)).destinations[0]; });
    record_input record;
    record.lvl = level::debug;
    while (to->submit(record)) std::this_thread::sleep_for(milliseconds(1));
    closing = true;
    EXPECT_EQ(closed.get().rejected, 1u);
    EXPECT_EQ(server.accepted("logsfori"), 1u);
}

TEST_F(told_once, figures_as_json_balance) {
    const auto log = logger_to(logsfori());
    server.fail_next("logsfori", {.status = 422});
    for (int i = 0; i < 20; ++i) log->info("{}", i);
    const auto figures = json::parse(to_json(sink->get_shipper()->drain(seconds(30))));
    const auto& book = figures["destinations"][0];
    EXPECT_EQ(book["name"], "logsfori");
    EXPECT_EQ(book["balanced"], true);
    EXPECT_EQ(book["accepted"], 20);
    EXPECT_EQ(book["delivered"], 19);
    EXPECT_EQ(book["rejected"], 1);
    EXPECT_EQ(book["pending"], 0);
    EXPECT_EQ(book["dead_letters_lost"], 1);
}

// ---- receipts ----

TEST_F(told_once, a_receipt_for_each_record_that_logsentry_took) {
    std::map<std::string, std::string> record_of_hash;
    auto opts = quiet({{logsentry()}});
    opts.receipts = true;
    opts.on_event = [&](const event& e) {
        ASSERT_EQ(e.what, event::kind::delivered);
        EXPECT_EQ(e.destination, "logsentry");
        EXPECT_EQ(e.records, 1u);
        EXPECT_TRUE(record_of_hash.emplace(e.receipt, e.record_id).second) << "twice: " << e.receipt;
    };
    const auto to = shipper::open(std::move(opts));
    for (int i = 0; i < 50; ++i) submit(*to, level::info);
    to->close(seconds(30));
    const auto received = server.received("logsentry");
    ASSERT_EQ(received.size(), 50u);
    ASSERT_EQ(record_of_hash.size(), 50u);
    for (const auto& request : received) {
        const auto hash = json::parse(request.answer)["hash"].get<std::string>();
        ASSERT_EQ(record_of_hash.count(hash), 1u) << request.answer;
        EXPECT_EQ(free_form("logsentry", json::parse(request.body))["record_id"], record_of_hash[hash]);
    }
}

TEST_F(told_once, no_receipts_unless_asked_for) {
    const auto log = logger_to(logsentry());
    log->info("quietly");
    EXPECT_EQ(settled().delivered, 1u);
    EXPECT_THAT(events(event::kind::delivered), SizeIs(0));
}

}  // namespace
}  // namespace logferry::test
