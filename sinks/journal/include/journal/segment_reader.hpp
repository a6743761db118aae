// Reads one segment file of a process that has ended, slice by slice, and says what it finds. Nothing in the file is
// believed before its check words have proven it, and nothing that was written is passed without a word.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <journal/spool_directory.hpp>
#include <journal/spool_format.hpp>

namespace logferry::journal {

/// Thread rule: one thread.
class segment_reader {
public:
    /// Read at once, unless a record needs more.
    static constexpr std::size_t slice = 256 * 1024;

    /// `largest_record` is the largest that is believed.
    explicit segment_reader(std::size_t largest_record) noexcept : largest_record_(largest_record) {}
    ~segment_reader() { close(); }
    segment_reader(const segment_reader&) = delete;
    segment_reader& operator=(const segment_reader&) = delete;

    enum class opened : std::uint8_t {
        good,     ///< `header` is the file's, and `next` gives its first record; after anything else it is not open
        blank,    ///< nothing was ever written to it
        newer,    ///< of a release that knows more
        damaged,  ///< its head is, so nothing in it can be proven
        failed,   ///< `error` says why
    };
    [[nodiscard]] opened open(const spool_slot& slot, const char* name) noexcept;
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return file_.load(std::memory_order_relaxed) >= 0; }
    /// Of the file that was opened last.
    [[nodiscard]] const segment_file_header& header() const noexcept { return header_; }
    /// Of the last `open` or of what failed since: an errno value, 0 when the system had no part in it.
    [[nodiscard]] int error() const noexcept { return error_; }

    enum class found : std::uint8_t {
        record,      ///< `data` is whole, and valid until the next call
        corrupt,     ///< a record whose length is proven and whose bytes are not
        unfinished,  ///< a record that its producer claimed and did not commit
        damage,      ///< bytes that nobody can tell anything about, up to what is found next
        more,        ///< nothing yet, after some megabytes; to be called again
        unreadable,  ///< the system says no (`error`); to be called again, after `pass_unreadable` if need be
        end,
    };
    /// Throws `std::bad_alloc`, and may be called again then.
    [[nodiscard]] found next();
    /// Where the last thing found is, in the records' area.
    [[nodiscard]] std::uint64_t found_at() const noexcept { return found_at_; }
    [[nodiscard]] std::span<const std::byte> data() const noexcept { return data_; }
    /// Where `next` will look.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    /// `next` finds the last thing once more.
    void go_back() noexcept { offset_ = found_at_; }
    /// After `unreadable`: passes the record that could not be read, or where not even its head could, a slice. That is
    /// damage.
    void pass_unreadable() noexcept;

    /// The record at a place where there is one: true when it is whole. `next` goes on where it was.
    [[nodiscard]] bool read(std::uint64_t at);

    /// Gives back the file's blocks from a place on: 0, or an errno value with its sign changed.
    int give_back(std::uint64_t from) const noexcept { return os_->give_back(file_, segment_file_head + from); }
    /// Bytes that the file has on the device; 0 when that cannot be told.
    [[nodiscard]] std::uint64_t allocated() const noexcept;

    /// Bytes read so far; opening a file counts for some.
    [[nodiscard]] std::uint64_t effort() const noexcept { return effort_; }
    /// Gives the memory back.
    void release() noexcept;

    /// In a forked child: closes the descriptor, and nothing else. Async-signal-safe.
    void forget() noexcept { close(); }

private:
    [[nodiscard]] opened examine_file() noexcept;
    [[nodiscard]] opened examine_blank() noexcept;
    opened fail_to_open(int error) noexcept;
    [[nodiscard]] bool fetch(std::uint64_t at, std::size_t size, std::size_t ahead);
    void reserve(std::size_t size);
    [[nodiscard]] const std::byte* bytes(std::uint64_t at) const noexcept { return buffer_.get() + (at - begin_); }
    void skip_unwritten() noexcept;
    [[nodiscard]] bool is_proven(std::uint64_t state) const noexcept;
    [[nodiscard]] bool is_whole(std::uint64_t state);
    found report(found what, std::size_t pass) noexcept;
    found end() noexcept;

    const std::size_t largest_record_;
    operating_system* os_ = nullptr;
    std::atomic<int> file_{-1};
    segment_file_header header_;
    int error_ = 0;

    // Where the records' area ends: earlier than it should in a file that was cut.
    std::uint64_t size_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t found_at_ = 0;
    std::span<const std::byte> data_;
    // Since the last damage no record was found, and only one that is whole ends that.
    bool searching_ = false;

    std::unique_ptr<std::byte[]> buffer_;
    std::size_t capacity_ = 0;
    // What the buffer holds.
    std::uint64_t begin_ = 0;
    std::size_t filled_ = 0;
    std::uint64_t effort_ = 0;
};

}  // namespace logferry::journal
