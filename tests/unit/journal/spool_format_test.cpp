// Names, heads and check words, against a writer that knows nothing but docs/spool-format.md.
#include <array>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include <journal/checksum.hpp>
#include <journal/spool_format.hpp>

#include "spool_writer.hpp"

namespace logferry::journal {
namespace {

segment_file_header head_of(const spool_writer::segment& of) {
    segment_file_header header;
    std::memcpy(static_cast<void*>(&header), of.file().data(), sizeof header);
    return header;
}

std::span<const std::byte> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

TEST(spool_format_test, knows_a_head_that_was_written_by_the_book) {
    const spool_writer::segment book(0x18a0, 7);
    const auto header = head_of(book);
    EXPECT_EQ(examine(header), header_state::good);
    EXPECT_EQ(header.journal_id, book.journal_id);
    EXPECT_EQ(header.created, 0x18a0u);
    EXPECT_EQ(header.number, 7u);
    EXPECT_EQ(header.segment_size, 64u * 1024);
    EXPECT_EQ(header.salt, book.salt);
}

TEST(spool_format_test, writes_the_very_same_head) {
    const spool_writer::segment book(0x18a0, 7);
    segment_file_header header;
    header.journal_id = book.journal_id;
    header.created = 0x18a0;
    header.number = 7;
    header.segment_size = 64 * 1024;
    header.salt = book.salt;
    seal(header);
    EXPECT_EQ(std::memcmp(&header, book.file().data(), sizeof header), 0);
}

TEST(spool_format_test, tells_a_blank_head_from_a_damaged_one) {
    segment_file_header header;
    std::memset(static_cast<void*>(&header), 0, sizeof header);
    EXPECT_EQ(examine(header), header_state::blank);
    header.number = 1;
    EXPECT_EQ(examine(header), header_state::damaged);
}

TEST(spool_format_test, finds_every_flipped_bit_of_a_head) {
    const auto good = head_of({0x18a0, 7});
    for (std::size_t bit = 0; bit < 8 * sizeof good; ++bit) {
        auto header = good;
        reinterpret_cast<unsigned char*>(&header)[bit / 8] ^= static_cast<unsigned char>(1u << bit % 8);
        ASSERT_EQ(examine(header), header_state::damaged) << "bit " << bit;
    }
}

TEST(spool_format_test, knows_a_newer_version_by_a_head_that_is_whole) {
    spool_writer::segment later(1, 1);
    later.version = 2;
    EXPECT_EQ(examine(head_of(later)), header_state::newer);
    later.version = 0;
    EXPECT_EQ(examine(head_of(later)), header_state::damaged);
}

TEST(spool_format_test, believes_no_size_that_makes_no_sense) {
    auto header = head_of({1, 1});
    const auto state_with = [&header](std::uint64_t size, std::uint64_t number) {
        header.segment_size = size;
        header.number = number;
        seal(header);
        return examine(header);
    };
    EXPECT_EQ(state_with(4096, 1), header_state::good);
    EXPECT_EQ(state_with(most_segment_size, 1), header_state::good);
    EXPECT_EQ(state_with(0, 1), header_state::damaged);
    EXPECT_EQ(state_with(4095, 1), header_state::damaged);
    EXPECT_EQ(state_with(most_segment_size + 4096, 1), header_state::damaged);
    EXPECT_EQ(state_with(4096, ~std::uint64_t{0} / 4096), header_state::damaged) << "its last position is no number";
    EXPECT_EQ(state_with(4096, ~std::uint64_t{0} / 4096 - 1), header_state::good);
}

TEST(spool_format_test, believes_no_head_without_a_salt) {
    auto header = head_of({1, 1});
    header.salt = 0;
    seal(header);
    EXPECT_EQ(examine(header), header_state::damaged);
}

TEST(spool_format_test, computes_the_check_words_by_the_book) {
    for (const std::string text : {"", "x", "a record of some length, to be exact of these many bytes"}) {
        spool_writer::segment book(1, 1);
        book.record("in front of it");
        const auto at = book.record(text);
        const auto file = book.file();
        record_head head;
        std::memcpy(&head, &file[4096 + at], sizeof head);
        const auto size = static_cast<std::uint32_t>(text.size());
        const auto guard = guard_of(book.salt, at, size);
        EXPECT_EQ(head.state, state_word(guard, committed | size));
        EXPECT_EQ(head.checksum, checksum_of(guard, as_bytes(text)));
    }
}

TEST(spool_format_test, guards_differ_by_salt_place_and_size) {
    const auto guard = guard_of(1, 16, 100);
    EXPECT_NE(guard, guard_of(2, 16, 100));
    EXPECT_NE(guard, guard_of(1, 32, 100));
    EXPECT_NE(guard, guard_of(1, 16, 101));
}

TEST(spool_format_test, names_are_in_the_order_of_what_they_name) {
    EXPECT_EQ(segment_name(0x1234, 0xabc), "0000000000001234-0000000000000abc.segment");
    EXPECT_EQ(cursors_name(~std::uint64_t{0}), "ffffffffffffffff.cursors");
    EXPECT_LT(segment_name(9, 9), segment_name(9, 10));
    EXPECT_LT(segment_name(9, ~std::uint64_t{0}), segment_name(10, 0));
}

TEST(spool_format_test, reads_the_names_that_it_gives) {
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{0xfedcba9876543210}, ~std::uint64_t{0}}) {
        const auto segment = parse_name(segment_name(number, ~number));
        ASSERT_TRUE(segment);
        EXPECT_EQ(segment->what, spool_name::kind::segment);
        EXPECT_EQ(segment->created, number);
        EXPECT_EQ(segment->number, ~number);
        const auto cursors = parse_name(cursors_name(number));
        ASSERT_TRUE(cursors);
        EXPECT_EQ(cursors->what, spool_name::kind::cursors);
        EXPECT_EQ(cursors->created, number);
    }
}

TEST(spool_format_test, reads_no_other_names) {
    for (const auto* name : {"",
                             "lock",
                             "core",
                             ".segment",
                             ".cursors",
                             "0000000000001234",
                             "0000000000001234-",
                             "1234.cursors",
                             "0000000000001234.cursor",
                             "0000000000001234.cursorsx",
                             "000000000000123G.cursors",
                             "000000000000123A.cursors",
                             "0000000000001234-0000000000000abc",
                             "0000000000001234-0000000000000abc.segmentx",
                             "0000000000001234_0000000000000abc.segment",
                             "0000000000001234-0000000000000ab.segment",
                             "+000000000001234-0000000000000abc.segment",
                             " 000000000001234.cursors",
                             "0000000000001234-0000000000000abc.cursors",
                             "00000000000012345-0000000000000abc.segment"}) {
        EXPECT_FALSE(parse_name(name)) << name;
    }
}

}  // namespace
}  // namespace logferry::journal
