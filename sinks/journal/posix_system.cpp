#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <journal/operating_system.hpp>

namespace logferry::journal {

static_assert(operating_system::here == AT_FDCWD);
static_assert(sizeof(off_t) == 8);

namespace {

/// Repeats a call while signals interrupt it: what it returned, or the errno value with its sign changed.
template <typename Call>
auto uninterrupted(Call call) noexcept {
    auto result = call();
    while (result == -1 && errno == EINTR) result = call();
    return result == -1 ? static_cast<decltype(result)>(-errno) : result;
}

/// A daemon may have closed its standard streams. What the application prints must not end up in the spool then, so
/// their numbers are left alone.
int above_standard_streams(int fd) noexcept {
    if (fd < 0 || fd > STDERR_FILENO) return fd;
    const auto moved = uninterrupted([fd] { return ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1); });
    ::close(fd);
    return moved;
}

int open_at(int at, const char* name, int flags, mode_t mode = 0) noexcept {
    constexpr int always = O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
    return above_standard_streams(uninterrupted([=] { return ::openat(at, name, flags | always, mode); }));
}

bool is_symbolic_link(int at, const char* name) noexcept {
    struct stat is {};
    return ::fstatat(at, name, &is, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(is.st_mode);
}

/// Most bytes that a file may have. Who writes behind them gets SIGXFSZ, which ends the program.
std::uint64_t size_limit() noexcept {
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
    return limit.rlim_cur;
}

/// Most bytes of the file from `offset` on that one call may move.
std::size_t clipped(std::size_t size, std::uint64_t offset, std::uint64_t end) noexcept {
    constexpr std::uint64_t most_by_one_call = 0x7ffff000;
    return static_cast<std::size_t>(std::min({std::uint64_t{size}, end - offset, most_by_one_call}));
}

/// File systems that another machine serves: locks and mappings there are not what they are on a local one.
bool served_by_another_machine(std::uint32_t magic) noexcept {
    // FUSE is not among them: it may be sshfs, but as well an encrypted home directory or a container's root.
    constexpr std::uint32_t network_magics[] = {
        0x00006969,  // NFS
        0x0000517B,  // SMB
        0xFE534D42,  // SMB 2
        0xFF534D42,  // CIFS
        0x5346414F,  // AFS
        0x6B414653,  // AFS, another implementation
        0x00C36400,  // Ceph
        0x01021997,  // 9P
        0x0000564C,  // NCP
        0x73757245,  // Coda
    };
    return std::find(std::begin(network_magics), std::end(network_magics), magic) != std::end(network_magics);
}

std::uint64_t mixed(std::uint64_t bits) noexcept {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    return bits ^ (bits >> 31);
}

std::int64_t nanoseconds(clockid_t of) noexcept {
    struct timespec now {};
    ::clock_gettime(of, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void touch(std::byte* at, std::size_t size) noexcept {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    for (std::size_t offset = 0; offset < size; offset += page) {
        // An atomic OR of nothing makes the page present and cannot undo what somebody writes meanwhile.
        __atomic_fetch_or(reinterpret_cast<unsigned*>(at + offset), 0u, __ATOMIC_RELAXED);
    }
}

class posix_system final : public operating_system {
public:
    int open_directory(int at, const char* name) noexcept override {
        const auto fd = open_at(at, name, O_RDONLY | O_DIRECTORY);
        // Linux says of a link only that it is not a directory.
        return fd == -ENOTDIR && is_symbolic_link(at, name) ? -ELOOP : fd;
    }

    int make_directory(int at, const char* name) noexcept override {
        return uninterrupted([=] { return ::mkdirat(at, name, 0700); });
    }

    int create_file(int at, const char* name) noexcept override {
        return open_at(at, name, O_RDWR | O_CREAT | O_EXCL, 0600);
    }

    int open_file(int at, const char* name) noexcept override { return open_at(at, name, O_RDWR | O_NONBLOCK); }

    // Not repeated when interrupted: the descriptor is free then, and may be another thread's by now.
    void close(int fd) noexcept override { ::close(fd); }

    int status(int fd, file_status& out) noexcept override {
        struct stat is {};
        if (::fstat(fd, &is) != 0) return -errno;
        out.what = S_ISREG(is.st_mode)   ? file_status::type::regular
                   : S_ISDIR(is.st_mode) ? file_status::type::directory
                                         : file_status::type::other;
        out.mode = is.st_mode & 0777;
        out.owned_by_us = is.st_uid == ::geteuid();
        out.names = is.st_nlink;
        out.size = static_cast<std::uint64_t>(is.st_size);
        out.allocated = static_cast<std::uint64_t>(is.st_blocks) * 512;
        return 0;
    }

    int on_network(int fd) noexcept override {
        struct statfs is {};
        const auto error = uninterrupted([fd, &is] { return ::fstatfs(fd, &is); });
        return error != 0 ? error : static_cast<int>(served_by_another_machine(static_cast<std::uint32_t>(is.f_type)));
    }

    int allocate(int fd, std::uint64_t size) noexcept override {
        struct stat is {};
        if (::fstat(fd, &is) != 0) return -errno;
        const auto before = static_cast<std::uint64_t>(is.st_size);
        if (size <= before) return 0;
        const auto error = lengthen(fd, before, size);
        if (error == 0) return 0;
        // A file that is of no use must not hold blocks. Should this fail too, they are given back with the file.
        static_cast<void>(uninterrupted([=] { return ::ftruncate(fd, is.st_size); }));
        return error;
    }

    int give_back(int fd, std::uint64_t offset) noexcept override {
        struct stat is {};
        if (::fstat(fd, &is) != 0) return -errno;
        const auto begin = static_cast<off_t>(offset);
        if (begin >= is.st_size) return 0;
        constexpr int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        return uninterrupted([=] { return ::fallocate(fd, punch, begin, is.st_size - begin); });
    }

    std::int64_t read_at(int fd, void* to, std::size_t size, std::uint64_t offset) noexcept override {
        return moved(size, offset, INT64_MAX, [=](std::size_t done, std::size_t count, off_t at) {
            return ::pread(fd, static_cast<std::byte*>(to) + done, count, at);
        });
    }

    std::int64_t write_at(int fd, const void* from, std::size_t size, std::uint64_t offset) noexcept override {
        return moved(size, offset, size_limit(), [=](std::size_t done, std::size_t count, off_t at) {
            return ::pwrite(fd, static_cast<const std::byte*>(from) + done, count, at);
        });
    }

    int sync(int fd) noexcept override {
        return uninterrupted([fd] { return ::fsync(fd); });
    }

    int map(int fd, std::size_t size, std::byte*& at) noexcept override {
        auto* const mapping = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mapping == MAP_FAILED) return -errno;
        if (::madvise(mapping, size, MADV_DONTFORK) != 0) {
            const auto error = -errno;
            ::munmap(mapping, size);
            return error;
        }
        at = static_cast<std::byte*>(mapping);
        return 0;
    }

    void unmap(std::byte* at, std::size_t size) noexcept override { ::munmap(at, size); }

    int populate(std::byte* at, std::size_t size) noexcept override {
        const auto error = uninterrupted([=] { return ::madvise(at, size, MADV_POPULATE_WRITE); });
        // The pages of a mapping cannot be had: so the kernel tells that its file system is full.
        if (error == -EFAULT) return -ENOSPC;
        if (error != -EINVAL) return error;
        // Before Linux 5.14.
        touch(at, size);
        return 0;
    }

    int lock(int fd) noexcept override {
        return uninterrupted([fd] { return ::flock(fd, LOCK_EX | LOCK_NB); });
    }

    int rename(int from_at, const char* from, int to_at, const char* to) noexcept override {
        return uninterrupted([=] { return ::renameat(from_at, from, to_at, to); });
    }

    int remove(int at, const char* name) noexcept override {
        return uninterrupted([=] { return ::unlinkat(at, name, 0); });
    }

    int list(int fd, std::vector<std::string>& names) override {
        // An opening of its own: the place in a directory belongs to the opening.
        const auto own = open_at(fd, ".", O_RDONLY | O_DIRECTORY);
        if (own < 0) return own;
        const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(own), ::closedir);
        if (!directory) {
            const auto error = -errno;
            ::close(own);
            return error;
        }
        names.clear();
        for (;;) {
            errno = 0;
            const auto* entry = ::readdir(directory.get());
            if (entry == nullptr) return -errno;
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
    }

    std::int64_t wall_clock() noexcept override { return nanoseconds(CLOCK_REALTIME); }

    std::uint64_t random() noexcept override {
        std::uint64_t bits = 0;
        const auto got = uninterrupted([&bits] { return ::getrandom(&bits, sizeof bits, GRND_NONBLOCK); });
        if (got == sizeof bits) return bits;
        // Early at boot, or in a sandbox: what an outsider does not know of this process and moment.
        const auto place = reinterpret_cast<std::uintptr_t>(&bits);
        const auto time = static_cast<std::uint64_t>(nanoseconds(CLOCK_REALTIME));
        return mixed(mixed(time) ^ mixed(place + static_cast<std::uint64_t>(nanoseconds(CLOCK_MONOTONIC))));
    }

private:
    /// Moves bytes by as many calls as it takes, up to the end of the file or the `end` that it must not pass.
    template <typename Call>
    static std::int64_t moved(std::size_t size, std::uint64_t offset, std::uint64_t end, Call call) noexcept {
        if (size != 0 && offset >= end) return -EFBIG;
        std::size_t done = 0;
        while (done < size && offset + done < end) {
            const auto at = offset + done;
            const auto count = clipped(size - done, at, end);
            const auto now = uninterrupted([&] { return call(done, count, static_cast<off_t>(at)); });
            if (now < 0 && done == 0) return now;
            if (now <= 0) break;
            done += static_cast<std::size_t>(now);
        }
        return static_cast<std::int64_t>(done);
    }

    /// Gives a file real blocks from its end `before` up to `size`.
    int lengthen(int fd, std::uint64_t before, std::uint64_t size) noexcept {
        if (size > std::min<std::uint64_t>(size_limit(), std::numeric_limits<off_t>::max())) return -EFBIG;
        int error = EINTR;
        // It starts anew when a signal interrupts it, and under a fast timer would never end.
        for (int tries = 0; error == EINTR && tries < 16; ++tries) {
            // Returns its error, and leaves errno alone.
            error = ::posix_fallocate(fd, static_cast<off_t>(before), static_cast<off_t>(size - before));
        }
        const auto cannot = error == EOPNOTSUPP || error == EINVAL || error == EINTR;
        return cannot ? write_zeroes(fd, before, size) : -error;
    }

    int write_zeroes(int fd, std::uint64_t from, std::uint64_t to) noexcept {
        static constexpr std::array<std::byte, 65536> zeroes{};
        while (from < to) {
            const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(zeroes.size(), to - from));
            const auto written = write_at(fd, zeroes.data(), count, from);
            if (written <= 0) return written < 0 ? static_cast<int>(written) : -ENOSPC;
            from += static_cast<std::uint64_t>(written);
        }
        return 0;
    }
};

}  // namespace

operating_system& this_system() noexcept {
    // In place and never destroyed, so that what logs after `main` still has it.
    alignas(posix_system) static std::byte place[sizeof(posix_system)];
    static auto* const only = new (place) posix_system;
    return *only;
}

}  // namespace logferry::journal
