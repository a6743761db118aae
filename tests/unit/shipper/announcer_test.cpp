// What the application is told, and how often. The steady clock of this whole program is the test's: a minute passes
// when the test says so.
#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <shipper/announcer.hpp>

namespace {
std::atomic<std::chrono::nanoseconds::rep> test_clock{std::chrono::nanoseconds(std::chrono::hours(1)).count()};
}

// Instead of the standard library's.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    return time_point(nanoseconds(test_clock.load()));
}

namespace logferry::shipping {
namespace {

using kind = event::kind;
using testing::ElementsAre;
using testing::IsEmpty;

class announcer_test : public testing::Test {
protected:
    static void let_pass(std::chrono::milliseconds t) { test_clock += std::chrono::nanoseconds(t).count(); }
    static void let_a_minute_pass() { let_pass(std::chrono::minutes(1)); }
    static void let_almost_a_minute_pass() { let_pass(std::chrono::minutes(1) - std::chrono::milliseconds(1)); }

    /// "destination: text (records)" of each event that was passed on.
    std::vector<std::string> said;
    announcer says{[this](const event& e) {
        said.push_back(std::string(e.destination) + ": " + std::string(e.text) + " (" + std::to_string(e.records) +
                       ")");
    }};
};

TEST_F(announcer_test, passes_the_first_event_on_at_once) {
    says.tell({kind::dropped, "logsh", "lost some", 3});
    EXPECT_THAT(said, ElementsAre("logsh: lost some (3)"));
}

TEST_F(announcer_test, keeps_what_follows_within_a_minute_and_adds_its_records_up) {
    says.tell({kind::dropped, "logsh", "first", 1});
    for (const auto records : {2u, 3u, 5u})
        says.tell({kind::dropped, "logsh", "lost " + std::to_string(records), records});
    let_almost_a_minute_pass();
    says.catch_up();
    EXPECT_EQ(said.size(), 1u);
    let_pass(std::chrono::milliseconds(1));
    says.catch_up();
    EXPECT_THAT(said, ElementsAre("logsh: first (1)", "logsh: lost 5 (10)"));
    let_a_minute_pass();
    says.catch_up();
    EXPECT_EQ(said.size(), 2u) << "each is told once";
}

TEST_F(announcer_test, begins_a_new_minute_with_what_it_kept) {
    says.tell({kind::dropped, "logsh", "first", 1});
    says.tell({kind::dropped, "logsh", "second", 1});
    let_a_minute_pass();
    says.catch_up();
    says.tell({kind::dropped, "logsh", "third", 1});
    EXPECT_EQ(said.size(), 2u);
    let_a_minute_pass();
    says.catch_up();
    EXPECT_EQ(said.back(), "logsh: third (1)");
}

TEST_F(announcer_test, counts_the_minutes_of_each_kind_and_destination_by_themselves) {
    says.tell({kind::dropped, "logsh", "a", 0});
    says.tell({kind::rejected, "logsh", "b", 0});
    says.tell({kind::dropped, "logwire", "c", 0});
    says.tell({kind::dropped, "logsh", "kept", 0});
    EXPECT_THAT(said, ElementsAre("logsh: a (0)", "logsh: b (0)", "logwire: c (0)"));
}

TEST_F(announcer_test, loses_no_record_when_a_new_event_comes_before_the_kept_one_was_told) {
    says.tell({kind::dropped, "logsh", "first", 1});
    says.tell({kind::dropped, "logsh", "kept", 4});
    let_a_minute_pass();
    says.tell({kind::dropped, "logsh", "third", 2});
    let_a_minute_pass();
    says.catch_up();
    EXPECT_THAT(said, ElementsAre("logsh: first (1)", "logsh: third (2)", "logsh: kept (4)"));
}

TEST_F(announcer_test, passes_receipts_on_without_limit) {
    std::vector<std::string> receipts;
    announcer with_receipts([&](const event& e) {
        EXPECT_EQ(e.what, kind::delivered);
        receipts.push_back(std::string(e.receipt) + " " + std::string(e.record_id));
    });
    for (const auto* hash : {"aa", "bb", "cc"}) with_receipts.tell({kind::delivered, "logsentry", hash, 1, hash, "id"});
    EXPECT_THAT(receipts, ElementsAre("aa id", "bb id", "cc id"));
}

TEST_F(announcer_test, is_not_harmed_by_a_callback_that_throws) {
    int calls = 0;
    announcer harmed([&](const event&) {
        ++calls;
        throw std::runtime_error("the application's own trouble");
    });
    harmed.tell({kind::dropped, "logsh", "first", 1});
    harmed.tell({kind::dropped, "logsh", "second", 1});
    harmed.tell({kind::delivered, "logsh", "receipt", 1});
    EXPECT_EQ(calls, 2) << "the one that threw counts as told";
    let_a_minute_pass();
    harmed.catch_up();
    harmed.catch_up();
    EXPECT_EQ(calls, 3);
}

TEST_F(announcer_test, passes_nothing_on_once_silenced) {
    says.silence();
    says.tell({kind::dropped, "logsh", "too late", 1});
    says.tell({kind::delivered, "logsh", "too late", 1});
    EXPECT_THAT(said, IsEmpty());
}

/// Standard error into a pipe for as long as it lives.
class captured_stderr {
public:
    captured_stderr() : before_(::dup(STDERR_FILENO)) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[1]);
        out_ = ends[0];
    }
    ~captured_stderr() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
        ::close(out_);
    }
    captured_stderr(const captured_stderr&) = delete;
    captured_stderr& operator=(const captured_stderr&) = delete;

    std::string text() {
        std::string all(4096, '\0');
        const auto got = ::read(out_, all.data(), all.size());
        all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return all;
    }

private:
    int before_;
    int out_ = -1;
};

TEST_F(announcer_test, writes_a_line_to_standard_error_when_nobody_listens) {
    captured_stderr err;
    announcer alone(nullptr);
    alone.tell({kind::paused, "logsh", "refused the credentials", 0});
    alone.tell({kind::notice, {}, "of nobody in particular", 0});
    EXPECT_EQ(err.text(), "logferry: logsh: refused the credentials\nlogferry: of nobody in particular\n");
}

TEST_F(announcer_test, writes_no_receipts_to_standard_error) {
    captured_stderr err;
    announcer alone(nullptr);
    alone.tell({kind::delivered, "logsentry", "hash", 1, "hash", "id"});
    EXPECT_EQ(err.text(), "");
}

}  // namespace
}  // namespace logferry::shipping
