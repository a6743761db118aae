// What the operating system in memory can do beside being one (operating_system_test.cpp): faults on order, death, and
// the test's own view of the files.
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/memory_system.hpp"

namespace logferry::journal {
namespace {

using call = memory_system::call;

class memory_system_test : public testing::Test {
protected:
    memory_system_test() {
        os.put_directory("/spool");
        spool = os.open_directory(operating_system::here, "/spool");
    }

    static std::vector<std::byte> bytes_of(std::string_view text) {
        const auto* from = reinterpret_cast<const std::byte*>(text.data());
        return {from, from + text.size()};
    }
    std::string text(const char* path) const {
        const auto bytes = os.bytes(path);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    int create(const char* name, std::string_view text) {
        const int fd = os.create_file(spool, name);
        EXPECT_GE(fd, 0);
        EXPECT_EQ(os.write_at(fd, text.data(), text.size(), 0), static_cast<std::int64_t>(text.size()));
        return fd;
    }
    std::byte* map(int fd, std::size_t size) {
        std::byte* mapped = nullptr;
        EXPECT_EQ(os.allocate(fd, size), 0);
        EXPECT_EQ(os.map(fd, size, mapped), 0);
        return mapped;
    }

    memory_system os;
    int spool = -1;
};

TEST_F(memory_system_test, shows_and_changes_files) {
    create("file", "0123456789");
    EXPECT_EQ(text("/spool/file"), "0123456789");
    os.change("/spool/file", 8, bytes_of("damage"));
    EXPECT_EQ(text("/spool/file"), "01234567damage");
    os.resize("/spool/file", 4);
    os.resize("/spool/file", 6);
    EXPECT_EQ(text("spool/file"), std::string("0123\0\0", 6));
    os.put_file("/spool/file", bytes_of("new"));
    os.put_file("/spool/other", bytes_of("other"));
    EXPECT_EQ(text("/spool/file"), "new");
    EXPECT_EQ(os.names("/spool"), (std::vector<std::string>{"file", "other"}));
    os.erase("/spool/other");
    EXPECT_FALSE(os.exists("/spool/other"));
    EXPECT_TRUE(os.exists("/spool/file"));
    EXPECT_THROW(os.change("/spool/missing", 0, {}), std::out_of_range);
    EXPECT_THROW(static_cast<void>(os.bytes("/spool")), std::out_of_range);
}

TEST_F(memory_system_test, shows_what_is_stored_through_a_mapping) {
    auto* const mapped = map(create("file", "text"), 8192);
    std::memcpy(mapped + 5000, "stored", 6);
    EXPECT_EQ(text("/spool/file").substr(5000, 6), "stored");
    os.change("/spool/file", 0, bytes_of("seen"));
    EXPECT_EQ(std::memcmp(mapped, "seen", 4), 0);
    os.unmap(mapped, 8192);
}

TEST_F(memory_system_test, fails_the_next_calls_of_a_kind) {
    create("file", "text");
    os.fail(call::open_file, EIO, 2);
    EXPECT_GE(os.create_file(spool, "second"), 0);
    EXPECT_EQ(os.open_file(spool, "file"), -EIO);
    EXPECT_EQ(os.open_file(spool, "file"), -EIO);
    EXPECT_GE(os.open_file(spool, "file"), 0);
}

TEST_F(memory_system_test, fails_the_nth_call_whatever_it_is) {
    const int fd = create("file", "text");
    os.fail_nth(os.calls() + 2, ENOSPC);
    char byte = 0;
    EXPECT_EQ(os.read_at(fd, &byte, 1, 0), 1);
    EXPECT_EQ(os.sync(fd), -ENOSPC);
    EXPECT_EQ(os.sync(fd), 0);
}

TEST_F(memory_system_test, asks_the_test_before_each_call) {
    std::vector<call> asked;
    os.fail_when([&](call what, std::uint64_t) {
        asked.push_back(what);
        return what == call::create_file ? EROFS : 0;
    });
    EXPECT_EQ(os.create_file(spool, "file"), -EROFS);
    EXPECT_EQ(os.make_directory(spool, "inside"), 0);
    os.fail_nothing();
    EXPECT_GE(os.create_file(spool, "file"), 0);
    EXPECT_EQ(asked, (std::vector{call::create_file, call::make_directory}));
}

TEST_F(memory_system_test, does_nothing_in_a_call_that_fails) {
    const int fd = create("file", "text");
    os.fail_when([](call, std::uint64_t) { return EIO; });
    std::vector<std::string> names;
    std::byte* mapped = nullptr;
    file_status is;
    EXPECT_EQ(os.create_file(spool, "new"), -EIO);
    EXPECT_EQ(os.make_directory(spool, "new"), -EIO);
    EXPECT_EQ(os.open_file(spool, "file"), -EIO);
    EXPECT_EQ(os.open_directory(operating_system::here, "/spool"), -EIO);
    EXPECT_EQ(os.status(fd, is), -EIO);
    EXPECT_EQ(os.on_network(fd), -EIO);
    EXPECT_EQ(os.allocate(fd, 4096), -EIO);
    EXPECT_EQ(os.write_at(fd, "new!", 4, 0), -EIO);
    EXPECT_EQ(os.sync(fd), -EIO);
    EXPECT_EQ(os.map(fd, 4, mapped), -EIO);
    EXPECT_EQ(os.lock(fd), -EIO);
    EXPECT_EQ(os.rename(spool, "file", spool, "new"), -EIO);
    EXPECT_EQ(os.remove(spool, "file"), -EIO);
    EXPECT_EQ(os.list(spool, names), -EIO);
    EXPECT_EQ(os.names("/spool"), (std::vector<std::string>{"file"}));
    EXPECT_EQ(text("/spool/file"), "text");
    EXPECT_FALSE(os.locked("/spool/file"));
    EXPECT_EQ(os.open_descriptors(), 2u);
    EXPECT_EQ(os.mappings(), 0u);
}

TEST_F(memory_system_test, counts_calls_by_kind) {
    const int fd = create("file", "text");
    EXPECT_EQ(os.calls(), 3u);  // the fixture's own is one
    EXPECT_EQ(os.calls(call::open_directory), 1u);
    EXPECT_EQ(os.calls(call::create_file), 1u);
    EXPECT_EQ(os.calls(call::write_at), 1u);
    os.fail(call::sync, EIO);
    os.sync(fd);
    EXPECT_EQ(os.calls(call::sync), 1u);
    EXPECT_EQ(os.calls(), 4u);
}

TEST_F(memory_system_test, runs_out_of_room_and_gets_it_back_when_nobody_has_the_file_any_more) {
    os.set_room(10);
    const int fd = create("file", "12345678");
    EXPECT_EQ(os.used(), 8u);
    EXPECT_EQ(os.write_at(fd, "9abcdef", 7, 8), 2);
    EXPECT_EQ(os.write_at(fd, "x", 1, 10), -ENOSPC);
    EXPECT_EQ(os.write_at(fd, "x", 1, 0), 1);
    EXPECT_EQ(os.allocate(fd, 11), -ENOSPC);
    EXPECT_EQ(text("/spool/file"), "x23456789a");
    EXPECT_EQ(os.remove(spool, "file"), 0);
    EXPECT_EQ(os.used(), 10u);
    os.close(fd);
    EXPECT_EQ(os.used(), 0u);
    create("next", "1234567890");
}

TEST_F(memory_system_test, moves_few_bytes_at_once_when_told_so) {
    const int fd = create("file", "12345678");
    os.set_most_at_once(3);
    char bytes[8] = {};
    EXPECT_EQ(os.read_at(fd, bytes, 8, 0), 3);
    EXPECT_EQ(os.write_at(fd, "abcdef", 6, 0), 3);
    EXPECT_EQ(text("/spool/file"), "abc45678");
}

TEST_F(memory_system_test, keeps_only_files_when_the_process_dies) {
    const int fd = create("file", "text");
    const int other = os.open_file(spool, "file");
    auto* const mapped = map(fd, 4096);
    ASSERT_EQ(os.lock(fd), 0);
    std::memcpy(mapped + 100, "before", 6);
    os.crash();
    EXPECT_EQ(os.open_descriptors(), 0u);
    EXPECT_EQ(os.mappings(), 0u);
    EXPECT_FALSE(os.locked("/spool/file"));

    // The dead go on for a while, and change nothing.
    std::memcpy(mapped + 100, "after!", 6);
    EXPECT_EQ(os.write_at(other, "x", 1, 0), -EBADF);
    EXPECT_EQ(os.remove(spool, "file"), -EBADF);
    os.close(fd);
    EXPECT_EQ(text("/spool/file").substr(0, 4), "text");
    EXPECT_EQ(text("/spool/file").substr(100, 6), "before");

    // The next process, whose descriptors and mappings are its own.
    spool = os.open_directory(operating_system::here, "/spool");
    const int again = os.open_file(spool, "file");
    EXPECT_EQ(os.lock(again), 0);
    EXPECT_GT(again, other);
    auto* const anew = map(again, 4096);
    EXPECT_EQ(std::memcmp(anew + 100, "before", 6), 0);
    std::memcpy(anew + 100, "anew!!", 6);
    os.unmap(mapped, 4096);
    EXPECT_EQ(os.mappings(), 1u);
    EXPECT_EQ(text("/spool/file").substr(100, 6), "anew!!");
    os.unmap(anew, 4096);
}

TEST_F(memory_system_test, forgets_a_removed_file_when_the_process_dies) {
    os.set_room(4096);
    auto* const mapped = map(create("file", "text"), 4096);
    ASSERT_EQ(os.remove(spool, "file"), 0);
    EXPECT_EQ(os.used(), 4096u);
    os.crash();
    EXPECT_EQ(os.used(), 0u);
    os.unmap(mapped, 4096);
}

TEST_F(memory_system_test, shows_modes_owners_and_names_as_told) {
    const int fd = create("file", "text");
    os.set_mode("/spool/file", 0666);
    os.set_owned_by_us("/spool/file", false);
    os.put_name("/spool/second", "/spool/file");
    file_status is;
    ASSERT_EQ(os.status(fd, is), 0);
    EXPECT_EQ(is.mode, 0666u);
    EXPECT_FALSE(is.owned_by_us);
    EXPECT_EQ(is.names, 2u);
    os.set_network(true);
    EXPECT_EQ(os.on_network(spool), 1);
}

TEST_F(memory_system_test, has_a_clock_that_the_test_moves_and_chance_that_repeats_itself) {
    const auto before = os.wall_clock();
    EXPECT_EQ(os.wall_clock(), before + 1);
    os.advance(1'000'000'000);
    EXPECT_EQ(os.wall_clock(), before + 1'000'000'002);
    const auto first = os.random();
    EXPECT_NE(os.random(), first);
    os.set_seed(1);
    EXPECT_EQ(os.random(), first);
}

}  // namespace
}  // namespace logferry::journal
