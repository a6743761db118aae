// CRC-32C against its published vectors, and the processor against the table.
#include <cstdint>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <journal/checksum.hpp>

namespace logferry::journal {
namespace {

std::vector<unsigned char> counting(std::size_t size) {
    std::vector<unsigned char> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i);
    return bytes;
}

TEST(checksum_test, gives_the_published_values) {
    const std::vector<unsigned char> zeroes(32, 0);
    const std::vector<unsigned char> ones(32, 0xff);
    const auto up = counting(32);
    const std::vector<unsigned char> down(up.rbegin(), up.rend());
    const std::string_view check = "123456789";
    for (const auto of : {crc32c, crc32c_by_table}) {
        EXPECT_EQ(of(0, zeroes.data(), 32), 0x8a9136aau);
        EXPECT_EQ(of(0, ones.data(), 32), 0x62a8ab43u);
        EXPECT_EQ(of(0, up.data(), 32), 0x46dd794eu);
        EXPECT_EQ(of(0, down.data(), 32), 0x113fdb5cu);
        EXPECT_EQ(of(0, check.data(), check.size()), 0xe3069283u);
        EXPECT_EQ(of(0, nullptr, 0), 0u);
    }
}

TEST(checksum_test, processor_and_table_agree_on_every_size_and_alignment) {
    std::vector<unsigned char> bytes(1200);
    std::uint32_t noise = 1;
    for (auto& b : bytes) b = static_cast<unsigned char>((noise = noise * 1664525 + 1013904223) >> 24);
    for (std::size_t at = 0; at < 16; ++at) {
        for (std::size_t size = 0; size <= 300; ++size) {
            ASSERT_EQ(crc32c(7, &bytes[at], size), crc32c_by_table(7, &bytes[at], size)) << at << " " << size;
        }
        for (std::size_t size = 301; size + at <= bytes.size(); size += 37) {
            ASSERT_EQ(crc32c(0, &bytes[at], size), crc32c_by_table(0, &bytes[at], size)) << at << " " << size;
        }
    }
}

TEST(checksum_test, goes_on_where_it_stopped) {
    const auto bytes = counting(500);
    const auto whole = crc32c(0, bytes.data(), bytes.size());
    for (std::size_t first = 0; first <= bytes.size(); ++first) {
        const auto before = crc32c(0, bytes.data(), first);
        ASSERT_EQ(crc32c(before, bytes.data() + first, bytes.size() - first), whole) << first;
    }
}

TEST(checksum_test, notices_every_single_bit) {
    auto bytes = counting(230);
    const auto whole = crc32c(0, bytes.data(), bytes.size());
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ (1u << bit % 8));
        ASSERT_NE(crc32c(0, bytes.data(), bytes.size()), whole) << bit;
        bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ (1u << bit % 8));
    }
}

}  // namespace
}  // namespace logferry::journal
