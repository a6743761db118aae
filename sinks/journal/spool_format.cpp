#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include <journal/checksum.hpp>
#include <journal/spool_format.hpp>

namespace logferry::journal {

static_assert(std::endian::native == std::endian::little, "what lies in a spool is little-endian");

namespace {

constexpr std::string_view segment_suffix = ".segment";
constexpr std::string_view cursors_suffix = ".cursors";
constexpr std::size_t digits = 16;

std::uint32_t checksum_of(const segment_file_header& header) noexcept {
    return crc32c(0, &header, offsetof(segment_file_header, checksum));
}

/// Every position in the segment is a number of 64 bits, and every offset one of 32.
bool sizes_fit(const segment_file_header& header) noexcept {
    const auto size = header.segment_size;
    return size >= sizeof(record_head) && size <= most_segment_size && size % alignment == 0 &&
           header.number < std::numeric_limits<std::uint64_t>::max() / size;
}

void append_hex(std::string& to, std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) to += "0123456789abcdef"[value >> shift & 0xf];
}

/// Takes 16 digits off the front of `text`. Only the digits that `append_hex` writes.
std::optional<std::uint64_t> take_hex(std::string_view& text) noexcept {
    const auto front = text.substr(0, digits);
    if (front.size() != digits || front.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
    std::uint64_t value = 0;
    std::from_chars(front.data(), front.data() + digits, value, 16);
    text.remove_prefix(digits);
    return value;
}

}  // namespace

void seal(segment_file_header& header) noexcept { header.checksum = checksum_of(header); }

header_state examine(const segment_file_header& header) noexcept {
    static constexpr segment_file_header known;
    static constexpr std::array<std::byte, sizeof header> zeroes{};
    if (std::memcmp(&header, zeroes.data(), sizeof header) == 0) return header_state::blank;
    if (header.magic != known.magic || header.checksum != checksum_of(header)) return header_state::damaged;
    if (header.version > spool_version) return header_state::newer;
    if (header.version != spool_version || header.salt == 0 || !sizes_fit(header)) return header_state::damaged;
    return header_state::good;
}

std::uint32_t guard_of(std::uint64_t salt, std::uint64_t offset, std::uint32_t size) noexcept {
    struct {
        std::uint64_t salt;
        std::uint64_t offset;
        std::uint32_t size;
    } const place{salt, offset, size};
    return crc32c(0, &place, offsetof(decltype(place), size) + sizeof size);
}

std::uint32_t checksum_of(std::uint32_t guard, std::span<const std::byte> payload) noexcept {
    return crc32c(guard, payload.data(), payload.size());
}

std::string segment_name(std::uint64_t created, std::uint64_t number) {
    std::string name;
    name.reserve(2 * digits + 1 + segment_suffix.size());
    append_hex(name, created);
    name += '-';
    append_hex(name, number);
    name += segment_suffix;
    return name;
}

std::string cursors_name(std::uint64_t created) {
    std::string name;
    append_hex(name, created);
    name += cursors_suffix;
    return name;
}

std::optional<spool_name> parse_name(std::string_view name) noexcept {
    const auto created = take_hex(name);
    if (!created) return {};
    if (name == cursors_suffix) return spool_name{spool_name::kind::cursors, *created, 0};
    if (name.substr(0, 1) != "-") return {};
    name.remove_prefix(1);
    const auto number = take_hex(name);
    if (!number || name != segment_suffix) return {};
    return spool_name{spool_name::kind::segment, *created, *number};
}

}  // namespace logferry::journal
