// A segment's slot, the head of a record in it, and the memory that segments are made of.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace logferry::journal {

/// In front of every record. `state` is 0 where nothing was ever written; its lower half holds the size and the bits
/// below, its upper half, in a spool, what proves them (spool_format.hpp).
struct record_head {
    std::uint64_t state;
    /// In a spool, of the payload.
    std::uint32_t checksum;
    std::uint32_t zero;
};
static_assert(sizeof(record_head) == 16);

inline constexpr std::uint32_t in_progress = 1u << 31;
inline constexpr std::uint32_t padding = 1u << 30;
// A bit of its own, so that an empty record is not taken for room where nothing was ever written.
inline constexpr std::uint32_t committed = 1u << 29;
inline constexpr std::uint32_t size_mask = committed - 1;

/// Records start at multiples of this, which also keeps neighbouring producers mostly out of each other's cache lines.
inline constexpr std::size_t alignment = 16;

[[nodiscard]] constexpr std::size_t stride(std::size_t record_size) noexcept {
    return (sizeof(record_head) + record_size + alignment - 1) & ~(alignment - 1);
}

/// A tail counts bytes in its low 40 bits and records above them, so that one atomic add does both.
struct tail_word {
    static constexpr int count_shift = 40;
    static constexpr std::uint64_t one_record = std::uint64_t{1} << count_shift;

    std::uint64_t word;
    [[nodiscard]] constexpr std::uint64_t offset() const noexcept { return word & (one_record - 1); }
    [[nodiscard]] constexpr std::uint64_t records() const noexcept { return word >> count_shift; }
};

/// The slot of one segment number at a time; see journal.hpp. The tail has a cache line pair of its own: what the
/// reader looks at for every record is not what every producer writes to.
struct alignas(128) segment {
    static constexpr std::uint64_t not_sealed = ~std::uint64_t{0};
    // A tail that every reservation overshoots: the slot's state while no number is open in it. A quarter of what the
    // offset can hold, so that closing may shut what is shut.
    static constexpr std::uint64_t shut = tail_word::one_record / 4;

    std::atomic<std::uint64_t> tail{shut};
    alignas(128) std::atomic<std::uint64_t> number{0};
    /// The tail at which the records end, once known.
    std::atomic<std::uint64_t> sealed{not_sealed};
    std::byte* data = nullptr;
    /// Seeds the check words of the segment's records; 0 when it lies in memory only, where they are left out.
    std::uint64_t salt = 0;
    /// The consumer's own: the pages of `data` are known to be present.
    bool warm = false;
};

/// Equal blocks of zeroed memory out of one piece of address space. A block that is given back is wiped: by hand while
/// few are kept warm, else by giving its pages back to the system. A cold block costs address space only.
///
/// Thread rule: one thread, the journal's consumer.
class block_pool {
public:
    /// Throws `std::bad_alloc`.
    block_pool(std::size_t block_size, std::size_t count);
    ~block_pool();
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] bool any_warm() const noexcept { return !warm_.empty(); }
    [[nodiscard]] bool any_cold() const noexcept { return !cold_.empty(); }
    /// A block of zeroes whose pages are present; there must be one.
    [[nodiscard]] std::byte* take_warm() noexcept;
    /// A block of zeroes without pages; there must be one.
    [[nodiscard]] std::byte* take_cold() noexcept;
    /// A cold one, or else a warm one; there must be one.
    [[nodiscard]] std::byte* take_any() noexcept { return any_cold() ? take_cold() : take_warm(); }
    /// A cold block that nobody has written to.
    void give_back_cold(std::byte* block) noexcept { cold_.push_back(block); }
    /// How many blocks `give_back` keeps warm; 2 at first.
    void keep_warm(std::size_t count) noexcept { most_warm_ = count; }
    /// `used` bytes from the start may have been written.
    void give_back(std::byte* block, std::size_t used) noexcept;
    /// Makes the block's pages present, so that its first writer takes no page fault. The block may be in use.
    void prefault(std::byte* block) noexcept;
    /// Gives a block's pages back to the system; it reads as zeroes.
    void chill(std::byte* block) noexcept;
    /// Gives the pages of all free blocks back to the system.
    void trim() noexcept;

private:
    std::size_t block_size_;
    std::size_t count_;
    std::size_t most_warm_ = 2;
    std::byte* base_;
    std::vector<std::byte*> warm_;  // pages present, zeroed by hand
    std::vector<std::byte*> cold_;  // no pages
};

}  // namespace logferry::journal
