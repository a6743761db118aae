// The real operating system where it shows its own face: descriptors, limits, full disks, forks, old kernels. What
// holds for every operating system is in operating_system_test.cpp.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <journal/operating_system.hpp>

#include "process_fixture.hpp"
#include "support/memory_system.hpp"

namespace logferry::journal {
namespace {

constexpr std::uint64_t MiB = 1024 * 1024;

class posix_system_test : public testing::Test {
protected:
    posix_system_test() { here = os.open_directory(operating_system::here, directory.path().c_str()); }
    ~posix_system_test() override { os.close(here); }

    int create(const char* name) const {
        const int fd = os.create_file(here, name);
        EXPECT_GE(fd, 0);
        return fd;
    }
    static struct stat status(int fd) {
        struct stat is {};
        EXPECT_EQ(::fstat(fd, &is), 0);
        return is;
    }

    temporary_directory directory;
    operating_system& os = this_system();
    int here = -1;
};

/// From now on the kernel answers this call with an error, like an older or a stricter one. `argument`, if there is
/// one, is the third that the call must have.
void refuse(long call, int error, const unsigned* argument = nullptr) {
    const auto any = argument == nullptr;
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 2 * sizeof(__u64)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, any ? 0 : *argument, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{std::size(program), program};
    ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

void limit_files(rlim_t size) {
    struct rlimit limit {};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
}

// Descriptors
// -----------------------------------------------------------------------------------------------------------

TEST_F(posix_system_test, gives_descriptors_that_end_with_an_exec) {
    ASSERT_EQ(os.make_directory(here, "inside"), 0);
    for (const int fd : {create("file"), os.open_file(here, "file"), os.open_directory(here, "inside")}) {
        EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
        os.close(fd);
    }
}

TEST_F(posix_system_test, leaves_the_numbers_of_closed_standard_streams_alone) {
    os.close(create("there"));
    in_child([this] {
        for (const int stream : {0, 1, 2}) ::close(stream);
        for (const int fd : {create("file"), os.open_file(here, "there"), os.open_directory(here, ".")}) {
            EXPECT_GT(fd, 2);
            EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
        }
        for (const int stream : {0, 1, 2}) EXPECT_LT(::fcntl(stream, F_GETFD), 0);
        std::vector<std::string> names;
        EXPECT_EQ(os.list(here, names), 0);
        EXPECT_EQ(names.size(), 2u);
        for (const int stream : {0, 1, 2}) EXPECT_LT(::fcntl(stream, F_GETFD), 0);
    });
}

TEST_F(posix_system_test, keeps_no_descriptor_of_its_own) {
    const auto before = open_descriptors();
    std::vector<std::string> names;
    EXPECT_EQ(os.list(here, names), 0);
    EXPECT_EQ(os.open_directory(here, "missing"), -ENOENT);
    const int fd = create("file");
    std::byte* mapped = nullptr;
    EXPECT_EQ(os.allocate(fd, 4096), 0);
    EXPECT_EQ(os.map(fd, 4096, mapped), 0);
    os.unmap(mapped, 4096);
    os.close(fd);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(posix_system_test, says_when_there_is_no_descriptor_left) {
    in_child([this] {
        refuse(SYS_openat, EMFILE);
        EXPECT_EQ(os.create_file(here, "file"), -EMFILE);
        EXPECT_EQ(os.open_directory(here, "."), -EMFILE);
        std::vector<std::string> names;
        EXPECT_EQ(os.list(here, names), -EMFILE);
    });
}

TEST_F(posix_system_test, makes_everything_private_whatever_the_umask) {
    const auto before = ::umask(0);
    const int file = create("file");
    EXPECT_EQ(os.make_directory(here, "inside"), 0);
    ::umask(before);
    const int inside = os.open_directory(here, "inside");
    EXPECT_EQ(status(file).st_mode & 07777, 0600u);
    EXPECT_EQ(status(inside).st_mode & 07777, 0700u);
    os.close(file);
    os.close(inside);
}

TEST_F(posix_system_test, does_not_wait_at_a_fifo) {
    ASSERT_EQ(::mkfifoat(here, "fifo", 0600), 0);
    const int fd = os.open_file(here, "fifo");
    ASSERT_GE(fd, 0);
    file_status is;
    EXPECT_EQ(os.status(fd, is), 0);
    EXPECT_EQ(is.what, file_status::type::other);
    os.close(fd);
}

TEST_F(posix_system_test, knows_whose_a_file_is) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "giving a file away needs root; memory_system stands in for it in the tests of the spool";
    const int fd = create("file");
    ASSERT_EQ(::fchown(fd, 65534, 65534), 0);
    file_status is;
    EXPECT_EQ(os.status(fd, is), 0);
    EXPECT_FALSE(is.owned_by_us);
    os.close(fd);
}

// Room
// ------------------------------------------------------------------------------------------------------------------

TEST_F(posix_system_test, allocates_real_blocks) {
    const int fd = create("file");
    ASSERT_EQ(os.allocate(fd, 3 * MiB), 0);
    EXPECT_EQ(status(fd).st_size, static_cast<off_t>(3 * MiB));
    EXPECT_GE(static_cast<std::uint64_t>(status(fd).st_blocks) * 512, 3 * MiB);
    os.close(fd);
}

void expect_written_zeroes(operating_system& os, int fd) {
    ASSERT_EQ(os.write_at(fd, "text", 4, 0), 4);
    ASSERT_EQ(os.allocate(fd, 100'000), 0);
    struct stat is {};
    ASSERT_EQ(::fstat(fd, &is), 0);
    EXPECT_EQ(is.st_size, 100'000);
    EXPECT_GE(is.st_blocks * 512, 100'000);
    std::string bytes(100'000, '?');
    EXPECT_EQ(os.read_at(fd, bytes.data(), bytes.size(), 0), 100'000);
    EXPECT_EQ(bytes, "text" + std::string(100'000 - 4, '\0'));
}

TEST_F(posix_system_test, writes_zeroes_where_blocks_cannot_be_allocated) {
    in_child([this] {
        const int fd = create("file");
        refuse(SYS_fallocate, EINVAL);
        expect_written_zeroes(os, fd);
    });
    in_child([this] {
        const int fd = create("second");
        refuse(SYS_fallocate, EOPNOTSUPP);
        expect_written_zeroes(os, fd);
    });
}

TEST_F(posix_system_test, allocates_under_a_timer_that_interrupts_it_for_ever) {
    in_child([this] {
        const int fd = create("file");
        refuse(SYS_fallocate, EINTR);
        expect_written_zeroes(os, fd);
    });
}

TEST_F(posix_system_test, fails_beyond_the_largest_file_of_the_process_instead_of_being_killed) {
    in_child([this] {
        const int fd = create("file");
        limit_files(100'000);
        EXPECT_EQ(os.allocate(fd, 100'001), -EFBIG);
        EXPECT_EQ(status(fd).st_size, 0);
        EXPECT_EQ(os.allocate(fd, UINT64_MAX), -EFBIG);
        EXPECT_EQ(os.allocate(fd, 100'000), 0);

        const std::string text(1000, 'x');
        EXPECT_EQ(os.write_at(fd, text.data(), text.size(), 100'000), -EFBIG);
        EXPECT_EQ(os.write_at(fd, text.data(), text.size(), UINT64_MAX - 10), -EFBIG);
        EXPECT_EQ(os.write_at(fd, text.data(), text.size(), 99'900), 100);
        EXPECT_EQ(status(fd).st_size, 100'000);
    });
    in_child([this] {
        const int fd = create("second");
        refuse(SYS_fallocate, EOPNOTSUPP);
        limit_files(100'000);
        EXPECT_EQ(os.allocate(fd, 100'001), -EFBIG);
        EXPECT_EQ(os.allocate(fd, 100'000), 0);
    });
}

TEST_F(posix_system_test, gives_the_room_back_when_there_is_not_enough) {
    in_child([this] {
        const int fd = create("file");
        ASSERT_EQ(os.write_at(fd, "text", 4, 0), 4);
        refuse(SYS_fallocate, ENOSPC);
        EXPECT_EQ(os.allocate(fd, MiB), -ENOSPC);
        EXPECT_EQ(status(fd).st_size, 4);
    });
}

/// Fills a file system of less than 4 MiB through this directory, and empties it again.
void expect_full_and_free_again(operating_system& os, int at) {
    constexpr std::uint64_t file_size = 600 * 1024;  // so that the last one begins to fit
    std::vector<std::string> files;
    int error = 0;
    while (error == 0 && files.size() < 8) {
        files.push_back("file" + std::to_string(files.size()));
        const int fd = os.create_file(at, files.back().c_str());
        ASSERT_GE(fd, 0);
        error = os.allocate(fd, file_size);
        file_status is;
        ASSERT_EQ(os.status(fd, is), 0);
        EXPECT_EQ(is.size, error == 0 ? file_size : 0u);
        os.close(fd);
    }
    EXPECT_EQ(error, -ENOSPC);
    // What was refused took nothing, so one removed file makes room for one.
    ASSERT_GE(files.size(), 3u);
    EXPECT_EQ(os.remove(at, files[0].c_str()), 0);
    const int fd = os.open_file(at, files.back().c_str());
    EXPECT_EQ(os.allocate(fd, file_size), 0);
    std::byte* mapped = nullptr;
    ASSERT_EQ(os.map(fd, file_size, mapped), 0);
    EXPECT_EQ(os.populate(mapped, file_size), 0);
    std::memset(mapped, 0xA5, file_size);
    os.unmap(mapped, file_size);
    os.close(fd);
}

/// Fills a file with a hole larger than the room that is left.
void expect_no_pages_for_a_hole(operating_system& os, int at) {
    const int fd = os.create_file(at, "sparse");
    ASSERT_EQ(::ftruncate(fd, 8 * MiB), 0);
    std::byte* mapped = nullptr;
    ASSERT_EQ(os.map(fd, 8 * MiB, mapped), 0);
    EXPECT_EQ(os.populate(mapped, 8 * MiB), -ENOSPC);
    os.unmap(mapped, 8 * MiB);
    os.close(fd);
    EXPECT_EQ(os.remove(at, "sparse"), 0);
}

void write_file(const char* path, const std::string& text) { std::ofstream(path) << text; }

/// In a namespace of this process alone, which ends with it. False where the machine does not allow that.
bool mount_small_tmpfs(const std::filesystem::path& where) {
    const auto same = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
    const auto users = same(::geteuid());
    const auto groups = same(::getegid());
    if (::unshare(CLONE_NEWNS) != 0) {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
        write_file("/proc/self/uid_map", users);
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/gid_map", groups);
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
    return ::mount("none", where.c_str(), "tmpfs", 0, "size=2m,mode=0700") == 0;
}

/// Tried in a process that ends with its mount.
bool may_mount(const std::filesystem::path& where) {
    const auto child = ::fork();
    if (child == 0) ::_exit(mount_small_tmpfs(where) ? 0 : 1);
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0;
}

TEST_F(posix_system_test, finds_a_full_disk_before_anybody_stores_there) {
    if (!may_mount(directory.path())) GTEST_SKIP() << "mounting is not permitted; the next test has the same in memory";
    in_child([this] {
        ASSERT_TRUE(mount_small_tmpfs(directory.path()));
        const int full = os.open_directory(operating_system::here, directory.path().c_str());
        expect_no_pages_for_a_hole(os, full);
        expect_full_and_free_again(os, full);
    });
    in_child([this] {
        ASSERT_TRUE(mount_small_tmpfs(directory.path()));
        const int full = os.open_directory(operating_system::here, directory.path().c_str());
        refuse(SYS_fallocate, EINVAL);
        expect_full_and_free_again(os, full);
    });
}

TEST(full_disk_in_memory, is_found_before_anybody_stores_there) {
    memory_system os;
    os.put_directory("/small");
    os.set_room(2 * MiB);
    expect_full_and_free_again(os, os.open_directory(operating_system::here, "/small"));
}

// Memory
// ----------------------------------------------------------------------------------------------------------------

/// Of a new file, of which one page was written.
void expect_pages_present_once_populated(operating_system& os, int fd) {
    constexpr std::size_t size = 16 * 4096;
    ASSERT_EQ(os.allocate(fd, size), 0);
    ASSERT_EQ(os.write_at(fd, "text", 4, 5000), 4);
    std::byte* mapped = nullptr;
    ASSERT_EQ(os.map(fd, size, mapped), 0);
    EXPECT_EQ(os.populate(mapped, size), 0);
    std::vector<unsigned char> present(size / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
    EXPECT_EQ(::mincore(mapped, size, present.data()), 0);
    for (const auto page : present) EXPECT_TRUE(page & 1);
    EXPECT_EQ(std::memcmp(mapped + 5000, "text", 4), 0);
    os.unmap(mapped, size);
    os.close(fd);
}

TEST_F(posix_system_test, makes_pages_present_and_leaves_what_is_written_there) {
    expect_pages_present_once_populated(os, create("file"));
    in_child([this] {
        const unsigned since_linux_5_14 = MADV_POPULATE_WRITE;
        refuse(SYS_madvise, EINVAL, &since_linux_5_14);
        expect_pages_present_once_populated(os, create("on_an_older_kernel"));
    });
}

TEST_F(posix_system_test, does_not_hand_a_mapping_to_a_forked_child) {
    const int fd = create("file");
    ASSERT_EQ(os.allocate(fd, 4096), 0);
    std::byte* mapped = nullptr;
    ASSERT_EQ(os.map(fd, 4096, mapped), 0);
    in_child([mapped] {
        unsigned char present = 0;
        EXPECT_EQ(::mincore(mapped, 4096, &present), -1);
        EXPECT_EQ(errno, ENOMEM);
    });
    os.unmap(mapped, 4096);
    os.close(fd);
}

TEST_F(posix_system_test, refuses_a_mapping_that_cannot_be_had) {
    const int fd = create("file");
    std::byte* mapped = nullptr;
    EXPECT_EQ(os.map(fd, 0, mapped), -EINVAL);
    EXPECT_EQ(os.map(fd, std::size_t{1} << 60, mapped), -ENOMEM);
    EXPECT_EQ(mapped, nullptr);
    os.close(fd);
}

// Chance
// ----------------------------------------------------------------------------------------------------------------

TEST_F(posix_system_test, finds_chance_without_the_kernels_help) {
    in_child([this] {
        refuse(SYS_getrandom, ENOSYS);
        std::set<std::uint64_t> drawn;
        for (int i = 0; i < 1000; ++i) drawn.insert(os.random());
        EXPECT_EQ(drawn.size(), 1000u);
        EXPECT_EQ(drawn.count(0), 0u);
    });
}

}  // namespace
}  // namespace logferry::journal
