#include "fork_test.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <stdexcept>
#include <utility>

#include <logferry/vendor.hpp>

namespace logferry::test {
namespace {

using clock_type = std::chrono::steady_clock;
using messages_and_counts = std::map<std::string, int>;

std::size_t threads_here() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

/// A thread that has been joined is listed for a moment still.
bool others_are_gone() {
    const auto deadline = clock_type::now() + seconds(30);
    while (threads_here() > 1 && clock_type::now() < deadline) std::this_thread::sleep_for(milliseconds(1));
    return threads_here() == 1;
}

std::uint64_t accepted(const shipper_stats& stats) { return stats.destinations.at(0).accepted; }

TEST_F(fork_test, both_sides_log_through_one_sink) {
    const auto log = logger_to(logsfori());
    log->info("before");
    settled();
    EXPECT_EQ(in_child([&] {
                  log->info("from the child");
                  return delivers(1) && shared().close(seconds(30)).delivered() == 1;
              }),
              0);
    log->info("after");
    EXPECT_EQ(settled().delivered, 2u);
    EXPECT_EQ(messages(), (messages_and_counts{{"before", 1}, {"from the child", 1}, {"after", 1}}));
}

TEST_F(fork_test, a_record_that_was_waiting_goes_once_and_from_the_parent) {
    server.fail_next("logsfori", {.status = 503, .headers = {{"Retry-After", "1"}}});
    const auto log = logger_to(logsfori());
    log->info("waits");
    while (server.requests("logsfori") == 0) std::this_thread::yield();
    EXPECT_EQ(in_child([&] {
                  log->info("does not");
                  return delivers(1);
              }),
              0);
    EXPECT_EQ(settled().delivered, 1u);
    EXPECT_EQ(messages(), (messages_and_counts{{"waits", 1}, {"does not", 1}}));
}

TEST_F(fork_test, a_child_that_does_not_log_costs_nothing) {
    const auto log = logger_to(logsfori());
    log->info("before");
    settled();
    EXPECT_EQ(in_child([&] {
                  shared().nudge();
                  shared().note_async_hop();
                  shared().set_secret("logsfori", secret(server.token("logsfori")));
                  const bool empty = accepted(shared().stats()) == 0 && accepted(shared().drain(seconds(30))) == 0 &&
                                     !shared().crash_write("not here") && accepted(shared().close(seconds(30))) == 0;
                  return empty && threads_here() == 1;
              }),
              0);
    EXPECT_EQ(settled().delivered, 1u);
}

TEST_F(fork_test, what_is_closed_stays_closed_in_a_child) {
    const auto log = logger_to(logsfori());
    EXPECT_EQ(in_child([&] {
                  shared().close(seconds(1));
                  return !shared().submit({}) && threads_here() == 1;
              }),
              0);
    shared().close(seconds(1));
    EXPECT_EQ(in_child([&] { return !shared().submit({}) && threads_here() == 1; }), 0);
}

TEST_F(fork_test, a_child_may_destroy_the_sink) {
    const auto log = logger_to(logsfori(), seconds(30));
    for (const bool logs : {true, false}) {
        EXPECT_EQ(in_child([&] {
                      if (logs) log->info("before the end");
                      log->sinks().clear();
                      sink.reset();
                      return others_are_gone();
                  }),
                  0);
    }
    log->info("after");
    EXPECT_EQ(settled().delivered, 1u);
    EXPECT_EQ(messages(), (messages_and_counts{{"before the end", 1}, {"after", 1}}));
}

TEST_F(fork_test, a_child_that_exits_sends_what_it_has_and_nothing_of_its_parents) {
    const auto log = logger_to(logsfori(), seconds(30));
    EXPECT_EQ(in_child([&] {
                  log->info("last words");
                  std::exit(0);
                  return false;
              }),
              0);
    EXPECT_EQ(messages(), (messages_and_counts{{"last words", 1}}));
    log->info("after");
    EXPECT_EQ(settled().delivered, 1u);
}

TEST_F(fork_test, generations) {
    const auto log = logger_to(logsfori());
    log->info("grandmother");
    EXPECT_EQ(in_child([&] {
                  log->info("mother");
                  const bool child_well = in_child([&] {
                                              log->info("daughter");
                                              // A generation that says nothing stands between.
                                              return delivers(1) && in_child([&] {
                                                                        return in_child([&] {
                                                                                   log->info("great-granddaughter");
                                                                                   return delivers(1);
                                                                               }) == 0;
                                                                    }) == 0;
                                          }) == 0;
                  return child_well && delivers(1);
              }),
              0);
    EXPECT_EQ(settled().delivered, 1u);
    EXPECT_EQ(messages(),
              (messages_and_counts{{"grandmother", 1}, {"mother", 1}, {"daughter", 1}, {"great-granddaughter", 1}}));
}

TEST_F(fork_test, a_grandchild_keeps_what_its_parent_has_opened) {
    const auto log = logger_to(logsfori());
    log->info("so that there is a connection");
    settled();
    EXPECT_EQ(in_child([&] {
                  std::vector<int> own(20);
                  std::generate(own.begin(), own.end(), [] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); });
                  return in_child([&] {
                             return std::all_of(own.begin(), own.end(),
                                                [](int fd) { return ::fcntl(fd, F_GETFD) != -1; });
                         }) == 0;
              }),
              0);
}

