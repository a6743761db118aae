#include <array>
#include <cstring>

#include <journal/checksum.hpp>

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace logferry::journal {

namespace {

// The polynomial with its bits reversed, as everything here: the lowest bit is the highest power.
constexpr std::uint32_t polynomial = 0x82f63b78;

constexpr std::uint32_t times_x(std::uint32_t value) noexcept { return (value >> 1) ^ (value & 1 ? polynomial : 0); }

template <typename Word>
Word load(const std::byte* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// Table i takes a byte that i more bytes follow.
using tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr tables make_tables() noexcept {
    tables made{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        auto value = byte;
        for (int bit = 0; bit < 8; ++bit) value = times_x(value);
        made[0][byte] = value;
    }
    for (std::size_t table = 1; table < made.size(); ++table) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const auto before = made[table - 1][byte];
            made[table][byte] = (before >> 8) ^ made[0][before & 0xff];
        }
    }
    return made;
}

constexpr tables table = make_tables();

#if defined(__x86_64__)

// The instruction takes 3 cycles but one can start every cycle, so three lanes of a block go side by side.
constexpr std::size_t lane = 64;

// What a lane's state is multiplied by when `bytes` follow it. The multiplication of two reversed numbers and the
// division by the polynomial add 33 powers of x of their own.
constexpr std::uint32_t moved_by(std::size_t bytes) noexcept {
    auto value = std::uint32_t{1} << 31;
    for (std::size_t power = 33; power < 8 * bytes; ++power) value = times_x(value);
    return value;
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t block(std::uint32_t state, const std::byte* data) noexcept {
    std::uint64_t first = state;
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t at = 0; at < lane; at += 8) {
        first = _mm_crc32_u64(first, load<std::uint64_t>(data + at));
        second = _mm_crc32_u64(second, load<std::uint64_t>(data + lane + at));
        third = _mm_crc32_u64(third, load<std::uint64_t>(data + 2 * lane + at));
    }
    const auto ends = _mm_set_epi64x(static_cast<long long>(second), static_cast<long long>(first));
    const auto factors = _mm_set_epi64x(moved_by(lane), moved_by(2 * lane));
    const auto moved =
        _mm_xor_si128(_mm_clmulepi64_si128(ends, factors, 0x00), _mm_clmulepi64_si128(ends, factors, 0x11));
    return static_cast<std::uint32_t>(_mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(moved))) ^ third);
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t by_processor(std::uint32_t before, const std::byte* data,
                                                                    std::size_t size) noexcept {
    auto state = ~before;
    for (; size >= 3 * lane; data += 3 * lane, size -= 3 * lane) state = block(state, data);
    for (; size >= 8; data += 8, size -= 8) {
        state = static_cast<std::uint32_t>(_mm_crc32_u64(state, load<std::uint64_t>(data)));
    }
    if (size & 4) {
        state = _mm_crc32_u32(state, load<std::uint32_t>(data));
        data += 4;
    }
    for (size &= 3; size > 0; ++data, --size) state = _mm_crc32_u8(state, load<std::uint8_t>(data));
    return ~state;
}

// Found out by the compiler's start-up code. Before that has run this is false, and the table gives the same answer.
bool processor_can() noexcept { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"); }

#elif defined(__ARM_FEATURE_CRC32)

std::uint32_t by_processor(std::uint32_t before, const std::byte* data, std::size_t size) noexcept {
    auto state = ~before;
    for (; size >= 8; data += 8, size -= 8) state = __crc32cd(state, load<std::uint64_t>(data));
    for (; size > 0; ++data, --size) state = __crc32cb(state, load<std::uint8_t>(data));
    return ~state;
}

constexpr bool processor_can() noexcept { return true; }

#else

std::uint32_t by_processor(std::uint32_t before, const std::byte* data, std::size_t size) noexcept {
    return crc32c_by_table(before, data, size);
}

constexpr bool processor_can() noexcept { return false; }

#endif

}  // namespace

std::uint32_t crc32c_by_table(std::uint32_t before, const void* data, std::size_t size) noexcept {
    const auto* bytes = static_cast<const std::byte*>(data);
    auto state = ~before;
    for (; size >= 8; bytes += 8, size -= 8) {
        const auto word = load<std::uint64_t>(bytes) ^ state;
        state = 0;
        for (std::size_t i = 0; i < 8; ++i) state ^= table[7 - i][(word >> (8 * i)) & 0xff];
    }
    for (; size > 0; ++bytes, --size) state = (state >> 8) ^ table[0][(state ^ load<std::uint8_t>(bytes)) & 0xff];
    return ~state;
}

std::uint32_t crc32c(std::uint32_t before, const void* data, std::size_t size) noexcept {
    if (processor_can()) return by_processor(before, static_cast<const std::byte*>(data), size);
    return crc32c_by_table(before, data, size);
}

}  // namespace logferry::journal
