// Writes what lies in a spool, from docs/spool-format.md alone: it shares no code with the library, so that neither
// hides the other's mistakes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logferry::journal::spool_writer {

using bytes = std::vector<std::byte>;

/// CRC-32C, a bit at a time.
inline std::uint32_t crc(std::uint32_t before, std::span<const std::byte> data) {
    auto state = ~before;
    for (const auto byte : data) {
        state ^= static_cast<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ (state & 1 ? 0x82f63b78u : 0u);
    }
    return ~state;
}

/// Puts a number at a place, the lowest byte first.
inline void put(bytes& to, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) to[at + i] = static_cast<std::byte>(value >> (8 * i));
}
inline void put(bytes& to, std::size_t at, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) to[at + i] = static_cast<std::byte>(text[i]);
}

inline std::string hex(std::uint64_t value) {
    std::string digits(16, '0');
    for (std::size_t i = 16; i > 0; --i, value >>= 4) digits[i - 1] = "0123456789abcdef"[value & 15];
    return digits;
}

/// A segment file.
class segment {
public:
    std::uint64_t journal_id = 0x1122334455667788;
    std::uint64_t created = 0;
    std::uint64_t number = 0;
    std::uint64_t salt = 0x5a17'0000'0000'0001;
    std::uint32_t version = 1;

    segment(std::uint64_t of, std::uint64_t at, std::size_t size = 64 * 1024)
        : created(of), number(at), size_(size), records_(size) {}

    /// A record as it is when its log call has returned; its offset.
    std::size_t record(std::string_view text) {
        const auto at = head(text.size(), committed);
        put(records_, at + 16, text);
        put(records_, at + 8, crc(guard(at, text.size()), std::span(records_).subspan(at + 16, text.size())), 4);
        return at;
    }
    /// As it is when its producer died while it wrote.
    std::size_t unfinished(std::size_t length, std::string_view written = {}) {
        const auto at = head(length, in_progress);
        put(records_, at + 16, written);
        return at;
    }
    std::size_t padding(std::size_t length) { return head(length, pad); }
    /// As it is when its producer died before it wrote anything.
    void unclaimed(std::size_t length) { end_ += stride(length); }
    /// Bytes as they come, at the next place.
    void raw(std::string_view text) {
        put(records_, end_, text);
        end_ += stride(text.size()) - 16;
    }

    [[nodiscard]] std::size_t end() const { return end_; }
    [[nodiscard]] std::size_t room() const { return size_ - end_; }
    [[nodiscard]] std::string name() const { return hex(created) + "-" + hex(number) + ".segment"; }

    [[nodiscard]] bytes file() const {
        bytes out(4096 + size_);
        put(out, 0, "erryseg1");
        put(out, 8, version, 4);
        put(out, 16, journal_id, 8);
        put(out, 24, created, 8);
        put(out, 32, number, 8);
        put(out, 40, size_, 8);
        put(out, 48, salt, 8);
        put(out, 60, crc(0, std::span(out).first(60)), 4);
        std::copy(records_.begin(), records_.end(), out.begin() + 4096);
        return out;
    }

    static std::size_t stride(std::size_t length) { return (16 + length + 15) / 16 * 16; }

private:
    static constexpr std::uint32_t in_progress = 1u << 31;
    static constexpr std::uint32_t pad = 1u << 30;
    static constexpr std::uint32_t committed = 1u << 29;

    [[nodiscard]] std::uint32_t guard(std::size_t at, std::size_t length) const {
        bytes place(20);
        put(place, 0, salt, 8);
        put(place, 8, at, 8);
        put(place, 16, length, 4);
        return crc(0, place);
    }
    std::size_t head(std::size_t length, std::uint32_t bits) {
        const auto at = end_;
        put(records_, at, length | bits, 4);
        put(records_, at + 4, guard(at, length), 4);
        end_ += stride(length);
        return at;
    }

    std::size_t size_;
    std::size_t end_ = 0;
    bytes records_;
};

/// A cursors file.
class cursors {
public:
    using ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

    explicit cursors(std::uint64_t created, std::uint32_t version = 1) : created_(created), file_(4096) {
        put(file_, 0, "errycur1");
        put(file_, 8, version, 4);
        put(file_, 16, created, 8);
        put(file_, 28, crc(0, std::span(file_).first(28)), 4);
    }

    /// One side of an entry.
    void page(std::size_t entry, std::size_t side, std::uint64_t sequence, std::string_view name,
              std::uint64_t settled_to, const ranges& settled = {}) {
        const auto at = 4096 * (1 + 2 * entry + side);
        if (file_.size() < 4096 * (3 + 2 * entry)) file_.resize(4096 * (3 + 2 * entry));
        put(file_, at + 4, name.size(), 2);
        put(file_, at + 6, settled.size(), 2);
        put(file_, at + 8, sequence, 8);
        put(file_, at + 16, settled_to, 8);
        put(file_, at + 32, name);
        for (std::size_t i = 0; i < settled.size(); ++i) {
            put(file_, at + 288 + 16 * i, settled[i].first, 8);
            put(file_, at + 296 + 16 * i, settled[i].second, 8);
        }
        bytes place(16);
        put(place, 0, created_, 8);
        put(place, 8, entry, 8);
        put(file_, at, crc(crc(0, place), std::span(file_).subspan(at + 4, 284 + 16 * settled.size())), 4);
    }

    [[nodiscard]] std::string name() const { return hex(created_) + ".cursors"; }
    [[nodiscard]] const bytes& file() const { return file_; }

private:
    std::uint64_t created_;
    bytes file_;
};

}  // namespace logferry::journal::spool_writer
