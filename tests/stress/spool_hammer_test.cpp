// Many producers on a journal whose disk is full every other moment, so that segments are files and memory in turn, are
// changed for each other under the producers' hands, and are sealed before they are full. The oracle is that of the
// journal in memory: for a program that lives on, nothing may differ.
#include <cerrno>

#include <journal/spool.hpp>
#include <support/memory_system.hpp>

#include "journal_oracle.hpp"

namespace logferry::journal {
namespace {

constexpr std::size_t segment_size = 64 * 1024;

class spool_hammer_test : public ::testing::TestWithParam<std::tuple<when_full, int>> {
protected:
    spool_hammer_test() { disk.open(); }

    settings chosen() {
        settings s;
        s.policy = std::get<0>(GetParam());
        s.segment_size = segment_size;
        s.size = 12 * s.segment_size;
        s.block_for = std::chrono::seconds(30);
        s.disk = &disk;
        return s;
    }

    /// The disk's fate changes every few rounds.
    void each_round() {
        if (++rounds_ % 3 != 0) return;
        if (random_() % 2 == 0) {
            os.fail_nothing();
        } else {
            constexpr int errors[] = {ENOSPC, EIO, EMFILE};
            const auto error = errors[random_() % 3];
            os.fail_when([error, seed = random_()](memory_system::call, std::uint64_t nth) {
                return (nth + seed) % 4 == 0 ? error : 0;
            });
        }
        disk.try_again();
        if (shop->log->off_disk()) ++off_disk_;
    }

    memory_system os;
    spool disk{os, spool_settings{{"/spool", false}, segment_size, false}};
    std::deque<producer> producers;
    std::optional<consumer> shop;
    std::atomic<bool> started{false};
    std::uint64_t rounds_ = 0;
    std::uint64_t off_disk_ = 0;
    std::minstd_rand random_;
};

TEST_P(spool_hammer_test, every_record_is_read_once_or_counted) {
    for (int i = 0; i < std::get<1>(GetParam()); ++i) producers.emplace_back(static_cast<std::uint32_t>(i), 700);
    shop.emplace(chosen(), [this] {
        if (started) each_round();
    });
    started = true;
    const auto each = stress::rounds(60'000) / producers.size();
    std::vector<std::thread> threads;
    for (auto& p : producers) {
        threads.emplace_back([this, &p, each] {
            for (std::uint64_t i = 0; i < each; ++i) {
                if (p.write_one(*shop->log) != state::granted) std::this_thread::yield();
            }
        });
    }
    for (auto& t : threads) t.join();
    shop->stop();
    check_books(producers, *shop);
    EXPECT_GT(off_disk_, 0u) << "the disk never failed";
    EXPECT_GT(os.calls(memory_system::call::map), 5u) << "the disk was never used";
    // What is left on the disk goes with the journal.
    os.fail_nothing();
    shop->log->close();
    shop->log->settle_spool();
    shop.reset();
    EXPECT_EQ(os.mappings(), 0u);
}

std::string spool_case(const ::testing::TestParamInfo<spool_hammer_test::ParamType>& test) {
    constexpr const char* policies[] = {"shed", "block", "drop_oldest"};
    return std::string(policies[static_cast<int>(std::get<0>(test.param))]) + "_" +
           std::to_string(std::get<1>(test.param)) + "_producers";
}

INSTANTIATE_TEST_SUITE_P(all, spool_hammer_test,
                         ::testing::Combine(::testing::Values(when_full::shed, when_full::block,
                                                              when_full::drop_oldest),
                                            ::testing::Values(1, 4, 16)),
                         spool_case);

}  // namespace
}  // namespace logferry::journal
