// Runs another program to its end.
#pragma once

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace logferry::support {

/// Its wait status. It has the environment of this process, but `asan_options` for AddressSanitizer's.
///
/// It is spawned rather than forked: between a fork and an exec nothing may be allocated where other threads run.
[[nodiscard]] inline int run_program(std::vector<std::string> arguments, std::string asan_options) {
    constexpr std::string_view name = "ASAN_OPTIONS=";
    asan_options.insert(0, name);
    std::vector<char*> variables{asan_options.data()};
    for (char** each = environ; *each != nullptr; ++each) {
        if (std::string_view(*each).substr(0, name.size()) != name) variables.push_back(*each);
    }
    variables.push_back(nullptr);
    std::vector<char*> raw;
    for (auto& each : arguments) raw.push_back(each.data());
    raw.push_back(nullptr);
    pid_t child = -1;
    const int error = ::posix_spawn(&child, raw.front(), nullptr, nullptr, raw.data(), variables.data());
    if (error != 0) throw std::system_error(error, std::generic_category(), raw.front());
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace logferry::support
