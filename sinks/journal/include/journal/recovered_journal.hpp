// A journal that an earlier process left in a slot: its segment files in order, what is known of each, and how far the
// destinations had come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <journal/cursor_file.hpp>
#include <journal/spool_directory.hpp>
#include <journal/spool_format.hpp>

namespace logferry::journal {

/// What is wrong with a segment file, if anything is.
enum class flaw : std::uint8_t { none, damaged_head, damaged_records, wrong_name, unreadable };

/// A segment file by its name, and what was found in it by whichever destination came first.
struct segment_file {
    std::uint64_t number = 0;
    /// Bytes on the device, as far as that is known.
    std::uint64_t bytes = 0;
    /// What was found before this offset is counted.
    std::uint32_t counted_to = 0;
    /// The first that was found. A file with one is kept when all are through.
    flaw what = flaw::none;
    /// It is not there any more.
    bool gone = false;
    /// It is not ours to touch.
    bool left_alone = false;
    /// Its head says that it is another one.
    bool wrong_name = false;
};

/// A place in a journal: the index of a file, and an offset in its records. Unlike a position it needs no file to be
/// what its name says.
struct file_place {
    std::size_t file = 0;
    std::uint32_t offset = 0;

    /// In the order of places.
    [[nodiscard]] std::uint64_t word() const noexcept { return std::uint64_t{file} << 32 | offset; }
    [[nodiscard]] static file_place of(std::uint64_t word) noexcept {
        return {static_cast<std::size_t>(word >> 32), static_cast<std::uint32_t>(word)};
    }
};

/// Thread rule: one thread.
class recovered_journal {
public:
    /// The files' numbers in order; at least one.
    recovered_journal(std::shared_ptr<spool_slot> slot, std::uint64_t created,
                      const std::vector<std::uint64_t>& numbers);

    [[nodiscard]] const spool_slot& slot() const noexcept { return *slot_; }
    [[nodiscard]] std::uint64_t created() const noexcept { return created_; }

    // Files -----------------------------------------------------------------------------------------------------------

    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }
    [[nodiscard]] segment_file& file(std::size_t index) noexcept { return files_[index]; }
    [[nodiscard]] std::string name(std::size_t index) const { return segment_name(created_, files_[index].number); }
    /// The first file that is there and ours; `size()` when there is none.
    [[nodiscard]] std::size_t first() noexcept;
    /// The last one; `size()` when there is none.
    [[nodiscard]] std::size_t last() const noexcept;
    [[nodiscard]] std::uint64_t last_number() const noexcept { return files_.back().number; }
    /// Numbers between the first and the last that no file has.
    [[nodiscard]] std::uint64_t missing() const noexcept;
    [[nodiscard]] bool leaves_any() const noexcept;

    // Places ----------------------------------------------------------------------------------------------------------

    /// Known once a file that is what its name says was opened; 0 before.
    std::uint64_t segment_size = 0;
    /// As it is kept on disk.
    [[nodiscard]] position position_of(file_place place) const noexcept;

    // Destinations ----------------------------------------------------------------------------------------------------

    /// A destination comes. One that the journal does not know gets the place of one that nobody configures any more:
    /// it was renamed or replaced. Nothing when the process lacks what it takes to look that up.
    [[nodiscard]] std::optional<cursor_place> enter(std::string_view destination,
                                                    const std::vector<std::string>& configured);
    /// Keeps how far a destination inside has come: 0, or an errno value with its sign changed.
    int save(std::string_view destination, position settled_to, const position_range* settled,
             std::size_t count) noexcept;
    /// A destination is through.
    void leave() noexcept;

    /// Forgets how far anybody has come. When the last file is gone.
    void remove_cursors() const noexcept;

    /// In a forked child: closes the descriptor, and nothing else. Async-signal-safe.
    void forget() noexcept;

private:
    [[nodiscard]] bool may_pass(int error) noexcept;

    const std::shared_ptr<spool_slot> slot_;
    const std::uint64_t created_;
    std::vector<segment_file> files_;
    std::size_t first_ = 0;
    // Open while a destination is inside.
    std::optional<cursor_file> cursors_;
    std::size_t inside_ = 0;
    unsigned tries_ = 0;
};

}  // namespace logferry::journal
