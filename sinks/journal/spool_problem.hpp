// Words for what is wrong with a spool.
#pragma once

#include <journal/operating_system.hpp>
#include <journal/spool_directory.hpp>

namespace logferry::journal {

/// Of an errno value, with or without its sign changed.
[[nodiscard]] spool_problem problem_of(int error);

/// Why a directory is none to keep records in; null when it is one.
[[nodiscard]] const char* distrust_of_directory(const file_status& is) noexcept;

}  // namespace logferry::journal
