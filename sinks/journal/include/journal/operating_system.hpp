// What the spool asks of the operating system, all of it in one place, so that a test can refuse any call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace logferry::journal {

/// What is known of an open file.
struct file_status {
    enum class type : std::uint8_t { regular, directory, other };
    type what = type::other;
    /// Permission bits only.
    unsigned mode = 0;
    bool owned_by_us = false;
    std::uint64_t names = 0;
    std::uint64_t size = 0;
    /// Bytes on the device that are the file's.
    std::uint64_t allocated = 0;
};

/// Every call returns what it is documented to return, or an errno value with its sign changed. Names are relative to
/// an open directory and never followed when they are symbolic links. Descriptors are closed by an exec.
///
/// Thread rule: any thread, except that one object is not changed by two threads at once.
class operating_system {
public:
    virtual ~operating_system() = default;

    /// A descriptor. `at` is `here` for a path of the process.
    virtual int open_directory(int at, const char* name) noexcept = 0;
    /// 0. Mode 0700; `-EEXIST` when there is something of that name.
    virtual int make_directory(int at, const char* name) noexcept = 0;
    /// A descriptor to a new file, mode 0600, for reading and writing; `-EEXIST` when there is something of that name.
    virtual int create_file(int at, const char* name) noexcept = 0;
    /// A descriptor for reading and writing. Does not wait for the other end of a FIFO.
    virtual int open_file(int at, const char* name) noexcept = 0;
    /// Async-signal-safe.
    virtual void close(int fd) noexcept = 0;
    /// 0.
    virtual int status(int fd, file_status& out) noexcept = 0;
    /// Whether the directory lies on a file system that another machine serves: 0, 1.
    virtual int on_network(int fd) noexcept = 0;

    /// Lengthens a file to `size` bytes by real blocks that read as zero: 0. A longer one stays as it is. Where the
    /// file system cannot allocate, zeroes are written. When it fails the file is as long as before. Fails instead of
    /// raising SIGXFSZ.
    virtual int allocate(int fd, std::uint64_t size) noexcept = 0;
    /// Gives back the blocks from `offset` on, which read as zero then; the size stays: 0.
    virtual int give_back(int fd, std::uint64_t offset) noexcept = 0;
    /// Bytes read or written; fewer at the end of the file, or of the room. Fails instead of raising SIGXFSZ.
    virtual std::int64_t read_at(int fd, void* to, std::size_t size, std::uint64_t offset) noexcept = 0;
    virtual std::int64_t write_at(int fd, const void* from, std::size_t size, std::uint64_t offset) noexcept = 0;
    /// The file's data is on the device: 0. For a directory: its names are.
    virtual int sync(int fd) noexcept = 0;

    /// Maps the first `size` bytes, shared, for reading and writing; a forked child does not have the mapping: 0.
    virtual int map(int fd, std::size_t size, std::byte*& at) noexcept = 0;
    virtual void unmap(std::byte* at, std::size_t size) noexcept = 0;
    /// Makes the pages of a mapping present and writable, so that the first store takes no page fault: 0.
    virtual int populate(std::byte* at, std::size_t size) noexcept = 0;

    /// An exclusive lock that ends with the last descriptor of this opening: 0; `-EWOULDBLOCK` when somebody has it.
    virtual int lock(int fd) noexcept = 0;
    /// 0. Replaces what has the new name.
    virtual int rename(int from_at, const char* from, int to_at, const char* to) noexcept = 0;
    /// 0. Of a file.
    virtual int remove(int at, const char* name) noexcept = 0;
    /// Puts all names of the directory but `.` and `..` into `names`, in no order: 0. Throws `std::bad_alloc`.
    virtual int list(int fd, std::vector<std::string>& names) = 0;

    /// Nanoseconds since the Unix epoch.
    virtual std::int64_t wall_clock() noexcept = 0;
    /// Not to be guessed.
    virtual std::uint64_t random() noexcept = 0;

    static constexpr int here = -100;  // AT_FDCWD
};

/// The one that the process runs on. Never destroyed.
[[nodiscard]] operating_system& this_system() noexcept;

}  // namespace logferry::journal
