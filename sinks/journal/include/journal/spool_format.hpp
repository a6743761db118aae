// What lies in a spool: the head of a segment file, names, and the two check words of a record. docs/spool-format.md
// says the same for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <journal/segment.hpp>

namespace logferry::journal {

inline constexpr std::uint32_t spool_version = 1;

/// Bytes in front of a segment's records; a segment file is this much longer than a segment.
inline constexpr std::size_t segment_file_head = 4096;

/// The largest segment that is believed.
inline constexpr std::size_t most_segment_size = std::size_t{1} << 30;

/// The first bytes of a segment file, little-endian. The rest of the head is zero.
struct segment_file_header {
    std::uint64_t magic = 0x31676573'79727265;  // "erryseg1"
    std::uint32_t version = spool_version;
    std::uint32_t reserved = 0;
    /// The journal that the segment belongs to, as in `record_id`.
    std::uint64_t journal_id = 0;
    /// When that journal was opened: nanoseconds since the Unix epoch. Orders journals.
    std::uint64_t created = 0;
    /// The segment's number in it, from 0 on. Orders segments.
    std::uint64_t number = 0;
    /// Bytes for records.
    std::uint64_t segment_size = 0;
    /// Random, never 0: seeds the check words, so that nobody can write a text that looks like a record.
    std::uint64_t salt = 0;
    std::uint32_t zero = 0;
    /// CRC-32C of all before.
    std::uint32_t checksum = 0;
};
static_assert(sizeof(segment_file_header) == 64);

/// Fills in the checksum.
void seal(segment_file_header& header) noexcept;

enum class header_state : std::uint8_t {
    good,
    blank,  ///< all zero: nothing was ever written behind it
    newer,  ///< whole, and of a version that this release does not know
    damaged,
};
[[nodiscard]] header_state examine(const segment_file_header& header) noexcept;

/// The first check word of a record: tells whether its length and place are what they were when it was claimed. Written
/// with the claim, by the producer.
[[nodiscard]] std::uint32_t guard_of(std::uint64_t salt, std::uint64_t offset, std::uint32_t size) noexcept;

/// The second one: tells whether its bytes are what they were when it was committed.
[[nodiscard]] std::uint32_t checksum_of(std::uint32_t guard, std::span<const std::byte> payload) noexcept;

/// The state word's upper half is the guard.
[[nodiscard]] constexpr std::uint64_t state_word(std::uint32_t guard, std::uint32_t state) noexcept {
    return std::uint64_t{guard} << 32 | state;
}

// Names. `created` and `number` as 16 hexadecimal digits each, so that the order of names is the order of records.

[[nodiscard]] std::string segment_name(std::uint64_t created, std::uint64_t number);
[[nodiscard]] std::string cursors_name(std::uint64_t created);

struct spool_name {
    enum class kind : std::uint8_t { segment, cursors };
    kind what;
    std::uint64_t created;
    std::uint64_t number;
};
/// Nothing for a name that logferry does not give.
[[nodiscard]] std::optional<spool_name> parse_name(std::string_view name) noexcept;

}  // namespace logferry::journal
