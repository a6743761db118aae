// What is made of failures that may say nothing about a file.
#pragma once

#include <cerrno>

namespace logferry::journal {

/// What the process lacks at present: an errno value. The file may be as good as any.
[[nodiscard]] constexpr bool is_shortage(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS || error == EAGAIN ||
           error == EINTR;
}

/// How often bytes that cannot be read are asked for.
inline constexpr unsigned most_tries = 3;

}  // namespace logferry::journal
