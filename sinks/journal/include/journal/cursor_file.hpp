// How far each destination has come in one journal, kept on disk. It saves work and no more: when it is gone or
// damaged, records are sent again.
//
// A head page, and for each destination two pages that are written in turn, each with a sequence number and a checksum:
// whatever stops the writer, one of them is whole.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <journal/settled_window.hpp>
#include <journal/spool_directory.hpp>

namespace logferry::journal {

/// How far one destination has come.
struct cursor_place {
    /// Everything before it is settled.
    position settled_to = 0;
    /// What is settled behind it, in order, apart from each other.
    std::vector<position_range> settled;
};

/// Thread rule: one thread.
class cursor_file {
public:
    /// Ranges that a page has room for. What is settled behind more of them is sent again after a crash.
    static constexpr std::size_t most_ranges = 128;
    /// Bytes of a destination's name that are kept.
    static constexpr std::size_t most_name = 255;
    /// Destinations that are kept.
    static constexpr std::size_t most_entries = 1024;

    /// The size of a file that knows so many destinations.
    [[nodiscard]] static std::uint64_t bytes_for(std::size_t destinations) noexcept;

    /// As much of a destination's name as is kept.
    [[nodiscard]] static std::string_view kept(std::string_view name) noexcept { return name.substr(0, most_name); }

    /// Of the journal opened at `created` in this slot; opened, or made when it is not there. It never fails: without a
    /// usable file it remembers nothing, and `save` tries again. `slot` outlives it.
    cursor_file(const spool_slot& slot, std::uint64_t created);
    ~cursor_file();
    cursor_file(const cursor_file&) = delete;
    cursor_file& operator=(const cursor_file&) = delete;

    /// Why it is not open, or knows less than it should: an errno value, 0 when all is well.
    [[nodiscard]] int error() const noexcept { return -last_error_; }
    /// A name was there once that nobody can tell any more.
    [[nodiscard]] bool has_lost_a_name() const noexcept { return has_lost_a_name_; }
    /// Names in the file, in no order.
    [[nodiscard]] std::vector<std::string> names() const;
    /// Nothing when the file does not know the name.
    [[nodiscard]] std::optional<cursor_place> load(std::string_view name) const;

    /// Overwrites the older of the name's two pages: 0, or an errno value with its sign changed. Allocates only for a
    /// name that is new. A file that cannot be made is tried again at most once a second.
    int save(std::string_view name, position settled_to, const position_range* settled, std::size_t count) noexcept;

    /// In a forked child: closes the descriptor, and nothing else. Async-signal-safe.
    void forget() noexcept;

private:
    struct entry;
    struct page;

    void try_to_open() noexcept;
    /// Finds the file and what it knows, or makes it: 0, or an errno value with its sign changed.
    int open();
    int create(const std::string& name);
    /// 0 when it is this journal's, `-EBADMSG` when it is of no use to anybody.
    [[nodiscard]] int examine_head(int file) const noexcept;
    void find_entries();
    /// 0, or why it cannot be known whose the descriptor is: an errno value with its sign changed.
    int let_go_of_anothers() noexcept;
    [[nodiscard]] static bool is_zero(const page& of) noexcept;
    /// The place of one page in the file.
    [[nodiscard]] static std::uint64_t offset_of(std::size_t index, std::size_t side) noexcept;
    /// 0, `-EBADMSG` when it is not whole, or another errno value with its sign changed.
    int read(std::size_t index, std::size_t side, page& out) const noexcept;
    [[nodiscard]] std::uint32_t checksum_of(std::size_t index, const page& of) const noexcept;
    /// The name's index; as many as there are when it is not known.
    [[nodiscard]] std::size_t find(std::string_view name) const noexcept;
    int add(std::string_view name, std::size_t& index);
    int overwrite(std::size_t index, position settled_to, std::span<const position_range> settled) noexcept;
    int write(const void* from, std::size_t size, std::uint64_t offset) const noexcept;

    const spool_slot& slot_;
    const std::uint64_t created_;
    std::atomic<int> file_{-1};
    // As they lie in the file. One without a name is free: neither of its pages is whole.
    std::vector<entry> entries_;
    bool has_lost_a_name_ = false;
    int last_error_ = 0;
    std::int64_t tried_at_ = 0;
};

}  // namespace logferry::journal
