// One destination is down, another lives: the living one must not notice.
#include <tuple>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

class laggard_test : public journal_test, public ::testing::WithParamInterface<std::tuple<when_full, std::size_t>> {
protected:
    laggard_test() {
        settings chosen;
        chosen.segment_size = segment_bytes;
        chosen.policy = std::get<0>(GetParam());
        chosen.size = segments() * segment_bytes;
        chosen.block_for = std::chrono::milliseconds(0);
        open(chosen);
        dead = &log->add_cursor();
    }
    static std::size_t segments() { return std::get<1>(GetParam()); }

    cursor* dead;
};

TEST_P(laggard_test, costs_the_living_one_no_record) {
    std::size_t written = 0;
    std::size_t living = 0;
    while (log->end() < at(10 * segments(), 0)) {
        // Half a segment at a time, of the importance that is refused first.
        for (std::size_t i = 0; i < bricks_per_segment / 2; ++i) {
            ASSERT_EQ(write(brick, importance::normal), state::granted) << "record " << written;
            ++written;
        }
        living += read_all(*reader);
        log->maintain();
    }
    EXPECT_EQ(living, written);
    EXPECT_EQ(reader->given_up(), 0u);
    EXPECT_GT(dead->given_up(), 0u);
    EXPECT_EQ(dead->given_up() + read_all(*dead), written);
}

TEST_P(laggard_test, loses_its_own_oldest_and_reads_on_from_there) {
    while (dead->given_up() == 0) {
        write_bricks(bricks_per_segment / 2);
        read_all(*reader);
        log->maintain();
    }
    EXPECT_EQ(dead->given_up(), bricks_per_segment);
    EXPECT_EQ(take(*dead)->at, at(1, 0));
}

TEST_P(laggard_test, keeps_up_again_once_it_is_back) {
    while (dead->given_up() == 0) {
        write_bricks(bricks_per_segment / 2);
        read_all(*reader);
        log->maintain();
    }
    const auto lost = dead->given_up();
    read_all(*dead);
    for (std::size_t i = 0; i < 4 * segments(); ++i) {
        write_bricks(bricks_per_segment / 2);
        read_all(*reader);
        read_all(*dead);
        log->maintain();
    }
    EXPECT_EQ(dead->given_up(), lost);
    EXPECT_EQ(dead->settled_to(), log->end());
}

std::string name_of(const ::testing::TestParamInfo<laggard_test::ParamType>& test) {
    constexpr const char* policies[] = {"shed", "block", "drop_oldest"};
    return std::string(policies[static_cast<int>(std::get<0>(test.param))]) + "_" +
           std::to_string(std::get<1>(test.param));
}

INSTANTIATE_TEST_SUITE_P(policies, laggard_test,
                         ::testing::Combine(::testing::Values(when_full::shed, when_full::block,
                                                              when_full::drop_oldest),
                                            ::testing::Values(4, 5, 6, 7, 8, 16, 64)),
                         name_of);

TEST_F(journal_test, gives_up_nothing_by_itself_when_all_destinations_are_down) {
    open(16);
    auto& other = log->add_cursor();
    const auto taken = write_bricks_until_refused(importance::high);
    for (int i = 0; i < 10; ++i) log->maintain();
    EXPECT_EQ(write("no"), state::full);
    EXPECT_EQ(reader->given_up() + other.given_up(), 0u);
    EXPECT_EQ(read_all(*reader), taken);
    EXPECT_EQ(read_all(other), taken);
}

}  // namespace
}  // namespace logferry::journal
