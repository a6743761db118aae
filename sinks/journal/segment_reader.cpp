#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <journal/segment_reader.hpp>

#include "read_fully.hpp"

namespace logferry::journal {

namespace {

// A segment file is no larger.
constexpr std::uint64_t largest_file = segment_file_head + 256 * 1024 * 1024;

// Most that one call looks at to find anything.
constexpr std::uint64_t most_bytes_a_call = 8 * 1024 * 1024;

// What opening a file counts for.
constexpr std::uint64_t effort_of_opening = 64 * 1024;

record_head load_head(const std::byte* from) noexcept {
    record_head head;
    std::memcpy(&head, from, sizeof head);
    return head;
}

std::uint32_t guard_in(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state >> 32); }
std::uint32_t size_in(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state) & size_mask; }
std::uint32_t bits_in(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state) & ~size_mask; }

}  // namespace

// Opening -----------------------------------------------------------------------------------------------------------

segment_reader::opened segment_reader::open(const spool_slot& slot, const char* name) noexcept {
    close();
    error_ = 0;
    effort_ += effort_of_opening;
    os_ = &slot.os();
    const int file = slot.open(name);
    if (file < 0) {
        error_ = -file;
        return opened::failed;
    }
    file_.store(file, std::memory_order_relaxed);
    const auto state = examine_file();
    if (state != opened::good) close();
    return state;
}

segment_reader::opened segment_reader::examine_file() noexcept {
    std::memset(static_cast<void*>(&header_), 0, sizeof header_);
    std::size_t count = 0;
    int error = read_fully(*os_, file_, &header_, sizeof header_, 0, count);
    if (error != 0) return fail_to_open(error);
    switch (examine(header_)) {
        case header_state::blank:
            return examine_blank();
        case header_state::newer:
            return opened::newer;
        case header_state::damaged:
            return opened::damaged;
        case header_state::good:
            break;
    }
    size_ = header_.segment_size;
    offset_ = found_at_ = begin_ = filled_ = 0;
    searching_ = false;
    return opened::good;
}

/// A head that is blank in front of anything has lost what was in it.
segment_reader::opened segment_reader::examine_blank() noexcept {
    std::array<std::byte, 16 * 1024> piece;
    for (std::uint64_t at = 0; at < largest_file; at += piece.size()) {
        std::size_t count = 0;
        if (const int error = read_fully(*os_, file_, piece.data(), piece.size(), at, count))
            return fail_to_open(error);
        effort_ += count;
        const auto end = piece.begin() + static_cast<std::ptrdiff_t>(count);
        if (std::any_of(piece.begin(), end, [](std::byte b) { return b != std::byte{0}; })) return opened::damaged;
        if (count < piece.size()) return opened::blank;
    }
    return opened::damaged;
}

segment_reader::opened segment_reader::fail_to_open(int error) noexcept {
    error_ = -error;
    return opened::failed;
}

void segment_reader::close() noexcept {
    if (const int file = file_.exchange(-1, std::memory_order_relaxed); file >= 0) os_->close(file);
}

std::uint64_t segment_reader::allocated() const noexcept {
    file_status is;
    return os_->status(file_, is) == 0 ? is.allocated : 0;
}

void segment_reader::release() noexcept {
    buffer_.reset();
    capacity_ = filled_ = 0;
}

// Reading -----------------------------------------------------------------------------------------------------------

void segment_reader::reserve(std::size_t size) {
    if (size <= capacity_) return;
    release();
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(size);
    capacity_ = size;
}

/// Has the buffer hold `size` bytes, or all up to the end of the file, and reads as much as `ahead` when it must read
/// anyway.
bool segment_reader::fetch(std::uint64_t at, std::size_t size, std::size_t ahead) {
    size = std::min(size, static_cast<std::size_t>(size_ - at));
    if (at >= begin_ && at + size <= begin_ + filled_) return true;
    const auto want = std::min(std::max(size, ahead), static_cast<std::size_t>(size_ - at));
    reserve(want);
    begin_ = at;
    filled_ = 0;
    const int error = read_fully(*os_, file_, buffer_.get(), want, segment_file_head + at, filled_);
    effort_ += filled_;
    if (error != 0) {
        error_ = -error;
        return filled_ >= size;
    }
    if (filled_ < want) size_ = at + filled_;
    return true;
}

