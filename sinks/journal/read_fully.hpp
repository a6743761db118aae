// Reads that the system may give piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>

#include <journal/operating_system.hpp>

namespace logferry::journal {

/// Adds to `count` the bytes read, `size` of them or as many as the file has there: 0, or an errno value with its sign
/// changed.
inline int read_fully(operating_system& os, int file, void* to, std::size_t size, std::uint64_t offset,
                      std::size_t& count) noexcept {
    for (std::size_t done = 0; done < size;) {
        const auto got = os.read_at(file, static_cast<std::byte*>(to) + done, size - done, offset + done);
        if (got < 0) return static_cast<int>(got);
        if (got == 0) return 0;
        done += static_cast<std::size_t>(got);
        count += static_cast<std::size_t>(got);
    }
    return 0;
}

}  // namespace logferry::journal
