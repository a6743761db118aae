// The journal: a bounded log of byte records with many producers and one consumer thread, written once for all
// destinations and read by each through a cursor of its own.
//
// It is a sequence of segments of equal size, numbered from 0 for ever. Producers reserve room in the active segment
// with one atomic add, claim it, fill it, and commit it, in that order:
//
//     fetch_add on the segment's tail   reserve: the room is ours, and the record is counted
//     head = length | in_progress       claim: a reader now knows the length, also if we never come back
//     copy the payload                  fill
//     head = length | committed         commit (release): a reader may read it
//
// When a record does not fit, exactly one producer sees the end pass by; it seals the segment by noting where the
// records end. Whoever comes next moves on to the following segment if that is ready. The consumer thread makes
// segments ready ahead of the producers, so that no producer ever allocates, maps, zeroes or frees anything.
//
// With a spool a segment is a file mapped shared, so that the kernel keeps what was committed when the process dies,
// and a record has two check words (spool_format.hpp). Where the disk says no, the segment is memory, and the journal
// goes on.
//
// A segment's slot (its tail, its number, its memory) is reused for a later number. A producer that slept through all
// that may add to the tail of a number it does not know. That does no harm: it sees the other number, turns what it
// reserved into padding, and starts again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <journal/cursor.hpp>
#include <journal/segment.hpp>

namespace logferry::journal {

/// What happens to a record when there is no room. The same words as `logferry::overflow`.
enum class when_full : std::uint8_t { shed, block, drop_oldest };

/// How much a record is worth when room gets short. `shed` refuses `normal` under 1/4 free and `raised` under 1/8.
enum class importance : std::uint8_t { normal, raised, high };

struct settings {
    /// Bytes for all segments; at least four segments.
    std::size_t size = 64 * 1024 * 1024;
    /// Bytes of a segment; a multiple of the page size, at most 256 MiB.
    std::size_t segment_size = 1024 * 1024;
    when_full policy = when_full::shed;
    /// Longest wait of a producer with `when_full::block`.
    std::chrono::milliseconds block_for{100};
    /// Where segments lie on disk; null for memory only. It outlives the journal.
    spool* disk = nullptr;
    /// Wakes the consumer; called by producers, never while it is awake. Must be safe in a signal handler.
    void (*wake)(void* context) noexcept = nullptr;
    void* wake_context = nullptr;
};

/// Whether a producer waits for room where `when_full::block` says so.
enum class patience : std::uint8_t { as_policy, none };

/// What a producer gets for a record.
struct reservation {
    enum class state : std::uint8_t { granted, full, closed };
    state what = state::full;
    std::uint32_t size = 0;
    /// The first check word; 0 in memory, where there is none.
    std::uint32_t guard = 0;
    bool spooled = false;
    /// Where the record goes; null unless granted.
    std::byte* data = nullptr;
};

/// Thread rule: `reserve`, `commit`, `accepted`, `end` and `close` from any thread; everything else by the consumer
/// thread, or before it runs.
class journal {
public:
    /// Takes address space, not memory, for the whole size. Throws `std::bad_alloc` when it cannot be had.
    explicit journal(const settings& chosen);
    ~journal();
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    /// The largest record that fits a segment of this size.
    [[nodiscard]] static constexpr std::size_t largest_record(std::size_t segment_size) noexcept {
        return segment_size - alignment - sizeof(record_head);
    }

    // Producers
    // ---------------------------------------------------------------------------------------------------------

    /// Room for a record of `size` bytes; one over `largest_record` is refused as `full`. A granted reservation must be
    /// committed soon: it holds up its segment's release. Lock-free, but for the wait of `when_full::block`.
    [[nodiscard]] reservation reserve(std::size_t size, importance worth,
                                      patience waits = patience::as_policy) noexcept;

    /// Publishes what was written, and wakes a consumer in deep sleep.
    void commit(const reservation& done) noexcept;

    /// Records granted so far. Takes a lock, but none that a producer takes.
    [[nodiscard]] std::uint64_t accepted() const noexcept;

    /// Of those, the ones in this segment and the segments after it.
    [[nodiscard]] std::uint64_t accepted_since(std::uint64_t segment) const noexcept;

