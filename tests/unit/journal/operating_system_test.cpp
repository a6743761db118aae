// What holds for every operating system that the spool runs on: for the real one, and for the one in memory, which may
// stand in for it in other tests because it passes these.
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <journal/operating_system.hpp>

#include "process_fixture.hpp"
#include "support/memory_system.hpp"

namespace logferry::journal {
namespace {

/// A directory to work in, and what only the system's own means can put there.
class world {
public:
    virtual ~world() = default;
    virtual operating_system& os() = 0;
    [[nodiscard]] virtual std::string path() const = 0;
    virtual void put_link(const std::string& name, const std::string& to) = 0;
    virtual void put_name(const std::string& name, const std::string& of) = 0;
};

class real_world : public world {
public:
    operating_system& os() override { return this_system(); }
    [[nodiscard]] std::string path() const override { return directory_.path(); }
    void put_link(const std::string& name, const std::string& to) override {
        std::filesystem::create_symlink(to, directory_.path() / name);
    }
    void put_name(const std::string& name, const std::string& of) override {
        std::filesystem::create_hard_link(directory_.path() / of, directory_.path() / name);
    }

private:
    temporary_directory directory_;
};

class world_in_memory : public world {
public:
    world_in_memory() { os_.put_directory("/somewhere"); }
    operating_system& os() override { return os_; }
    [[nodiscard]] std::string path() const override { return "/somewhere"; }
    void put_link(const std::string& name, const std::string&) override { os_.put_link("/somewhere/" + name); }
    void put_name(const std::string& name, const std::string& of) override {
        os_.put_name("/somewhere/" + name, "/somewhere/" + of);
    }

private:
    memory_system os_;
};

std::unique_ptr<world> make_world(std::string_view kind) {
    if (kind == "real") return std::make_unique<real_world>();
    return std::make_unique<world_in_memory>();
}

class operating_system_test : public testing::TestWithParam<const char*> {
protected:
    operating_system_test()
        : around_(make_world(GetParam())),
          os(around_->os()),
          here(os.open_directory(operating_system::here, around_->path().c_str())) {
        if (here < 0) throw std::runtime_error("no directory");
    }
    ~operating_system_test() override { os.close(here); }

    int create(const char* name, std::string_view text = {}) {
        const int fd = os.create_file(here, name);
        EXPECT_GE(fd, 0);
        EXPECT_EQ(os.write_at(fd, text.data(), text.size(), 0), static_cast<std::int64_t>(text.size()));
        return fd;
    }
    std::string read(int fd, std::size_t size = 100, std::uint64_t offset = 0) {
        std::string text(size, '?');
        const auto got = os.read_at(fd, text.data(), size, offset);
        EXPECT_GE(got, 0);
        text.resize(static_cast<std::size_t>(got));
        return text;
    }
    std::string read(const char* name) {
        const int fd = os.open_file(here, name);
        EXPECT_GE(fd, 0);
        auto text = read(fd);
        os.close(fd);
        return text;
    }
    file_status status(int fd) {
        file_status is;
        EXPECT_EQ(os.status(fd, is), 0);
        return is;
    }
    std::set<std::string> names() {
        std::vector<std::string> all = {"left from before"};
        EXPECT_EQ(os.list(here, all), 0);
        return {all.begin(), all.end()};
    }