/// A directory of the test's own, in which the program stands meanwhile.
class in_a_directory {
public:
    in_a_directory() {
        std::string name = testing::TempDir() + "logferry_fork_XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name);
        path = name;
        std::filesystem::current_path(path);
    }
    ~in_a_directory() {
        std::filesystem::current_path(before);
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    in_a_directory(const in_a_directory&) = delete;
    in_a_directory& operator=(const in_a_directory&) = delete;

    std::filesystem::path path;
    const std::filesystem::path before = std::filesystem::current_path();
};

class spool_fork_test : public fork_test {
protected:
    spool_fork_test() {
        auto opts = quiet({{logsfori()}});
        opts.buffer.spool = "spool";
        sink = std::make_shared<spdlog_sink>(std::move(opts));
    }
    ~spool_fork_test() override { sink->get_shipper()->close(seconds(10)); }  // before its directory goes

    const in_a_directory here;
};

TEST_F(spool_fork_test, a_relative_path_means_the_same_in_a_child_that_went_elsewhere) {
    spdlog::logger log("shop", sink);
    EXPECT_EQ(in_child([&] {
                  std::filesystem::create_directory("elsewhere");
                  std::filesystem::current_path("elsewhere");
                  log.info("from elsewhere");
                  return delivers(1) && std::filesystem::is_empty(here.path / "elsewhere") &&
                         std::filesystem::exists(here.path / "spool" / "slot-0001");
              }),
              0);
}

TEST_F(spool_fork_test, a_child_that_must_not_use_the_spool_logs_all_the_same) {
    spdlog::logger log("shop", sink);
    EXPECT_EQ(in_child([&] {
                  std::filesystem::permissions("spool", std::filesystem::perms::all);
                  log.info("from memory");
                  const bool delivered = delivers(1);
                  const auto stats = shared().stats();
                  return delivered && !stats.spool.in_use && stats.spool.unspooled == 1 &&
                         !stats.spool.last_error.empty();
              }),
              0);
    EXPECT_EQ(messages(), (messages_and_counts{{"from memory", 1}}));
}

/// Certificate authorities that hold up whoever reads them, until they are let go.
class slow_authorities {
public:
    explicit slow_authorities(std::string file) : path(std::move(file)) {
        std::filesystem::remove(path);
        if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error(path);
    }
    ~slow_authorities() {
        if (writer_ >= 0) ::close(writer_);
        std::filesystem::remove(path);
    }
    slow_authorities(const slow_authorities&) = delete;
    slow_authorities& operator=(const slow_authorities&) = delete;