void segment_reader::pass_unreadable() noexcept {
    if (begin_ == offset_ && filled_ >= sizeof(record_head)) {
        // The head could be read: then the record is all there is to pass.
        const auto state = load_head(bytes(offset_)).state;
        if (is_proven(state)) {
            offset_ += stride(size_in(state));
            return;
        }
    }
    const auto bad = begin_ + filled_;
    offset_ = std::min(size_, (bad + slice) & ~std::uint64_t{alignment - 1});
    searching_ = true;
}

void segment_reader::skip_unwritten() noexcept {
    const auto end = begin_ + filled_;
    while (offset_ + sizeof(record_head) <= end && load_head(bytes(offset_)).state == 0) offset_ += alignment;
}

/// The record at `offset_` is where it was claimed and as long.
bool segment_reader::is_proven(std::uint64_t state) const noexcept {
    const auto size = size_in(state);
    if (size > largest_record_ || stride(size) > header_.segment_size - offset_) return false;
    return guard_in(state) == guard_of(header_.salt, offset_, size);
}

/// The proven, committed record at `offset_`, which is in the buffer, is as it was committed. Sets `data_`.
bool segment_reader::is_whole(std::uint64_t state) {
    const auto size = size_in(state);
    if (begin_ + filled_ < offset_ + sizeof(record_head) + size) return false;
    const auto* const head = bytes(offset_);
    data_ = {head + sizeof(record_head), size};
    return load_head(head).checksum == checksum_of(guard_in(state), data_);
}

segment_reader::found segment_reader::report(found what, std::size_t pass) noexcept {
    found_at_ = offset_;
    offset_ += pass;
    return what;
}

segment_reader::found segment_reader::end() noexcept {
    const bool cut = size_ < header_.segment_size && !searching_;
    if (!cut) return report(found::end, 0);
    searching_ = true;  // so that it is said once
    return report(found::damage, 0);
}

segment_reader::found segment_reader::next() {
    const auto limit = effort_ + most_bytes_a_call;
    for (;;) {
        if (effort_ >= limit) return report(found::more, 0);
        if (offset_ + sizeof(record_head) > size_) return end();
        if (!fetch(offset_, sizeof(record_head), slice)) return report(found::unreadable, 0);
        skip_unwritten();
        if (offset_ + sizeof(record_head) > begin_ + filled_) continue;

        const auto state = load_head(bytes(offset_)).state;
        const auto bits = bits_in(state);
        if (!is_proven(state) || (searching_ && bits != committed)) {
            if (!std::exchange(searching_, true)) return report(found::damage, alignment);
            offset_ += alignment;
            continue;
        }
        const auto pass = stride(size_in(state));
        if (bits == in_progress) return report(found::unfinished, pass);
        if (bits == padding) {
            offset_ += pass;
            continue;
        }
        if (bits == committed) {
            if (!fetch(offset_, sizeof(record_head) + size_in(state), slice)) return report(found::unreadable, 0);
            if (is_whole(state)) {
                searching_ = false;
                return report(found::record, pass);
            }
        }
        if (!searching_) return report(found::corrupt, pass);
        // Whoever knows the salt can have one check begin behind the other.
        effort_ += size_in(state);
        offset_ += alignment;
    }
}

bool segment_reader::read(std::uint64_t at) {
    const auto back = std::exchange(offset_, at);
    bool whole = false;
    if (at + sizeof(record_head) <= size_ && fetch(at, sizeof(record_head), sizeof(record_head)) &&
        at + sizeof(record_head) <= size_) {
        const auto state = load_head(bytes(at)).state;
        whole = bits_in(state) == committed && is_proven(state) && fetch(at, sizeof(record_head) + size_in(state), 0) &&
                is_whole(state);
    }
    offset_ = back;
    return whole;
}

}  // namespace logferry::journal
