// Many producers, one consumer with a quick and a slow cursor, and an oracle that stands outside: each producer writes
// down what it was granted, each cursor what it read, and in the end the two are laid side by side.
#include <string>
#include <tuple>

#include "journal_oracle.hpp"

namespace logferry::journal {
namespace {

class hammer_test : public ::testing::TestWithParam<std::tuple<when_full, int, std::size_t>> {
protected:
    static settings chosen() {
        settings s;
        s.policy = std::get<0>(GetParam());
        s.segment_size = std::get<2>(GetParam());
        s.size = 8 * s.segment_size;
        // Whoever waits that long was forgotten.
        s.block_for = std::chrono::seconds(30);
        return s;
    }

    void open() {
        shop.emplace(chosen());
        for (int i = 0; i < std::get<1>(GetParam()); ++i) producers.emplace_back(static_cast<std::uint32_t>(i), 700);
    }

    /// Runs `each` for every producer on a thread of its own.
    template <typename Each>
    void start(Each each) {
        for (auto& p : producers) threads.emplace_back([this, &p, each] { each(p, *shop->log); });
    }

    void join() {
        for (auto& t : threads) t.join();
        threads.clear();
        shop->stop();
    }

    void check_all() const {
        check_books(producers, *shop);
        if (chosen().policy != when_full::drop_oldest) {
            // One that it passed may be finished, and read by the slow one first, just before it would have been read.
            EXPECT_LE(shop->quick->given_up(), shop->quick->passed) << "the slow cursor cost the quick one records";
        }
    }

    std::deque<producer> producers;
    std::optional<consumer> shop;
    std::vector<std::thread> threads;
};

TEST_P(hammer_test, every_record_is_read_once_or_counted) {
    open();
    const auto each = stress::rounds(160'000) / producers.size();
    start([each](producer& p, journal& log) {
        for (std::uint64_t i = 0; i < each; ++i) {
            if (p.write_one(log) != state::granted) std::this_thread::yield();
        }
    });
    join();
    check_all();
    if (chosen().policy == when_full::block) {
        for (const auto& p : producers) EXPECT_EQ(p.refused, 0u) << "waited in vain";
    }
    RecordProperty("granted", std::to_string(granted_to(producers)));
    RecordProperty("abandoned", std::to_string(shop->quick->abandoned));
    RecordProperty("given_up", std::to_string(shop->slow->given_up()));
    RecordProperty("passed", std::to_string(shop->slow->passed));
}

TEST_P(hammer_test, closing_in_the_middle_loses_nothing) {
    for (std::uint64_t i = 0; i < stress::rounds(50) + 5; ++i) {
        producers.clear();
        open();
        start([](producer& p, journal& log) {
            for (auto what = state::granted; what != state::closed; what = p.write_one(log)) {
                if (what == state::full) std::this_thread::yield();
            }
        });
        shop->wait_until_read(1 + i * 97 % 1000);
        shop->log->close();
        join();
        check_all();
        ASSERT_FALSE(HasFailure()) << "round " << i;
    }
}

std::string memory_case(const ::testing::TestParamInfo<hammer_test::ParamType>& test) {
    constexpr const char* policies[] = {"shed", "block", "drop_oldest"};
    return std::string(policies[static_cast<int>(std::get<0>(test.param))]) + "_" +
           std::to_string(std::get<1>(test.param)) + "_producers_" + std::to_string(std::get<2>(test.param) / 1024) +
           "k";
}

// In segments of one page the slots are reused within microseconds, so that a producer that is put aside for one
// scheduler slice finds a slot that belongs to another segment by then.
INSTANTIATE_TEST_SUITE_P(small, hammer_test,
                         ::testing::Combine(::testing::Values(when_full::shed, when_full::block,
                                                              when_full::drop_oldest),
                                            ::testing::Values(1, 2, 4, 8, 16), ::testing::Values(4096)),
                         memory_case);
INSTANTIATE_TEST_SUITE_P(large, hammer_test,
                         ::testing::Combine(::testing::Values(when_full::shed, when_full::block,
                                                              when_full::drop_oldest),
                                            ::testing::Values(2, 16), ::testing::Values(65536)),
                         memory_case);

}  // namespace
}  // namespace logferry::journal
