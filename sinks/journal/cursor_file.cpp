#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include <journal/checksum.hpp>
#include <journal/cursor_file.hpp>
#include <journal/spool_format.hpp>

#include "read_fully.hpp"
#include "shortage.hpp"

namespace logferry::journal {

namespace {

// All pages, the head too, begin at multiples of this, so that a write that is cut off damages one of them only.
constexpr std::size_t page_size = 4096;
constexpr std::size_t sides = 2;
constexpr std::int64_t write_again_after_ns = 1'000'000'000;

struct file_header {
    std::uint64_t magic = 0x31727563'79727265;  // "errycur1"
    std::uint32_t version = spool_version;
    std::uint32_t reserved = 0;
    std::uint64_t created = 0;
    std::uint32_t zero = 0;
    std::uint32_t checksum = 0;
};
static_assert(sizeof(file_header) == 32);

std::uint32_t checksum_of_head(const file_header& header) noexcept {
    return crc32c(0, &header, offsetof(file_header, checksum));
}

}  // namespace

// One side of an entry. Only as many ranges as there are lie in the file.
struct cursor_file::page {
    std::uint32_t checksum;
    std::uint16_t name_size;
    std::uint16_t ranges;
    std::uint64_t sequence;
    std::uint64_t settled_to;
    std::uint64_t zero;
    std::array<char, 256> name;
    std::array<position_range, most_ranges> settled;