    /// The position behind the last record granted so far; compare with `cursor::settled_to`.
    [[nodiscard]] position end() const noexcept;

    /// From now on every reservation is refused as `closed`. What was granted before can still be committed and read.
    void close() noexcept;
    [[nodiscard]] bool closed() const noexcept {
        return (shared_.active.load(std::memory_order_acquire) & closed_bit) != 0;
    }

    // Consumer
    // ----------------------------------------------------------------------------------------------------------

    /// A reader for one more destination, starting at the oldest record. Only before the first record is reserved; and
    /// there must be one by then, since cursors are what holds on to a segment. A spool keeps its place by the name.
    cursor& add_cursor(std::string destination = {});

    /// `told` is called when a segment has been given up, and before it is gone: whoever keeps the books can say so
    /// before anybody may find it missing. Where it returns false, the segment stays until the next
    /// `maintain`, which you do not call before you have said so. It must not throw.
    void on_give_up(std::function<bool()> told) { gave_up_told_ = std::move(told); }

    /// Writes down how far the cursors are, releases what all of them have settled, makes segments ready, prefaults the
    /// next ones, and when room is short makes destinations give up their oldest segment, as the policy says; once
    /// closed it needs no room. Call it once a round.
    void maintain() noexcept;

    /// So many segments of the journal's room are taken by others. A few it keeps in any case.
    void leave_room_for(std::uint64_t segments) noexcept;

    /// True when `drop_oldest` is about to give up something, or others take room that the journal must have.
    [[nodiscard]] bool wants_room() const noexcept;

    /// Segments that there may be, the room of others not counted.
    [[nodiscard]] std::uint64_t count() const noexcept { return blocks_.count(); }

    /// True while there are segments in memory that should be on disk: `maintain` moves on to the disk as soon as that
    /// is possible.
    [[nodiscard]] bool off_disk() const noexcept;

    /// Records that were given room in memory where it should have been on disk.
    [[nodiscard]] std::uint64_t unspooled() const noexcept;

    /// The first of the segments ready for producers that is no file, where there is a spool. What they write there
    /// while this thread does nothing ends with the process.
    [[nodiscard]] std::uint64_t first_in_memory() const noexcept;

    /// The consumer's last call, after `close`: what is settled leaves the disk, the rest stays there for the next
    /// process.
    void settle_spool() noexcept;

    /// Gives memory that a burst needed back to the system. Call it when it is quiet.
    void trim() noexcept;

    /// How soundly the consumer sleeps.
    enum class sleep : std::uint32_t {
        awake,  ///< wake it for nothing
        doze,   ///< wake it when a segment is full
        deep,   ///< wake it for any record
    };
    /// Announces a sleep, or that it is over. Between announcing and sleeping look once more whether there is work: at
    /// `maintenance_due`, and for `deep` at the cursors. A producer that came before the announcement woke nobody.
    void announce(sleep depth) noexcept;

    /// True when producers have changed segments since the last `maintain`.
    [[nodiscard]] bool maintenance_due() const noexcept;

private:
    friend class cursor;

    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    static constexpr std::uint8_t gate_shut = 3;

    [[nodiscard]] segment& slot(std::uint64_t number) const noexcept { return slots_[number & slot_mask_]; }
    [[nodiscard]] std::uint64_t active_number() const noexcept {
        return shared_.active.load(std::memory_order_acquire) & ~closed_bit;
    }
    /// The tail of a number that is not released, as it was or will be sealed.
    [[nodiscard]] tail_word tail_of(std::uint64_t number) const noexcept;

    /// Where records must end. Less than the segment, so that no position lies on the border of two segments.
    [[nodiscard]] std::uint64_t capacity() const noexcept { return settings_.segment_size - alignment; }

    [[nodiscard]] bool refused(importance worth) noexcept;
    void advance(std::uint64_t full_number) noexcept;
    /// Sets `deadline` at the first call. False when it has passed.
    [[nodiscard]] bool wait_for_room(std::chrono::steady_clock::time_point& deadline) noexcept;
    void rouse_reader() noexcept;
    void rouse(sleep at_least) noexcept;
    /// Computes, stores and returns the gate.
    std::uint8_t update_gate() noexcept;

