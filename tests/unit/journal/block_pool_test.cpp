// The memory under the segments: always zeroed when handed out, present only where that was asked for.
#include <algorithm>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

std::size_t pages_present(const std::byte* from, std::size_t size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> present(size / page);
    EXPECT_EQ(::mincore(const_cast<std::byte*>(from), size, present.data()), 0);
    return static_cast<std::size_t>(std::count_if(present.begin(), present.end(), [](auto p) { return p & 1; }));
}

bool all_zero(const std::byte* block) {
    return std::all_of(block, block + segment_bytes, [](std::byte b) { return b == std::byte{0}; });
}

const auto pages_in_block = segment_bytes / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

TEST(block_pool, hands_out_different_blocks_of_zeroes) {
    block_pool pool(segment_bytes, 4);
    std::vector<std::byte*> blocks;
    while (pool.any_cold()) blocks.push_back(pool.take_cold());
    ASSERT_EQ(blocks.size(), 4u);
    std::sort(blocks.begin(), blocks.end());
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(blocks[i], blocks[0] + i * segment_bytes);
        EXPECT_TRUE(all_zero(blocks[i]));
    }
}

TEST(block_pool, takes_no_memory_for_cold_blocks) {
    block_pool pool(segment_bytes, 4);
    EXPECT_EQ(pages_present(pool.take_cold(), segment_bytes), 0u);
}

TEST(block_pool, wipes_what_is_given_back_and_keeps_two_warm) {
    block_pool pool(segment_bytes, 4);
    std::vector<std::byte*> blocks;
    while (pool.any_cold()) blocks.push_back(pool.take_cold());
    for (auto* block : blocks) {
        std::memset(block, 0xA5, segment_bytes);
        pool.give_back(block, segment_bytes);
    }
    std::size_t warm = 0;
    for (; pool.any_warm(); ++warm) {
        auto* block = pool.take_warm();
        EXPECT_EQ(pages_present(block, segment_bytes), pages_in_block);
        EXPECT_TRUE(all_zero(block));
    }
    std::size_t cold = 0;
    for (; pool.any_cold(); ++cold) {
        auto* block = pool.take_cold();
        EXPECT_EQ(pages_present(block, segment_bytes), 0u);
        EXPECT_TRUE(all_zero(block));
    }
    EXPECT_EQ(warm, 2u);
    EXPECT_EQ(cold, 2u);
}

TEST(block_pool, gives_the_pages_of_warm_blocks_back_when_trimmed) {
    block_pool pool(segment_bytes, 4);
    auto* block = pool.take_cold();
    std::memset(block, 1, segment_bytes);
    pool.give_back(block, segment_bytes);
    EXPECT_EQ(pages_present(block, segment_bytes), pages_in_block);
    pool.trim();
    EXPECT_FALSE(pool.any_warm());
    EXPECT_EQ(pages_present(block, segment_bytes), 0u);
}

TEST(block_pool, makes_pages_present_and_leaves_what_is_written_there) {
    block_pool pool(segment_bytes, 4);
    auto* block = pool.take_cold();
    block[5000] = std::byte{7};
    pool.prefault(block);
    EXPECT_EQ(pages_present(block, segment_bytes), pages_in_block);
    EXPECT_EQ(block[5000], std::byte{7});
}

TEST(block_pool, refuses_a_size_that_cannot_be_had) {
    EXPECT_THROW(block_pool(std::size_t{1} << 40, std::size_t{1} << 20), std::bad_alloc);
}

TEST_F(journal_test, holds_two_segments_when_it_is_quiet_after_a_burst) {
    open(16);
    std::byte* lowest = nullptr;
    for (int i = 0; i < 8; ++i) {
        const auto room = reserve(brick);
        lowest = lowest ? std::min(lowest, room.data) : room.data;
        log->commit(room);
        write_bricks(bricks_per_segment - 1);
    }
    const auto* base = lowest - sizeof(record_head);
    EXPECT_GE(pages_present(base, 8 * segment_bytes), 8 * pages_in_block);

    read_all(*reader);
    log->maintain();
    log->trim();
    EXPECT_LE(pages_present(base, 16 * segment_bytes), 2 * pages_in_block);
    EXPECT_EQ(write("goes on"), state::granted);
    EXPECT_EQ(read(), "goes on");
}

TEST_F(journal_test, uses_the_memory_of_released_segments_again) {
    open(16);
    std::vector<std::byte*> used;
    for (int i = 0; i < 200; ++i) {
        const auto room = reserve(brick);
        used.push_back(room.data - sizeof(record_head));
        log->commit(room);
        write_bricks(bricks_per_segment - 1);
        read_all(*reader);
        log->maintain();
    }
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    // The two that start cold, and then the warm ones by turns.
    EXPECT_LE(used.size(), 6u);
}

}  // namespace
}  // namespace logferry::journal
