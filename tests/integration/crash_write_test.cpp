// Records from handlers of fatal signals, wherever the signal meets the program.
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "fork_test.hpp"
#include "unit/journal/interrupted.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LOGFERRY_COUNTS_ALLOCATIONS 1

namespace logferry::test {
namespace {

/// Allocations by the running thread while it counts them.
thread_local bool counting = false;
thread_local int allocations = 0;

}  // namespace
}  // namespace logferry::test

extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* malloc(std::size_t size) {
    logferry::test::allocations += logferry::test::counting ? 1 : 0;
    return __libc_malloc(size);
}
#endif

namespace logferry::test {
namespace {

class crash_write_test : public fork_test {
protected:
    void SetUp() override {
        log = logger_to(logsfori());
        whole = sink->get_shipper().get();
    }

    std::shared_ptr<spdlog::logger> log;
    static inline shipper* whole = nullptr;
};

TEST_F(crash_write_test, is_a_record_like_any_other) {
    EXPECT_TRUE(shared().crash_write("caught SIGSEGV"));
    EXPECT_TRUE(shared().crash_write("caught SIGTERM", level::warn));
    EXPECT_EQ(settled().delivered, 2u);
    const auto sent = bodies("logsfori");
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0]["message"], "caught SIGSEGV");
    EXPECT_EQ(sent[0]["severity"], "critical");
    EXPECT_EQ(sent[0]["extra"]["thread.id"], ::syscall(SYS_gettid));
    EXPECT_EQ(sent[1]["severity"], "warning");
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto at = milliseconds(sent[0]["created_at"].get<std::int64_t>());
    EXPECT_LE(at, now);
    EXPECT_GT(at, now - std::chrono::minutes(10));
}

TEST_F(crash_write_test, takes_none_of_the_threads_fields) {
    const scope request{{"request_id", 42}};
    EXPECT_TRUE(shared().crash_write("caught SIGSEGV"));
    settled();
    EXPECT_FALSE(only_body("logsfori")["extra"].contains("request_id"));
}

TEST_F(crash_write_test, clips_what_is_too_long) {
    EXPECT_TRUE(shared().crash_write(std::string(1024 * 1024, 'x')));
    EXPECT_EQ(settled().delivered, 1u);
    EXPECT_EQ(shared().stats().clipped_records, 1u);
}

TEST_F(crash_write_test, is_refused_after_the_close) {
    shared().close(seconds(5));
    EXPECT_FALSE(shared().crash_write("too late"));
    const auto stats = shared().stats();
    EXPECT_TRUE(stats.balanced());
    EXPECT_EQ(stats.destinations[0].dropped[static_cast<std::size_t>(drop_reason::after_close)], 1u);
}

TEST_F(crash_write_test, never_waits_for_room) {
    server.fail_next("logsfori", {.status = 0, .delay = seconds(20)}, 10);
    auto opts = quiet({{logsfori()}});
    opts.buffer.size = 256 * 1024;
    opts.buffer.when_full = overflow::block;
    opts.buffer.block_for = std::chrono::hours(1);
    opts.close_budget = milliseconds(0);
    const auto full = shipper::open(std::move(opts));
    const std::string text(10'000, 'x');
    while (full->crash_write(text)) {
    }
    EXPECT_TRUE(full->stats().balanced());
}

TEST_F(crash_write_test, leaves_errno_alone) {
    errno = ENOENT;
    EXPECT_TRUE(shared().crash_write("errno stays"));
    EXPECT_EQ(errno, ENOENT);
}

#ifdef LOGFERRY_COUNTS_ALLOCATIONS
TEST_F(crash_write_test, allocates_nothing) {
    bool taken = false;
    int known = 0;
    int unknown = 0;
    // In a thread that has never logged, the first use of anything would be among them.
    std::thread([&] {
        counting = true;
        taken = shared().crash_write("from a new thread");
        unknown = std::exchange(allocations, 0);
        void* volatile const some = std::malloc(1);
        known = allocations;
        counting = false;
        std::free(some);
    }).join();
    EXPECT_TRUE(taken);
    EXPECT_EQ(unknown, 0);
    EXPECT_EQ(known, 1) << "nothing is counted";
}
#endif

#ifdef LOGFERRY_CAN_INTERRUPT

/// A handler as a program has it.
class segv_handler {
public:
    segv_handler() {
        struct sigaction action {};
        action.sa_handler = [](int) { taken += crash_write_in_handler() ? 1 : 0; };
        ::sigaction(SIGSEGV, &action, &before_);
    }
    ~segv_handler() { ::sigaction(SIGSEGV, &before_, nullptr); }
    segv_handler(const segv_handler&) = delete;
    segv_handler& operator=(const segv_handler&) = delete;

    static inline bool (*crash_write_in_handler)() = nullptr;
    static inline std::uint64_t taken = 0;

private:
    struct sigaction before_ {};
};

/// In memory, and with a spool.
class interrupted_log_call : public crash_write_test, public testing::WithParamInterface<bool> {
protected:
    void SetUp() override {
        auto opts = quiet({{logsfori()}});
        if (GetParam()) opts.buffer.spool = testing::TempDir() + "interrupted_log_call." + std::to_string(::getpid());
        spool_ = opts.buffer.spool;
        opts.buffer.segment_size = 64 * 1024;
        sink = std::make_shared<spdlog_sink>(std::move(opts));
        whole = sink->get_shipper().get();
    }
    void TearDown() override {
        sink.reset();
        std::error_code ignored;
        if (!spool_.empty()) std::filesystem::remove_all(spool_, ignored);
    }

private:
    std::string spool_;
};

// A log call is hit after each of its machine instructions in turn.
TEST_P(interrupted_log_call, anywhere_by_a_handler_that_writes) {
    const segv_handler handler;
    segv_handler::taken = 0;
    segv_handler::crash_write_in_handler = [] { return whole->crash_write("from the handler"); };
    std::string text(900, 'x');
    record_input record;
    record.lvl = level::err;
    record.message = text;
    interrupter stop;
    std::uint64_t n = 0;
    bool taken = true;
    for (bool more = true; more && taken;) {
        ++n;
        more = stop.at(
            n, [&] { taken = shared().submit(record); }, [] { ::raise(SIGSEGV); });
    }
    EXPECT_TRUE(taken);
    EXPECT_GT(n, 100u) << "nothing was interrupted";
    RecordProperty("instructions", std::to_string(n));
    EXPECT_EQ(segv_handler::taken, n - 1);
    EXPECT_EQ(settled().delivered, 2 * n - 1);
    EXPECT_EQ(messages(),
              (std::map<std::string, int>{{text, static_cast<int>(n)}, {"from the handler", static_cast<int>(n) - 1}}));
}

INSTANTIATE_TEST_SUITE_P(records, interrupted_log_call, testing::Bool(),
                         [](const auto& test) { return test.param ? "in_a_spool" : "in_memory"; });

#endif

}  // namespace
}  // namespace logferry::test