    [[nodiscard]] std::size_t size() const noexcept { return offsetof(page, settled) + ranges * sizeof settled[0]; }
    [[nodiscard]] std::string_view name_view() const noexcept { return {name.data(), name_size}; }
};

bool cursor_file::is_zero(const page& of) noexcept {
    const auto bytes = std::as_bytes(std::span(&of, 1));
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

struct cursor_file::entry {
    std::string name;
    // Of the newer side, which the next save does not touch.
    std::uint64_t sequence = 0;
    std::size_t side = 0;
};

cursor_file::cursor_file(const spool_slot& slot, std::uint64_t created) : slot_(slot), created_(created) {
    try_to_open();
}

cursor_file::~cursor_file() { forget(); }

void cursor_file::forget() noexcept {
    if (const int file = file_.exchange(-1, std::memory_order_relaxed); file >= 0) slot_.os().close(file);
}

void cursor_file::try_to_open() noexcept {
    tried_at_ = slot_.os().wall_clock();
    try {
        last_error_ = open();
    } catch (const std::bad_alloc&) {
        forget();
        last_error_ = -ENOMEM;
    }
}

int cursor_file::open() {
    const auto name = cursors_name(created_);
    const int file = slot_.open(name.c_str());
    if (file == -ENOENT) return create(name);
    if (file < 0) return file;
    const int state = examine_head(file);
    if (state == 0) {
        file_ = file;
        last_error_ = 0;
        find_entries();
        return last_error_;
    }
    slot_.os().close(file);
    if (state != -EBADMSG) return state;
    if (const int error = slot_.remove(name.c_str()); error < 0) return error;
    return create(name);
}

int cursor_file::create(const std::string& name) {
    const int file = slot_.create(name.c_str());
    if (file < 0) return file;
    file_header header;
    header.created = created_;
    header.checksum = checksum_of_head(header);
    std::array<std::byte, page_size> head{};
    std::memcpy(head.data(), &header, sizeof header);
    file_ = file;
    if (const int error = write(head.data(), head.size(), 0); error < 0) {
        forget();
        slot_.remove(name.c_str());
        return error;
    }
    entries_.clear();
    return 0;
}

int cursor_file::examine_head(int file) const noexcept {
    file_header header;
    std::size_t size = 0;
    if (const int error = read_fully(slot_.os(), file, &header, sizeof header, 0, size); error < 0) return error;
    if (size != sizeof header || header.magic != file_header{}.magic) return -EBADMSG;
    if (header.checksum != checksum_of_head(header)) return -EBADMSG;
    if (header.version > spool_version) return -ENOTSUP;
    return header.version == spool_version && header.created == created_ ? 0 : -EBADMSG;
}

void cursor_file::find_entries() {
    file_status status;
    if (slot_.os().status(file_, status) < 0) return;
    // One whose second side is cut off counts too.
    const auto count = (status.size + page_size - 1) / (sides * page_size);
    entries_.resize(std::min<std::uint64_t>(count, most_entries));
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        bool any = false;
        for (std::size_t side = 0; side < sides; ++side) {
            page found;
            const int error = read(i, side, found);
            if (error != 0 && error != -EBADMSG) last_error_ = error;
            any = any || error != -EBADMSG || !is_zero(found);
            if (error != 0 || found.sequence <= entries_[i].sequence) continue;
            entries_[i] = {std::string(found.name_view()), found.sequence, side};
        }
        has_lost_a_name_ = has_lost_a_name_ || (any && entries_[i].sequence == 0);
    }
}

std::uint64_t cursor_file::bytes_for(std::size_t destinations) noexcept { return offset_of(destinations, 0); }

std::uint64_t cursor_file::offset_of(std::size_t index, std::size_t side) noexcept {
    return page_size * (1 + sides * index + side);
}

// The journal and the place in the file go along, so that a page that got elsewhere is not believed.
std::uint32_t cursor_file::checksum_of(std::size_t index, const page& of) const noexcept {
    const std::array<std::uint64_t, 2> place{created_, index};
    const auto begin = offsetof(page, name_size);
    return crc32c(crc32c(0, place.data(), sizeof place), &of.name_size, of.size() - begin);
}

int cursor_file::read(std::size_t index, std::size_t side, page& out) const noexcept {
    std::memset(static_cast<void*>(&out), 0, sizeof out);
    std::size_t size = 0;
    const int error = read_fully(slot_.os(), file_, &out, sizeof out, offset_of(index, side), size);
    if (error < 0) return error;
    if (out.name_size > most_name || out.ranges > most_ranges || size < out.size()) return -EBADMSG;
    return out.sequence != 0 && out.checksum == checksum_of(index, out) ? 0 : -EBADMSG;
}

std::size_t cursor_file::find(std::string_view name) const noexcept {
    const auto is = [name](const entry& e) { return e.sequence != 0 && e.name == kept(name); };
    return static_cast<std::size_t>(std::find_if(entries_.begin(), entries_.end(), is) - entries_.begin());
}

std::vector<std::string> cursor_file::names() const {
    std::vector<std::string> all;
    for (const auto& e : entries_) {
        if (e.sequence != 0) all.push_back(e.name);
    }
    return all;
}

std::optional<cursor_place> cursor_file::load(std::string_view name) const {
    const auto index = find(name);
    page found;
    if (index == entries_.size() || read(index, entries_[index].side, found) != 0) return {};
    return cursor_place{found.settled_to, {found.settled.begin(), found.settled.begin() + found.ranges}};
}

int cursor_file::write(const void* from, std::size_t size, std::uint64_t offset) const noexcept {
    const auto written = slot_.os().write_at(file_, from, size, offset);
    if (written < 0) return static_cast<int>(written);
    return static_cast<std::size_t>(written) == size ? 0 : -ENOSPC;
}

int cursor_file::add(std::string_view name, std::size_t& index) {
    const auto is_free = [](const entry& e) { return e.sequence == 0; };
    index = static_cast<std::size_t>(std::find_if(entries_.begin(), entries_.end(), is_free) - entries_.begin());
    if (index == most_entries) return -ENOSPC;
    // Both sides get their blocks now, so that later saves only overwrite, and lose whatever they held.
    static constexpr std::array<std::byte, sides * page_size> zeroes{};
    if (const int error = write(zeroes.data(), zeroes.size(), offset_of(index, 0)); error < 0) return error;
    if (index == entries_.size()) entries_.emplace_back();
    entries_[index].name = kept(name);
    return 0;
}

int cursor_file::overwrite(std::size_t index, position settled_to, std::span<const position_range> settled) noexcept {
    auto& known = entries_[index];
    page fresh;
    std::memset(static_cast<void*>(&fresh), 0, offsetof(page, settled));
    fresh.name_size = static_cast<std::uint16_t>(known.name.size());
    fresh.ranges = static_cast<std::uint16_t>(settled.size());
    fresh.sequence = known.sequence + 1;
    fresh.settled_to = settled_to;
    std::copy(known.name.begin(), known.name.end(), fresh.name.begin());
    std::copy(settled.begin(), settled.end(), fresh.settled.begin());
    fresh.checksum = checksum_of(index, fresh);
    const auto side = 1 - known.side;
    if (const int error = write(&fresh, fresh.size(), offset_of(index, side)); error < 0) return error;
    known.sequence = fresh.sequence;
    known.side = side;
    return 0;
}

/// A program that closes all descriptors has something of its own under the number before long: that is neither written
/// to nor closed. The head tells whose it is.
int cursor_file::let_go_of_anothers() noexcept {
    if (file_ < 0) return 0;
    const int state = examine_head(file_);
    // Nobody can tell now.
    if (state == -EIO || is_shortage(-state)) return state;
    if (state == 0) return 0;
    file_ = -1;
    tried_at_ = 0;
    return 0;
}

int cursor_file::save(std::string_view name, position settled_to, const position_range* settled,
                      std::size_t count) noexcept {
    if (const int error = let_go_of_anothers(); error < 0) return error;
    if (file_ < 0) {
        const auto since = slot_.os().wall_clock() - tried_at_;
        if (since >= 0 && since < write_again_after_ns) return last_error_;
        try_to_open();
        if (file_ < 0) return last_error_;
    }
    try {
        auto index = find(name);
        if (index == entries_.size()) {
            if (const int error = add(name, index); error < 0) return error;
        }
        return overwrite(index, settled_to, {settled, std::min(count, most_ranges)});
    } catch (const std::bad_alloc&) {
        return -ENOMEM;
    }
}

}  // namespace logferry::journal
