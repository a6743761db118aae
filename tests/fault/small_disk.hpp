// A disk that is soon full, and limits of the system that a running program is given.
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <filesystem>

#include "program.hpp"
#include "spool_fault.hpp"

namespace logferry::fault {

/// A limit of a program that runs, until the end of the object or the program's.
class limit {
public:
    limit(const program& of, int what, rlim_t most);
    ~limit() { lift(); }
    limit(const limit&) = delete;
    limit& operator=(const limit&) = delete;
    void lift();

private:
    const pid_t pid_;
    const __rlimit_resource what_;
    rlimit before_{};
    bool lifted_ = false;
};

/// A tmpfs of 2 MiB and 64 files that only this thread and the programs it starts can see. Where mounting is not
/// permitted it is a directory like any other, and "full" is a program's limit for the size of its files.
class small_disk {
public:
    small_disk();
    ~small_disk();
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return place_.path(); }
    [[nodiscard]] bool real() const noexcept { return mounted_; }

    /// Takes the room that is left.
    void fill(const program& seen_by);
    /// Takes all names that files can still have. Only on a real one.
    void use_up_names();
    void make_room();
    /// No program may have a file on it.
    void make_read_only(bool now);

private:
    temporary_directory place_;
    bool mounted_ = false;
    std::unique_ptr<limit> instead_;
};

}  // namespace logferry::fault
