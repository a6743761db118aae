// Programs that come and go while the vendor is away: what they leave stays within the size that was chosen, and is
// sent in the end.
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "fork_test.hpp"

namespace logferry::test {
namespace {

namespace fs = std::filesystem;

class spool_size : public fork_test {
protected:
    static constexpr std::size_t size = 1024 * 1024;
    static constexpr std::size_t segment = 64 * 1024;

    spool_size() {
        std::string name = testing::TempDir() + "logferry_spool_XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name);
        spool_ = name;
    }
    ~spool_size() override {
        std::error_code ignored;
        fs::remove_all(spool_, ignored);
    }

    [[nodiscard]] options chosen(overflow when_full, bool vendor_is_there) {
        auto vendor = logsfori();
        if (!vendor_is_there) vendor.base_url = "http://127.0.0.1:1";
        auto opts = quiet({{vendor}});
        opts.buffer.spool = spool_;
        opts.buffer.size = size;
        opts.buffer.segment_size = segment;
        opts.buffer.when_full = when_full;
        opts.buffer.block_for = milliseconds(1);
        opts.close_budget = milliseconds(0);
        return opts;
    }
    /// A program that logs so many records of some length and is closed, or killed.
    void live(overflow when_full, int number, int records, bool killed) {
        const auto status = in_child([&] {
            const auto log = shipper::open(chosen(when_full, false));
            record_input record;
            for (int i = 0; i < records; ++i) {
                auto text = "life " + std::to_string(number) + ", record " + std::to_string(i) + " ";
                if (records > 1) text.resize(800, '.');
                record.message = text;
                log->submit(record);
            }
            // A round of the worker makes room before it tries to send something.
            while (log->stats().destinations.at(0).requests == 0) log->drain(milliseconds(2));
            if (killed) ::raise(SIGKILL);
            log->close(milliseconds(0));
            return true;
        });
        ASSERT_TRUE(killed ? WIFSIGNALED(status) : status == 0);
    }
    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& each : fs::recursive_directory_iterator(spool_)) {
            struct stat is {};
            if (each.path().extension() != ".segment" || ::stat(each.path().c_str(), &is) != 0) continue;
            sum += static_cast<std::size_t>(is.st_blocks) * 512;
        }
        return sum;
    }
    void many_lives(overflow when_full) {
        for (int number = 0; number < 20; ++number) live(when_full, number, 150, number % 2 == 0);
        // A process may have made its first files before it knew that the rest of its time is short.
        EXPECT_LE(bytes(), size + 5 * (segment + 4096));
    }
    [[nodiscard]] std::size_t lives_heard_of() const {
        std::set<std::string> lives;
        for (const auto& [text, times] : messages()) lives.insert(text.substr(0, text.find(',')));
        return lives.size();
    }
    [[nodiscard]] bool heard_of(const std::string& life) const {
        const auto all = messages();
        return std::any_of(all.begin(), all.end(), [&](const auto& m) { return m.first.starts_with(life + ","); });
    }
    std::string spool_;
};

TEST_F(spool_size, a_crash_loop_loses_nothing_for_want_of_room) {
    for (int number = 0; number < 40; ++number) live(overflow::shed, number, 1, true);
    EXPECT_LE(bytes(), size);
    sink = std::make_shared<spdlog_sink>(chosen(overflow::shed, true));
    settled();
    EXPECT_EQ(lives_heard_of(), 40u);
}

TEST_F(spool_size, restarts_with_shed_keep_the_oldest) {
    many_lives(overflow::shed);
    sink = std::make_shared<spdlog_sink>(chosen(overflow::shed, true));
    settled();
    EXPECT_TRUE(heard_of("life 0"));
    EXPECT_GE(lives_heard_of(), 3u);
    EXPECT_FALSE(heard_of("life 19"));
}

TEST_F(spool_size, restarts_with_drop_oldest_keep_the_newest) {
    many_lives(overflow::drop_oldest);
    sink = std::make_shared<spdlog_sink>(chosen(overflow::drop_oldest, true));
    settled();
    EXPECT_TRUE(heard_of("life 19"));
    EXPECT_GE(lives_heard_of(), 3u);
    EXPECT_FALSE(heard_of("life 0"));
}

}  // namespace
}  // namespace logferry::test
