// How far destinations have come, kept on disk: whatever happens to the file, what is read from it was written to it.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <journal/cursor_file.hpp>
#include <support/memory_system.hpp>

#include "spool_writer.hpp"

namespace logferry::journal {
namespace {

using ranges = std::vector<position_range>;

class cursor_file_test : public ::testing::Test {
protected:
    cursor_file_test() {
        os.put_directory("/spool");
        spool_problem problem;
        spool = spool_directory::open(os, {"/spool", false}, problem);
        slot = spool->take_slot(problem);
    }

    [[nodiscard]] std::unique_ptr<cursor_file> open() const { return std::make_unique<cursor_file>(*slot, created); }
    static int save(cursor_file& to, std::string_view name, position settled_to, const ranges& settled = {}) {
        return to.save(name, settled_to, settled.data(), settled.size());
    }
    static std::string written(const std::optional<cursor_place>& place) {
        if (!place) return "nothing";
        auto text = std::to_string(place->settled_to);
        for (const auto& r : place->settled) text += " " + std::to_string(r.begin) + "-" + std::to_string(r.end);
        return text;
    }
    [[nodiscard]] std::string load(std::string_view name) const { return written(open()->load(name)); }

    static constexpr std::uint64_t created = 0x1234;
    const std::string path = "/spool/slot-0000/0000000000001234.cursors";
    memory_system os;
    std::unique_ptr<spool_directory> spool;
    std::unique_ptr<spool_slot> slot;
};

TEST_F(cursor_file_test, knows_nothing_at_first) {
    const auto file = open();
    EXPECT_TRUE(file->names().empty());
    EXPECT_EQ(written(file->load("a")), "nothing");
    EXPECT_TRUE(os.exists(path));
}

TEST_F(cursor_file_test, remembers_each_destination) {
    {
        const auto file = open();
        EXPECT_EQ(save(*file, "a", 100), 0);
        EXPECT_EQ(save(*file, "b", 200, {{300, 400}, {500, 600}}), 0);
        EXPECT_EQ(written(file->load("b")), "200 300-400 500-600");
    }
    EXPECT_EQ(load("a"), "100");
    EXPECT_EQ(load("b"), "200 300-400 500-600");
    EXPECT_EQ(load("c"), "nothing");
    EXPECT_EQ(open()->names(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(cursor_file_test, remembers_the_last_place) {
    const auto file = open();
    for (position at = 1; at <= 50; ++at) {
        ASSERT_EQ(save(*file, "a", at, at % 2 ? ranges{{at + 5, at + 9}} : ranges{}), 0);
        ASSERT_EQ(written(file->load("a")), load("a"));
    }
    EXPECT_EQ(load("a"), "50");
}

TEST_F(cursor_file_test, can_be_saved_after_it_was_opened_again) {
    for (position at = 1; at <= 10; ++at) ASSERT_EQ(save(*open(), "a", at), 0);
    EXPECT_EQ(load("a"), "10");
    EXPECT_EQ(open()->names().size(), 1u);
}

TEST_F(cursor_file_test, keeps_as_many_ranges_as_a_page_holds) {
    ranges many;
    for (position at = 0; at < 2 * cursor_file::most_ranges; ++at) many.push_back({1000 + 10 * at, 1005 + 10 * at});
    ASSERT_EQ(save(*open(), "a", 7, many), 0);
    const auto place = open()->load("a");
    ASSERT_TRUE(place);
    many.resize(cursor_file::most_ranges);
    EXPECT_EQ(place->settled, many);
}

TEST_F(cursor_file_test, keeps_the_front_of_a_long_name) {
    const std::string name(1000, 'n');
    ASSERT_EQ(save(*open(), name, 7), 0);
    EXPECT_EQ(load(name), "7");
    EXPECT_EQ(open()->names().front().size(), cursor_file::most_name);
}

TEST_F(cursor_file_test, takes_any_bytes_for_a_name) {
    const std::string odd("\0\xff\n", 3);
    ASSERT_EQ(save(*open(), odd, 7), 0);
    ASSERT_EQ(save(*open(), "", 8), 0);
    EXPECT_EQ(load(odd), "7");
    EXPECT_EQ(load(""), "8");
}

TEST_F(cursor_file_test, has_an_end_to_its_names) {
    const auto file = open();
    for (std::size_t i = 0; i < cursor_file::most_entries; ++i) ASSERT_EQ(save(*file, std::to_string(i), i), 0);
    EXPECT_EQ(save(*file, "one more", 1), -ENOSPC);
    EXPECT_EQ(save(*file, "17", 18), 0);
    EXPECT_EQ(load("17"), "18");
}

TEST_F(cursor_file_test, reads_a_file_that_was_written_by_the_book) {
    spool_writer::cursors book(created);
    book.page(0, 0, 3, "a", 1000, {{1100, 1200}});
    book.page(0, 1, 2, "a", 900);
    book.page(1, 1, 1, "b", 50);
    os.put_file(path, book.file());
    EXPECT_EQ(load("a"), "1000 1100-1200");
    EXPECT_EQ(load("b"), "50");
}

TEST_F(cursor_file_test, writes_the_very_same_bytes) {
    spool_writer::cursors book(created);
    book.page(0, 1, 1, "a", 900);
    book.page(0, 0, 2, "a", 1000, {{1100, 1200}});
    book.page(1, 1, 1, "b", 50);
    const auto file = open();
    ASSERT_EQ(save(*file, "a", 900), 0);
    ASSERT_EQ(save(*file, "a", 1000, {{1100, 1200}}), 0);
    ASSERT_EQ(save(*file, "b", 50), 0);
    EXPECT_EQ(os.bytes(path), book.file());
}

TEST_F(cursor_file_test, falls_back_to_the_older_page_when_the_newer_is_torn) {
    const auto file = open();
    save(*file, "a", 100);
    save(*file, "a", 200);
    const auto before = os.bytes(path);
    save(*file, "a", 300, {{400, 500}});
    const auto after = os.bytes(path);
    for (std::size_t cut = 0; cut < before.size(); ++cut) {
        if (before[cut] == after[cut]) continue;
        // The write came as far as this byte.
        auto torn = before;
        std::copy(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(cut), torn.begin());
        os.put_file(path, torn);
        ASSERT_EQ(load("a"), "200") << "torn at " << cut;
    }
    os.put_file(path, after);
    EXPECT_EQ(load("a"), "300 400-500");
}

TEST_F(cursor_file_test, gives_what_was_written_or_nothing_whatever_bit_flips) {
    const auto file = open();
    save(*file, "a", 100);
    save(*file, "a", 200, {{300, 400}});
    save(*file, "b", 7);
    const auto good = os.bytes(path);
    std::mt19937 chance(1);
    for (int flip = 0; flip < 10'000; ++flip) {
        auto bytes = good;
        // Most of the file is zero and means nothing: half of the flips go where something is.
        const auto page = 4096 * (chance() % 5);
        const auto at = flip % 2 ? chance() % bytes.size() : page + chance() % 304;
        bytes[at] ^= static_cast<std::byte>(1u << chance() % 8);
        os.put_file(path, bytes);
        const auto a = load("a");
        ASSERT_TRUE(a == "200 300-400" || a == "100" || a == "nothing") << a << " after a flip at " << at;
        if (os.bytes(path) != bytes) continue;  // its head was damaged, so it was made anew
        const auto b = load("b");
        ASSERT_TRUE(b == "7" || b == "nothing") << b << " after a flip at " << at;
        ASSERT_FALSE(a == "nothing" && b == "nothing") << "one flip, at " << at;
    }
}

TEST_F(cursor_file_test, is_read_as_far_as_it_goes_when_it_is_cut) {
    const auto file = open();
    save(*file, "a", 100);
    save(*file, "a", 200);
    save(*file, "b", 300);
    const auto good = os.bytes(path);
    for (std::size_t size = 0; size <= good.size(); size += size % 4096 < 400 ? 1 : 61) {
        os.put_file(path, good);
        os.resize(path, size);
        const auto a = load("a");
        const auto expected = size < 32 ? "nothing" : size < 4096 + 288 ? "nothing" : size < 4096 * 2 + 288 ? "200" : a;
        ASSERT_EQ(a, expected) << size;
        const auto again = open();
        ASSERT_EQ(save(*again, "a", 500), 0);
        ASSERT_EQ(load("a"), "500") << size;
    }
    EXPECT_EQ(good.size(), 4096u * 5);
}

TEST_F(cursor_file_test, takes_nothing_from_another_journals_file) {
    spool_writer::cursors other(0x9999);
    other.page(0, 0, 3, "a", 1000);
    os.put_file(path, other.file());
    EXPECT_EQ(load("a"), "nothing");
    ASSERT_EQ(save(*open(), "a", 5), 0);
    EXPECT_EQ(load("a"), "5");
}

TEST_F(cursor_file_test, believes_no_page_that_belongs_elsewhere) {
    spool_writer::cursors book(created);
    book.page(0, 0, 1, "a", 100);
    book.page(1, 0, 1, "b", 200);
    auto bytes = book.file();
    std::copy_n(bytes.begin() + 4096 * 3, 4096, bytes.begin() + 4096 * 2);  // b's page beside a's
    os.put_file(path, bytes);
    EXPECT_EQ(load("a"), "100");
    EXPECT_EQ(load("b"), "200");
}

TEST_F(cursor_file_test, leaves_a_newer_releases_file_alone) {
    spool_writer::cursors later(created, 2);
    later.page(0, 0, 1, "a", 100);
    os.put_file(path, later.file());
    const auto file = open();
    EXPECT_EQ(written(file->load("a")), "nothing");
    os.advance(2'000'000'000);
    EXPECT_EQ(save(*file, "a", 200), -ENOTSUP);
    EXPECT_EQ(os.bytes(path), later.file());
}

TEST_F(cursor_file_test, uses_the_place_of_a_page_pair_that_is_lost) {
    const auto file = open();
    save(*file, "a", 1);
    save(*file, "b", 2);
    const std::vector<std::byte> garbage(8192, std::byte{0x5a});
    os.change(path, 4096, garbage);
    const auto again = open();
    EXPECT_EQ(again->names(), (std::vector<std::string>{"b"}));
    const auto size = os.bytes(path).size();
    ASSERT_EQ(save(*again, "c", 3), 0);
    EXPECT_EQ(os.bytes(path).size(), size);
    EXPECT_EQ(load("c"), "3");
    EXPECT_EQ(load("b"), "2");
}

TEST_F(cursor_file_test, asks_at_most_once_a_second_for_a_file_that_cannot_be_made) {
    os.fail(memory_system::call::create_file, EDQUOT, 2);
    const auto file = open();
    const auto before = os.calls(memory_system::call::create_file);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(save(*file, "a", 1), -EDQUOT);
    EXPECT_EQ(os.calls(memory_system::call::create_file), before);
    os.advance(1'000'000'000);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(save(*file, "a", 1), -EDQUOT);
    EXPECT_EQ(os.calls(memory_system::call::create_file), before + 1);
    os.advance(1'000'000'000);
    EXPECT_EQ(save(*file, "a", 1), 0);
    EXPECT_EQ(load("a"), "1");
}

TEST_F(cursor_file_test, keeps_the_last_place_when_a_write_fails) {
    const auto file = open();
    save(*file, "a", 1);
    save(*file, "a", 2);
    for (int i = 0; i < 5; ++i) {
        os.fail(memory_system::call::write_at, EIO);
        EXPECT_EQ(save(*file, "a", 3), -EIO);
        EXPECT_EQ(load("a"), "2");
    }
    EXPECT_EQ(save(*file, "a", 3), 0);
    EXPECT_EQ(load("a"), "3");
}

TEST_F(cursor_file_test, says_so_when_there_is_no_room) {
    const auto file = open();
    os.set_room(os.used() + 100);
    EXPECT_EQ(save(*file, "a", 1), -ENOSPC);
    EXPECT_EQ(written(file->load("a")), "nothing");
    os.set_room(os.used() + 100'000);
    EXPECT_EQ(save(*file, "a", 1), 0);
    EXPECT_EQ(load("a"), "1");
}

TEST_F(cursor_file_test, keeps_a_file_that_could_not_be_read_just_now) {
    save(*open(), "a", 5);
    os.fail(memory_system::call::read_at, EIO);
    const auto file = open();
    EXPECT_EQ(written(file->load("a")), "nothing");
    EXPECT_EQ(load("a"), "5");
    os.advance(1'000'000'000);
    EXPECT_EQ(save(*file, "a", 6), 0);
    EXPECT_EQ(load("a"), "6");
}

TEST_F(cursor_file_test, a_save_is_a_look_at_the_head_and_one_write_of_what_is_needed) {
    const auto file = open();
    save(*file, "a", 1);
    const auto calls = os.calls();
    save(*file, "a", 2);
    EXPECT_EQ(os.calls(), calls + 2);
}

TEST_F(cursor_file_test, survives_every_single_failing_call) {
    const auto story = [this] {
        const auto file = open();
        save(*file, "a", 10);
        save(*file, "b", 20, {{30, 40}});
        os.advance(1'000'000'000);
        save(*file, "a", 11);
    };
    const auto begin = os.calls();
    story();
    const auto length = os.calls() - begin;
    for (std::uint64_t nth = 1; nth <= length; ++nth) {
        if (os.exists(path)) os.erase(path);
        os.fail_nth(os.calls() + nth, EIO);
        story();
        os.fail_nothing();
        const auto a = load("a");
        ASSERT_TRUE(a == "11" || a == "10" || a == "nothing") << a << " when call " << nth << " failed";
        const auto b = load("b");
        ASSERT_TRUE(b == "20 30-40" || b == "nothing") << b << " when call " << nth << " failed";
    }
}

TEST_F(cursor_file_test, is_made_anew_when_its_head_is_damaged_meanwhile) {
    const auto file = open();
    save(*file, "a", 1);
    os.change(path, 0, std::vector<std::byte>(32, std::byte{0x5a}));
    EXPECT_EQ(save(*file, "a", 2), 0);
    EXPECT_EQ(load("a"), "2");
}

/// The descriptor of this process under which a file of that name is open; -1 when there is none.
int descriptor_of(const std::string& ending) {
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (std::filesystem::read_symlink(each.path(), gone).string().ends_with(ending)) {
            return std::stoi(each.path().filename().string());
        }
    }
    return -1;
}

// On the real system, for it is about numbers.
TEST(cursor_file, leaves_alone_what_the_program_puts_in_its_place) {
    std::string place = ::testing::TempDir() + "logferry_cursors_XXXXXX";
    ASSERT_NE(::mkdtemp(place.data()), nullptr);
    const auto programs_own = place + "/programs_own";
    const int own = ::open(programs_own.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_EQ(::write(own, "the program's", 13), 13);
    {
        spool_problem problem;
        const auto spool = spool_directory::open(this_system(), {place + "/spool", false}, problem);
        const auto slot = spool->take_slot(problem);
        cursor_file file(*slot, 0x1234);
        ASSERT_EQ(file.save("a", 1, nullptr, 0), 0);
        const int number = descriptor_of("/0000000000001234.cursors");
        ASSERT_GE(number, 0);
        ASSERT_EQ(::dup2(own, number), number);
        EXPECT_EQ(file.save("a", 2, nullptr, 0), 0);
        EXPECT_EQ(std::filesystem::file_size(programs_own), 13u);
        EXPECT_EQ(cursor_file(*slot, 0x1234).load("a")->settled_to, 2u);
        EXPECT_EQ(::close(number), 0) << "it was the program's to close";
    }
    ::close(own);
    std::filesystem::remove_all(place);
}

}  // namespace
}  // namespace logferry::journal
