// CRC-32C, by the processor where it can.
#pragma once

#include <cstddef>
#include <cstdint>

namespace logferry::journal {

/// The CRC-32C (Castagnoli) of `size` bytes that follow what gave `before`; 0 for none. Keeps no state of its own and
/// may be called anywhere, also in a signal handler and before `main`.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t before, const void* data, std::size_t size) noexcept;

/// The same without the processor's help.
[[nodiscard]] std::uint32_t crc32c_by_table(std::uint32_t before, const void* data, std::size_t size) noexcept;

}  // namespace logferry::journal