    /// Waits until somebody reads them.
    void hold_reader() {
        while ((writer_ = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) std::this_thread::yield();
    }
    [[nodiscard]] bool let_go() const { return ::write(writer_, text.data(), text.size()) > 0; }

    static constexpr std::string_view text = "-----BEGIN CERTIFICATE-----\n";
    const std::string path;

private:
    int writer_ = -1;
};

/// The authorities become slow once the shipper is open.
class slow_fork_test : public fork_test {
protected:
    slow_fork_test() {
        std::ofstream(path) << slow_authorities::text;
        auto vendor = logsfori();
        vendor.token = secret("the old one, which is refused");
        auto opts = quiet({{vendor}});
        opts.http.ca_file = path;
        sink = std::make_shared<spdlog_sink>(std::move(opts));
        authorities.emplace(path);
    }
    /// In a child: its first log call, held up in the middle.
    [[nodiscard]] std::future<bool> begin_to_log() {
        auto logging = std::async(std::launch::async, [this] {
            record_input record;
            record.message = "slow";
            return shared().submit(record);
        });
        authorities->hold_reader();
        return logging;
    }

    const std::string path = testing::TempDir() + "logferry_slow_" + std::to_string(::getpid());
    std::optional<slow_authorities> authorities;
};

TEST_F(slow_fork_test, neither_a_fork_nor_a_close_waits_for_a_shipper_that_is_being_opened) {
    auto opts = quiet({{logsfori()}});
    opts.http.ca_file = path;
    auto opening = std::async(std::launch::async, [&] { return shipper::open(opts); });
    authorities->hold_reader();
    auto forking = std::async(std::launch::async, [] { return in_child([] { return true; }); });
    EXPECT_EQ(forking.wait_for(seconds(30)), std::future_status::ready);
    auto closing = std::async(std::launch::async, [this] { shared().close(milliseconds(100)); });
    EXPECT_EQ(closing.wait_for(seconds(30)), std::future_status::ready);
    EXPECT_EQ(opening.wait_for(seconds(0)), std::future_status::timeout);
    EXPECT_TRUE(authorities->let_go());
    EXPECT_EQ(forking.get(), 0);
    EXPECT_TRUE(opening.get()->close(seconds(10)).balanced());
}

TEST_F(slow_fork_test, what_a_child_closes_while_it_is_being_made_stays_closed) {
    EXPECT_EQ(in_child([&] {
                  auto logging = begin_to_log();
                  shared().close(milliseconds(100));
                  return authorities->let_go() && !logging.get() && !shared().submit({});
              }),
              0);
}

TEST_F(slow_fork_test, a_credential_given_while_a_child_makes_its_own_is_used) {
    EXPECT_EQ(in_child([&] {
                  auto logging = begin_to_log();
                  auto giving =
                      std::async(std::launch::async, [&] { shared().set_secret("logsfori", token("logsfori")); });
                  if (!authorities->let_go() || !logging.get()) return false;
                  giving.get();
                  return delivers(1);
              }),
              0);
}

TEST_F(slow_fork_test, a_fork_of_a_child_that_makes_its_own_makes_another) {
    shared().set_secret("logsfori", token("logsfori"));
    EXPECT_EQ(in_child([&] {
                  auto logging = begin_to_log();
                  const auto grandchild = fork_child([&] {
                      std::filesystem::remove(path);
                      std::ofstream(path) << slow_authorities::text;
                      record_input record;
                      record.message = "quick";
                      return shared().submit(record) && delivers(1);
                  });
                  const bool well = end_of(grandchild) == 0;
                  return authorities->let_go() && logging.get() && well && delivers(1);
              }),
              0);
}

// As some programs do to become a daemon.
TEST_F(fork_test, a_child_that_closes_all_descriptors_is_told_what_that_means) {
    server.fail_next("logsfori", {.status = 503, .headers = {{"Retry-After", "5"}}});
    const auto log = logger_to(logsfori());
    EXPECT_EQ(in_child([&] {
                  log->info("waits");
                  while (shared().stats().destinations.at(0).last_error.empty()) std::this_thread::yield();
                  for (int fd = 3; fd < 1024; ++fd) ::close(fd);
                  const bool sent = delivers(1);
                  shared().close(seconds(10));
                  const auto told = events(event::kind::notice);
                  return sent && told.size() == 1 && told[0].find("closed descriptors") != std::string::npos;
              }),
              0);
}

/// A library of the program's own that was there before logferry, and logs when somebody forks.
shipper* told_of_forks = nullptr;

void tell_of_fork() {
    record_input record;
    record.message = "somebody forks";
    if (told_of_forks != nullptr) told_of_forks->submit(record);
}

__attribute__((constructor(101))) void loaded_first() { ::pthread_atfork(tell_of_fork, nullptr, nullptr); }

TEST_F(fork_test, a_child_that_logs_first_while_it_forks_does_not_wait_for_itself) {
    const auto log = logger_to(logsfori());
    EXPECT_EQ(in_child([&] {
                  ::alarm(30);
                  told_of_forks = &shared();
                  const bool forked = in_child([] { return true; }) == 0;
                  told_of_forks = nullptr;
                  log->info("afterwards");
                  const auto stats = shared().drain(seconds(30));
                  return forked && stats.balanced() && stats.delivered() == 1 && stats.dropped() == 1;
              }),
              0);
}

TEST_F(fork_test, while_other_threads_log) {
    constexpr int rounds = 20;
    constexpr int each = 5;
    constexpr std::uint64_t most = 1000;  // so that the vendor gets through
    const auto log = logger_to(logsfori());
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> logged{0};
    std::vector<std::thread> running;
    for (int t = 0; t < 3; ++t) {
        running.emplace_back([&] {
            while (!stop) {
                if (logged < most) log->error("parent {}", logged.fetch_add(1));
                std::this_thread::yield();
            }
        });
    }
    std::vector<pid_t> children;
    for (int round = 0; round < rounds; ++round) {
        children.push_back(fork_child([&] {
            for (int i = 0; i < each; ++i) log->error("child {} of {}", i, round);
            return delivers(each);
        }));
    }
    for (const auto child : children) EXPECT_EQ(end_of(child), 0);
    stop = true;
    for (auto& each_thread : running) each_thread.join();
    EXPECT_EQ(settled().delivered, logged);
    const auto found = messages();
    EXPECT_EQ(found.size(), logged + rounds * each);
    for (const auto& [message, times] : found) EXPECT_EQ(times, 1) << message;
}

TEST_F(fork_test, many_threads_of_a_child_log_first) {
    const auto log = logger_to(logsfori());
    EXPECT_EQ(in_child([&] {
                  std::vector<std::thread> running;
                  for (int t = 0; t < 8; ++t) running.emplace_back([&] { log->info("from one of many"); });
                  for (auto& thread : running) thread.join();
                  return delivers(8);
              }),
              0);
    EXPECT_EQ(messages(), (messages_and_counts{{"from one of many", 8}}));
}

// The callback runs on the worker, so the child is a copy of that thread.
TEST_F(fork_test, from_a_callback) {
    std::atomic<pid_t> child{0};
    std::shared_ptr<spdlog::logger> log;
    auto opts = quiet({{logsfori()}});
    opts.close_budget = seconds(30);
    opts.on_event = [&](const event&) {
        if (child != 0) return;
        const auto forked = ::fork();
        if (forked == 0) {
            log->info("from a copy of the worker");
            return;  // and no further: what comes next is the parent's affair
        }
        child = forked;
    };
    server.fail_next("logsfori", {.status = 422});
    sink = std::make_shared<spdlog_sink>(std::move(opts));
    log = std::make_shared<spdlog::logger>("shop", sink);
    log->info("refused");
    log->info("from the parent");
    EXPECT_EQ(settled().delivered, 1u);
    ASSERT_GT(child, 0);
    EXPECT_EQ(end_of(child), 0);
    log->info("afterwards");
    EXPECT_EQ(settled().delivered, 2u);
    const auto found = messages();
    EXPECT_EQ(found.at("from a copy of the worker"), 1);
    EXPECT_EQ(found.at("from the parent"), 1);
    EXPECT_EQ(found.at("afterwards"), 1);
    sink->get_shipper()->close(seconds(10));  // before what its callback uses
}

TEST_F(fork_test, a_new_credential_is_inherited) {
    auto vendor = logsfori();
    vendor.token = secret("the old one, which is refused");
    sink = std::make_shared<spdlog_sink>(quiet({{vendor}}));
    spdlog::logger log("shop", sink);
    shared().set_secret("logsfori", token("logsfori"));
    EXPECT_EQ(in_child([&] {
                  log.info("with the new one");
                  return delivers(1);
              }),
              0);
    EXPECT_EQ(messages(), (messages_and_counts{{"with the new one", 1}}));
}

TEST_F(fork_test, a_credential_may_be_given_before_the_child_logs) {
    auto vendor = logsfori();
    vendor.token = secret("the old one, which is refused");
    sink = std::make_shared<spdlog_sink>(quiet({{vendor}}));
    spdlog::logger log("shop", sink);
    EXPECT_EQ(in_child([&] {
                  const auto refused = [&](const char* destination, const char* text) {
                      try {
                          shared().set_secret(destination, secret(text));
                          return false;
                      } catch (const config_error&) {
                          return true;
                      }
                  };
                  const bool checked = refused("nobody", "x") && refused("logsfori", "two\nlines");
                  shared().set_secret("logsfori", token("logsfori"));
                  log.info("with the new one");
                  return checked && delivers(1);
              }),
              0);
    EXPECT_EQ(messages(), (messages_and_counts{{"with the new one", 1}}));
}

/// A vendor of the application's own, which nobody can make a second time.
class own_vendor final : public vendor {
public:
    explicit own_vendor(http_endpoint to) : to_(std::move(to)) {}
    [[nodiscard]] std::string_view name() const noexcept override { return "own"; }
    [[nodiscard]] const vendor_limits& limits() const noexcept override { return limits_; }
    [[nodiscard]] const http_endpoint& endpoint() const noexcept override { return to_; }
    [[nodiscard]] encoded encode(const record_view&, std::chrono::steady_clock::time_point, std::string&) override {
        return {};
    }
    [[nodiscard]] outcome judge(const http_response&, std::size_t) const override { return {}; }

private:
    http_endpoint to_;
    vendor_limits limits_;
};

TEST_F(fork_test, no_child_gets_a_vendor_of_the_applications_own) {
    sink = std::make_shared<spdlog_sink>(
        quiet({{std::make_shared<own_vendor>(http_endpoint{server.base_url("logsfori"), {}})}}));
    EXPECT_EQ(in_child([&] {
                  const bool refused = !shared().submit({});
                  const auto stats = shared().stats();
                  return refused && threads_here() == 1 && stats.balanced() && accepted(stats) == 1 &&
                         stats.dropped() == 1;
              }),
              0);
}

TEST_F(fork_test, a_child_that_cannot_have_its_own_yet_tries_again) {
    const auto log = logger_to(logsfori());
    EXPECT_EQ(in_child([&] {
                  rlimit usual;
                  ::getrlimit(RLIMIT_NOFILE, &usual);
                  const rlimit none{0, usual.rlim_max};
                  ::setrlimit(RLIMIT_NOFILE, &none);
                  for (int i = 0; i < 3; ++i) log->info("refused");
                  ::setrlimit(RLIMIT_NOFILE, &usual);
                  const auto deadline = clock_type::now() + seconds(30);
                  std::uint64_t refused = 3;
                  record_input record;
                  record.message = "taken";
                  while (!shared().submit(record) && clock_type::now() < deadline) ++refused;
                  const auto stats = shared().drain(seconds(30));
                  return stats.balanced() && stats.delivered() == 1 &&
                         stats.destinations[0].dropped[static_cast<std::size_t>(drop_reason::forked)] == refused;
              }),
              0);
    EXPECT_EQ(messages(), (messages_and_counts{{"taken", 1}}));
}

}  // namespace
}  // namespace logferry::test