    /// Records in the segments from this one on, which is not released; with `released_mutex_`.
    [[nodiscard]] std::uint64_t held_since(std::uint64_t segment) const noexcept;

    void save_cursors() noexcept;
    void sync_sealed() noexcept;
    void release_settled() noexcept;
    void release_block(segment& done, std::uint64_t number, std::uint64_t used) noexcept;
    void give_up_oldest() noexcept;
    [[nodiscard]] bool must_give_up() const noexcept;
    [[nodiscard]] bool is_short() const noexcept;
    void make_ready() noexcept;
    void make_ready_in_memory(std::uint64_t last) noexcept;
    void make_ready_on_disk(std::uint64_t last) noexcept;
    void open_slot(std::uint64_t number) noexcept;
    void return_to_disk() noexcept;
    bool put_on_disk(std::uint64_t number) noexcept;
    void seal_active() noexcept;
    void prefault_ahead() noexcept;
    void prefault_on_disk(segment& next, std::uint64_t number) noexcept;
    void warm_up(segment& next, bool last) noexcept;
    /// Runs `change` on a ready segment that nobody has reserved anything in, while nobody can. False when somebody
    /// has.
    template <typename Change>
    bool while_shut(segment& next, Change change) noexcept;
    void follow_pace(std::uint64_t rotations) noexcept;
    [[nodiscard]] std::uint64_t free_segments() const noexcept;
    [[nodiscard]] std::uint64_t room() const noexcept { return room_.load(std::memory_order_relaxed); }

    // Read by every producer, written at segment changes only.
    struct alignas(128) shared_state {
        // The number of the segment that producers write to; with `closed_bit` nobody may move on from it.
        std::atomic<std::uint64_t> active{0};
        // Numbers below this are ready to be active: all that there are blocks for.
        std::atomic<std::uint64_t> ready{0};
        // The least importance that is taken; `gate_shut` takes nothing.
        std::atomic<std::uint8_t> gate{0};
    };
    // Read by every producer after its commit, written when the consumer goes to sleep and wakes.
    struct alignas(128) consumer_state {
        std::atomic<sleep> depth{sleep::awake};
    };
    shared_state shared_;
    consumer_state consumer_;

    const settings settings_;
    block_pool blocks_;
    const std::uint64_t slot_mask_;
    const std::unique_ptr<segment[]> slots_;
    std::vector<std::unique_ptr<cursor>> cursors_;

    // Numbers below `released_` are done with. The mutex keeps it in step with the count of their records.
    mutable std::mutex released_mutex_;
    std::atomic<std::uint64_t> released_{0};
    std::uint64_t released_records_ = 0;
    // Reservations that were turned into padding, which the tails count as records.
    std::atomic<std::uint64_t> abandoned_{0};

    // Segments that there may be at once, and those that others have.
    std::atomic<std::uint64_t> room_;
    std::uint64_t others_ = 0;
    std::function<bool()> gave_up_told_;
    // Records in released segments that lay in memory though there is a spool.
    std::uint64_t released_unspooled_ = 0;

    std::uint64_t maintained_ = 0;
    std::uint64_t synced_ = 0;
    std::uint64_t prefaulted_ = 0;
    // Segments kept prefaulted beyond the active one: one while it is quiet, more at the pace of the producers.
    std::uint64_t ahead_ = 1;
    // Files that are ready beyond the active one.
    std::uint64_t files_ahead_ = 4;

    std::mutex room_mutex_;
    std::condition_variable room_made_;
    std::atomic<int> waiting_{0};
};

template <typename Change>
bool journal::while_shut(segment& next, Change change) noexcept {
    auto tail = std::uint64_t{0};
    // Nobody reads `data` or writes to it before the first reservation.
    if (!next.tail.compare_exchange_strong(tail, segment::shut, std::memory_order_acquire)) return false;
    change();
    tail = segment::shut;
    // A producer that came meanwhile found the segment full and went on to the following one. Then it remains empty.
    if (!next.tail.compare_exchange_strong(tail, 0, std::memory_order_release)) {
        next.sealed.store(0, std::memory_order_release);
    }
    return true;
}

}  // namespace logferry::journal
