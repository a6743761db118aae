// For tests of what meets the real operating system: a directory of their own, and children that try what the test
// program itself would not live through.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>

namespace logferry::journal {

/// Removed with all that it holds.
class temporary_directory {
public:
    temporary_directory() {
        auto pattern = testing::TempDir() + "journal_XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    ~temporary_directory() {
        std::error_code none;
        std::filesystem::remove_all(path_, none);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// Forks; the child runs `body` and ends. Its failed expectations are its exit code's.
template <typename Body>
pid_t start_child(Body body) {
    std::fflush(nullptr);
    const auto child = ::fork();
    if (child < 0) throw std::runtime_error("no child");
    if (child != 0) return child;
    body();
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
}

inline void expect_success(pid_t child) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_FALSE(WIFSIGNALED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "see above what failed in the child";
}

template <typename Body>
void in_child(Body body) {
    expect_success(start_child(body));
}

/// Of this process.
inline std::set<int> open_descriptors() {
    std::set<int> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        all.insert(std::stoi(entry.path().filename()));
    }
    // The one that the directory was read by is closed by now.
    std::erase_if(all, [](int fd) { return ::fcntl(fd, F_GETFD) < 0; });
    return all;
}

}  // namespace logferry::journal