    std::unique_ptr<world> around_;
    operating_system& os;
    const int here;
};

INSTANTIATE_TEST_SUITE_P(, operating_system_test, testing::Values("real", "memory"),
                         [](const auto& of) { return std::string(of.param); });

TEST_P(operating_system_test, makes_files_that_are_the_owners_alone_and_new) {
    const int fd = create("file");
    const auto is = status(fd);
    EXPECT_EQ(is.what, file_status::type::regular);
    EXPECT_EQ(is.mode, 0600u);
    EXPECT_TRUE(is.owned_by_us);
    EXPECT_EQ(is.names, 1u);
    EXPECT_EQ(is.size, 0u);
    EXPECT_EQ(os.create_file(here, "file"), -EEXIST);
    os.close(fd);
}

TEST_P(operating_system_test, gives_back_the_end_of_a_file) {
    const int fd = create("file");
    ASSERT_EQ(os.allocate(fd, 256 * 1024), 0);
    EXPECT_GE(status(fd).allocated, 256u * 1024);
    const std::string text(100, 'x');
    ASSERT_EQ(os.write_at(fd, text.data(), text.size(), 0), 100);
    ASSERT_EQ(os.write_at(fd, text.data(), text.size(), 100'000), 100);
    ASSERT_EQ(os.give_back(fd, 8192), 0);
    EXPECT_EQ(status(fd).size, 256u * 1024);
    EXPECT_LT(status(fd).allocated, 64u * 1024);
    std::string read(100, '?');
    ASSERT_EQ(os.read_at(fd, read.data(), read.size(), 0), 100);
    EXPECT_EQ(read, text);
    ASSERT_EQ(os.read_at(fd, read.data(), read.size(), 100'000), 100);
    EXPECT_EQ(read, std::string(100, '\0'));
    EXPECT_EQ(os.give_back(fd, 1 << 20), 0) << "behind the end there is nothing";
    os.close(fd);
}

TEST_P(operating_system_test, makes_directories_that_are_the_owners_alone_and_new) {
    ASSERT_EQ(os.make_directory(here, "inside"), 0);
    EXPECT_EQ(os.make_directory(here, "inside"), -EEXIST);
    const int fd = os.open_directory(here, "inside");
    EXPECT_EQ(status(fd).what, file_status::type::directory);
    EXPECT_EQ(status(fd).mode, 0700u);
    EXPECT_TRUE(status(fd).owned_by_us);
    os.close(fd);
    EXPECT_EQ(os.make_directory(here, "missing/inside"), -ENOENT);
}

TEST_P(operating_system_test, opens_only_what_is_there_and_of_the_right_kind) {
    os.close(create("file"));
    ASSERT_EQ(os.make_directory(here, "directory"), 0);
    EXPECT_EQ(os.open_file(here, "missing"), -ENOENT);
    EXPECT_EQ(os.open_directory(here, "missing"), -ENOENT);
    EXPECT_EQ(os.open_file(here, "directory"), -EISDIR);
    EXPECT_EQ(os.open_directory(here, "file"), -ENOTDIR);
    EXPECT_EQ(os.open_file(here, "file/below"), -ENOTDIR);
}

TEST_P(operating_system_test, never_follows_a_symbolic_link) {
    os.close(create("file"));
    ASSERT_EQ(os.make_directory(here, "directory"), 0);
    around_->put_link("to_file", "file");
    around_->put_link("to_directory", "directory");
    around_->put_link("to_nothing", "nothing");
    EXPECT_EQ(os.open_file(here, "to_file"), -ELOOP);
    EXPECT_EQ(os.open_directory(here, "to_directory"), -ELOOP);
    EXPECT_EQ(os.open_directory(here, "to_nothing"), -ELOOP);
    EXPECT_EQ(os.create_file(here, "to_nothing"), -EEXIST);
    EXPECT_EQ(os.make_directory(here, "to_nothing"), -EEXIST);
}

TEST_P(operating_system_test, counts_the_names_of_a_file) {
    const int fd = create("file", "text");
    around_->put_name("second", "file");
    EXPECT_EQ(status(fd).names, 2u);
    EXPECT_EQ(read("second"), "text");
    EXPECT_EQ(os.remove(here, "file"), 0);
    EXPECT_EQ(status(fd).names, 1u);
    os.close(fd);
}

TEST_P(operating_system_test, reads_what_was_written_and_no_further) {
    const int fd = create("file", "0123456789");
    EXPECT_EQ(os.write_at(fd, "AB", 2, 4), 2);
    EXPECT_EQ(read(fd), "0123AB6789");
    EXPECT_EQ(read(fd, 4, 8), "89");
    EXPECT_EQ(read(fd, 4, 10), "");
    EXPECT_EQ(read(fd, 4, 1u << 20), "");
    EXPECT_EQ(os.write_at(fd, "end", 3, 12), 3);
    EXPECT_EQ(read(fd, 100, 8), std::string("89\0\0end", 7));
    EXPECT_EQ(status(fd).size, 15u);
    EXPECT_EQ(os.write_at(fd, "", 0, 99), 0);
    EXPECT_EQ(status(fd).size, 15u);
    os.close(fd);
}

TEST_P(operating_system_test, lengthens_a_file_by_zeroes_and_never_cuts_it) {
    const int fd = create("file", "text");
    EXPECT_EQ(os.allocate(fd, 10), 0);
    EXPECT_EQ(read(fd), std::string("text\0\0\0\0\0\0", 10));
    EXPECT_EQ(os.allocate(fd, 4), 0);
    EXPECT_EQ(os.allocate(fd, 0), 0);
    EXPECT_EQ(status(fd).size, 10u);
    os.close(fd);
}

TEST_P(operating_system_test, keeps_what_is_stored_through_a_mapping) {
    constexpr std::size_t size = 3 * 4096;
    int fd = create("file");
    ASSERT_EQ(os.allocate(fd, size), 0);
    std::byte* mapped = nullptr;
    ASSERT_EQ(os.map(fd, size, mapped), 0);
    EXPECT_EQ(os.populate(mapped, size), 0);
    EXPECT_EQ(mapped[5000], std::byte{0});
    std::memcpy(mapped + 5000, "stored", 6);
    EXPECT_EQ(read(fd, 6, 5000), "stored");
    EXPECT_EQ(os.write_at(fd, "written", 7, 6000), 7);
    EXPECT_EQ(std::memcmp(mapped + 6000, "written", 7), 0);
    EXPECT_EQ(os.sync(fd), 0);

    // The mapping needs no descriptor.
    os.close(fd);
    std::memcpy(mapped + 7000, "later", 5);
    os.unmap(mapped, size);
    fd = os.open_file(here, "file");
    EXPECT_EQ(read(fd, 5, 7000), "later");
    os.close(fd);
}

TEST_P(operating_system_test, keeps_a_removed_file_as_long_as_somebody_has_it) {
    const int fd = create("file", "text");
    ASSERT_EQ(os.allocate(fd, 4096), 0);
    std::byte* mapped = nullptr;
    ASSERT_EQ(os.map(fd, 4096, mapped), 0);
    EXPECT_EQ(os.remove(here, "file"), 0);
    EXPECT_EQ(os.remove(here, "file"), -ENOENT);
    EXPECT_EQ(os.open_file(here, "file"), -ENOENT);
    EXPECT_EQ(read(fd, 4), "text");
    EXPECT_EQ(status(fd).names, 0u);
    os.close(fd);
    EXPECT_EQ(std::memcmp(mapped, "text", 4), 0);
    os.unmap(mapped, 4096);
}

TEST_P(operating_system_test, locks_by_opening) {
    const int first = create("lock");
    const int second = os.open_file(here, "lock");
    EXPECT_EQ(os.lock(first), 0);
    EXPECT_EQ(os.lock(first), 0);
    EXPECT_EQ(os.lock(second), -EWOULDBLOCK);
    // Unlike a lock by fcntl, it does not end with any other descriptor of the file.
    os.close(os.open_file(here, "lock"));
    EXPECT_EQ(os.lock(second), -EWOULDBLOCK);
    os.close(first);
    EXPECT_EQ(os.lock(second), 0);
    os.close(second);
}

TEST_P(operating_system_test, renames_within_and_across_directories_and_replaces) {
    ASSERT_EQ(os.make_directory(here, "other"), 0);
    const int other = os.open_directory(here, "other");
    os.close(create("one", "1"));
    os.close(create("two", "2"));
    EXPECT_EQ(os.rename(here, "one", here, "two"), 0);
    EXPECT_EQ(read("two"), "1");
    EXPECT_EQ(os.rename(here, "two", other, "three"), 0);
    EXPECT_EQ(names(), (std::set<std::string>{"other"}));
    EXPECT_EQ(read("other/three"), "1");
    EXPECT_EQ(os.rename(here, "two", other, "three"), -ENOENT);
    os.close(other);
}

TEST_P(operating_system_test, lists_all_names_each_time_anew) {
    EXPECT_TRUE(names().empty());
    std::set<std::string> expected;
    for (int i = 0; i < 300; ++i) {
        const auto name = "file" + std::to_string(i);
        os.close(create(name.c_str()));
        expected.insert(name);
    }
    ASSERT_EQ(os.make_directory(here, "directory"), 0);
    expected.insert("directory");
    EXPECT_EQ(names(), expected);
    EXPECT_EQ(names(), expected);
    EXPECT_EQ(os.remove(here, "file7"), 0);
    expected.erase("file7");
    EXPECT_EQ(names(), expected);
}

TEST_P(operating_system_test, removes_files_only) {
    ASSERT_EQ(os.make_directory(here, "directory"), 0);
    EXPECT_EQ(os.remove(here, "directory"), -EISDIR);
    EXPECT_EQ(names().count("directory"), 1u);
}

TEST_P(operating_system_test, refuses_what_is_not_open) {
    const int closed = create("file");
    os.close(closed);
    file_status is;
    char byte = 0;
    std::byte* mapped = nullptr;
    std::vector<std::string> list;
    EXPECT_EQ(os.status(closed, is), -EBADF);
    EXPECT_EQ(os.on_network(closed), -EBADF);
    EXPECT_EQ(os.allocate(closed, 10), -EBADF);
    EXPECT_EQ(os.read_at(closed, &byte, 1, 0), -EBADF);
    EXPECT_EQ(os.write_at(closed, &byte, 1, 0), -EBADF);
    EXPECT_EQ(os.sync(closed), -EBADF);
    EXPECT_EQ(os.map(closed, 4096, mapped), -EBADF);
    EXPECT_EQ(os.lock(closed), -EBADF);
    EXPECT_EQ(os.list(closed, list), -EBADF);
    EXPECT_EQ(os.open_file(closed, "file"), -EBADF);
    EXPECT_EQ(os.open_directory(closed, "file"), -EBADF);
    EXPECT_EQ(os.create_file(closed, "new"), -EBADF);
    EXPECT_EQ(os.make_directory(closed, "new"), -EBADF);
    EXPECT_EQ(os.remove(closed, "file"), -EBADF);
    EXPECT_EQ(os.rename(closed, "file", here, "new"), -EBADF);
}

TEST_P(operating_system_test, is_a_local_one_here) { EXPECT_EQ(os.on_network(here), 0); }

TEST_P(operating_system_test, has_a_clock_and_chance) {
    const auto before = os.wall_clock();
    EXPECT_GT(before, 1'600'000'000'000'000'000);
    EXPECT_GE(os.wall_clock(), before);
    std::set<std::uint64_t> drawn;
    for (int i = 0; i < 1000; ++i) drawn.insert(os.random());
    EXPECT_EQ(drawn.size(), 1000u);
}

}  // namespace
}  // namespace logferry::journal
