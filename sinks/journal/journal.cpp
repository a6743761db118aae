#include <algorithm>
#include <bit>
#include <thread>
#include <utility>

#include <failpoint/failpoint.hpp>
#include <journal/journal.hpp>
#include <journal/spool.hpp>
#include <journal/spool_format.hpp>

namespace logferry::journal {

namespace {

std::atomic_ref<std::uint64_t> state_of(std::byte* record) noexcept {
    return std::atomic_ref<std::uint64_t>(reinterpret_cast<record_head*>(record)->state);
}

// Warm blocks wait outside the ready segments, to be put under the one that is active next; but not when fewer segments
// than these are ready beside the active one.
constexpr std::uint64_t ready_ahead = 3;

// Segments that the journal may always have, whatever else takes room.
constexpr std::uint64_t least_room = 4;

}  // namespace

journal::journal(const settings& chosen)
    : settings_(chosen),
      blocks_(chosen.segment_size, std::max<std::size_t>(chosen.size / chosen.segment_size, 4)),
      slot_mask_(std::bit_ceil(std::uint64_t{blocks_.count()}) - 1),
      slots_(std::make_unique<segment[]>(slot_mask_ + 1)),
      room_(blocks_.count()) {
    maintain();
}

journal::~journal() {
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    for (auto number = released_.load(std::memory_order_relaxed); number < ready; ++number) {
        const auto& in = slot(number);
        if (in.salt != 0 && in.data != nullptr) settings_.disk->leave(in.data);
    }
}

// Producers ---------------------------------------------------------------------------------------------------------

reservation journal::reserve(std::size_t size, importance worth, patience waits) noexcept {
    const auto room = stride(size);
    if (size > largest_record(settings_.segment_size)) return {};
    std::chrono::steady_clock::time_point deadline{};
    for (;;) {
        const auto active = shared_.active.load(std::memory_order_acquire);
        if (active & closed_bit) break;
        if (refused(worth)) {
            if (waits == patience::none || settings_.policy != when_full::block || !wait_for_room(deadline)) break;
            continue;
        }
        LOGFERRY_FAILPOINT("looked");
        auto& in = slot(active);
        const tail_word before{in.tail.fetch_add(room + tail_word::one_record, std::memory_order_acquire)};
        if (before.offset() + room <= capacity()) {
            LOGFERRY_FAILPOINT("reserved");
            auto* record = in.data + before.offset();
            const auto length = static_cast<std::uint32_t>(size);
            const auto salt = in.salt;
            const auto guard = salt != 0 ? guard_of(salt, before.offset(), length) : 0;
            if (in.number.load(std::memory_order_relaxed) != active) {
                // The slot was reused for a later number since `active` was read. See journal.hpp.
                abandoned_.fetch_add(1, std::memory_order_release);
                state_of(record).store(state_word(guard, length | padding), std::memory_order_release);
                rouse_reader();
                continue;
            }
            state_of(record).store(state_word(guard, length | in_progress), std::memory_order_relaxed);
            // The claim must not come after any part of the payload: who finds payload must find its length.
            std::atomic_thread_fence(std::memory_order_release);
            LOGFERRY_FAILPOINT("claimed");
            return {reservation::state::granted, length, guard, salt != 0, record + sizeof(record_head)};
        }
        // Exactly one reservation crosses the end, whatever number the slot has by now.
        if (before.offset() <= capacity()) {
            LOGFERRY_FAILPOINT("sealing");
            in.sealed.store(before.word, std::memory_order_release);
            rouse_reader();
        }
        advance(active);
    }
    const bool closed = shared_.active.load(std::memory_order_relaxed) & closed_bit;
    return {closed ? reservation::state::closed : reservation::state::full};
}

void journal::commit(const reservation& done) noexcept {
    LOGFERRY_FAILPOINT("before_commit");
    auto* const head = done.data - sizeof(record_head);
    if (done.spooled) {
        reinterpret_cast<record_head*>(head)->checksum = checksum_of(done.guard, {done.data, done.size});
    }
    state_of(head).store(state_word(done.guard, done.size | committed), std::memory_order_release);
    LOGFERRY_FAILPOINT("committed");
    rouse_reader();
}

bool journal::refused(importance worth) noexcept {
    const auto least = static_cast<std::uint8_t>(worth);
    if (least >= shared_.gate.load(std::memory_order_relaxed)) return false;
    // A producer that was slow to store the gate may have left it narrower than it should be by now, and nobody who is
    // refused would ever correct that. One left too wide is corrected at the next change of segment.
    return least < update_gate();
}

void journal::advance(std::uint64_t full_number) noexcept {
    const auto next = full_number + 1;
    if (shared_.active.load(std::memory_order_acquire) != full_number) return;
    if (next >= shared_.ready.load(std::memory_order_acquire)) {
        update_gate();
        rouse(sleep::doze);
        return;
    }
    auto expected = full_number;
    LOGFERRY_FAILPOINT("changing_segment");
    if (shared_.active.compare_exchange_strong(expected, next, std::memory_order_acq_rel)) {
        LOGFERRY_FAILPOINT("changed_segment");
        update_gate();
        rouse(sleep::doze);
    }
}

bool journal::wait_for_room(std::chrono::steady_clock::time_point& deadline) noexcept {
    using clock = std::chrono::steady_clock;
    if (deadline == clock::time_point{}) deadline = clock::now() + settings_.block_for;
    waiting_.fetch_add(1, std::memory_order_relaxed);
    // Either the consumer sees that somebody waits, or the wait sees the room that it has made.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::unique_lock lock(room_mutex_);
    const bool made = room_made_.wait_until(lock, deadline, [this] {
        const auto active = shared_.active.load(std::memory_order_acquire);
        return (active & closed_bit) != 0 || update_gate() != gate_shut;
    });
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return made;
}

/// After whatever a cursor may have stood before, also what is no record: while this thread was put aside the others
/// may have filled all there is, and then nobody else would wake the consumer.
void journal::rouse_reader() noexcept {
    // Either this thread sees that the consumer is asleep, or the consumer, looking once more, sees what was stored.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (consumer_.depth.load(std::memory_order_relaxed) == sleep::deep) rouse(sleep::deep);
}

void journal::rouse(sleep at_least) noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (consumer_.depth.load(std::memory_order_relaxed) < at_least) return;
    // Only one producer makes the system call.
    if (consumer_.depth.exchange(sleep::awake, std::memory_order_acq_rel) == sleep::awake) return;
    if (settings_.wake) settings_.wake(settings_.wake_context);
}

std::uint8_t journal::update_gate() noexcept {
    const auto active = shared_.active.load(std::memory_order_acquire);
    const auto number = active & ~closed_bit;
    const tail_word tail{slot(number).tail.load(std::memory_order_relaxed)};
    const bool starved = tail.offset() > capacity() && number + 1 >= shared_.ready.load(std::memory_order_acquire);
    std::uint8_t gate = 0;
    if (starved || (active & closed_bit)) {
        gate = gate_shut;
    } else if (settings_.policy == when_full::shed) {
        const auto free = free_segments();
        if (free * 4 < room()) gate = static_cast<std::uint8_t>(importance::raised);
        if (free * 8 < room()) gate = static_cast<std::uint8_t>(importance::high);
    }
    if (shared_.gate.load(std::memory_order_relaxed) != gate) shared_.gate.store(gate, std::memory_order_relaxed);
    return gate;
}

void journal::close() noexcept {
    const auto active = shared_.active.fetch_or(closed_bit, std::memory_order_acq_rel);
    if (active & closed_bit) return;
    shared_.gate.store(gate_shut, std::memory_order_relaxed);
    // Whoever reserves from now on overshoots; what was reserved before is granted and counted.
    const tail_word before{slot(active).tail.fetch_add(segment::shut, std::memory_order_acq_rel)};
    if (before.offset() <= capacity()) {
        slot(active).sealed.store(before.word, std::memory_order_release);
    }
    { const std::lock_guard lock(room_mutex_); }
    room_made_.notify_all();
    rouse(sleep::doze);
}

tail_word journal::tail_of(std::uint64_t number) const noexcept {
    const auto& in = slot(number);
    for (;;) {
        const auto sealed = in.sealed.load(std::memory_order_acquire);
        if (sealed != segment::not_sealed) return {sealed};
        const tail_word tail{in.tail.load(std::memory_order_acquire)};
        if (tail.offset() <= capacity()) return tail;
        // A producer has crossed the end and is about to say where the records end. Sleep, not yield: it may have a
        // lower priority than this thread.
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

std::uint64_t journal::accepted() const noexcept {
    const std::lock_guard lock(released_mutex_);
    // Abandoned ones may lie in segments that are ready and not yet active. Read first, so that each that is taken off
    // is in a tail that is added.
    const auto abandoned = abandoned_.load(std::memory_order_acquire);
    return released_records_ + held_since(released_.load(std::memory_order_relaxed)) - abandoned;
}

std::uint64_t journal::accepted_since(std::uint64_t segment) const noexcept {
    const std::lock_guard lock(released_mutex_);
    return held_since(std::max(segment, released_.load(std::memory_order_relaxed)));
}

std::uint64_t journal::held_since(std::uint64_t segment) const noexcept {
    const auto ready = shared_.ready.load(std::memory_order_acquire);
    std::uint64_t records = 0;
    for (auto number = segment; number < ready; ++number) records += tail_of(number).records();
    return records;
}

position journal::end() const noexcept {
    const std::lock_guard lock(released_mutex_);
    const auto active = active_number();
    return active * settings_.segment_size + tail_of(active).offset();
}

// Consumer ----------------------------------------------------------------------------------------------------------

cursor& journal::add_cursor(std::string destination) {
    return *cursors_.emplace_back(std::make_unique<cursor>(*this, std::move(destination)));
}

void journal::maintain() noexcept {
    const auto active = active_number();
    follow_pace(active - maintained_);
    maintained_ = active;
    save_cursors();
    sync_sealed();
    release_settled();
    give_up_oldest();
    make_ready();
    return_to_disk();
    prefault_ahead();
    std::atomic_thread_fence(std::memory_order_seq_cst);
    update_gate();
    if (waiting_.load(std::memory_order_relaxed) > 0) {
        { const std::lock_guard lock(room_mutex_); }
        room_made_.notify_all();
    }
}

void journal::announce(sleep depth) noexcept {
    consumer_.depth.store(depth, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

bool journal::maintenance_due() const noexcept {
    const auto active = shared_.active.load(std::memory_order_acquire);
    if (active & closed_bit) return false;
    const bool shut = shared_.gate.load(std::memory_order_relaxed) == gate_shut;
    return active != maintained_ || (shut && free_segments() > 0);
}

std::uint64_t journal::free_segments() const noexcept {
    // In this order: what is active never lies before what is released.
    const auto released = released_.load(std::memory_order_acquire);
    const auto used = active_number() - released + 1;
    return room() - std::min(used, room());
}

void journal::leave_room_for(std::uint64_t segments) noexcept {
    others_ = segments;
    const auto all = std::uint64_t{blocks_.count()};
    room_.store(std::max(least_room, all - std::min(segments, all)), std::memory_order_relaxed);
}

void journal::release_block(segment& done, std::uint64_t number, std::uint64_t used) noexcept {
    if (done.salt != 0) {
        settings_.disk->remove(number, done.data);
    } else {
        blocks_.give_back(done.data, used);
    }
    done.data = nullptr;
}

void journal::release_settled() noexcept {
    const auto active = active_number();
    auto number = released_.load(std::memory_order_relaxed);
    const auto settled = [&](const auto& c) { return c->settled_to() / settings_.segment_size > number; };
    // A cursor leaves a segment only when it is sealed, so a number that all have left is sealed too.
    for (; number < active && std::all_of(cursors_.begin(), cursors_.end(), settled); ++number) {
        auto& done = slot(number);
        const tail_word sealed{done.sealed.load(std::memory_order_acquire)};
        release_block(done, number, sealed.offset());
        done.tail.store(segment::shut, std::memory_order_relaxed);
        const std::lock_guard lock(released_mutex_);
        released_records_ += sealed.records();
        if (settings_.disk && done.salt == 0) released_unspooled_ += sealed.records();
        released_.store(number + 1, std::memory_order_release);
    }
}

bool journal::must_give_up() const noexcept {
    // One that lags while another does not pays for itself, whatever the policy, so that half of the buffer is always
    // there for those that keep up. When all lag, all have the same trouble, and the policy decides. All are measured
    // against one active segment: producers move it meanwhile, and of two in the same place only one would seem to lag.
    const auto active = active_number();
    const auto lags = [&](const auto& c) { return active - c->settled_to() / settings_.segment_size >= room() / 2; };
    const auto lagging = std::count_if(cursors_.begin(), cursors_.end(), lags);
    return (lagging > 0 && static_cast<std::size_t>(lagging) < cursors_.size()) || is_short();
}

bool journal::is_short() const noexcept {
    return settings_.policy == when_full::drop_oldest && free_segments() < std::max<std::uint64_t>(room() / 8, 1);
}

bool journal::wants_room() const noexcept {
    if (closed()) return false;
    return is_short() || (settings_.policy == when_full::drop_oldest && others_ + least_room > count());
}

void journal::give_up_oldest() noexcept {
    while (!closed() && must_give_up()) {
        const auto oldest = released_.load(std::memory_order_relaxed);
        if (oldest == active_number()) return;
        for (const auto& c : cursors_) {
            if (c->settled_to() / settings_.segment_size <= oldest && !c->leave(oldest)) return;
        }
        LOGFERRY_FAILPOINT("gave_up");
        if (gave_up_told_ && !gave_up_told_()) return;
        release_settled();
    }
}

void journal::make_ready() noexcept {
    const auto last = released_.load(std::memory_order_relaxed) + room() - 1;
    if (settings_.disk) {
        make_ready_on_disk(last);
    } else {
        make_ready_in_memory(last);
    }
}

void journal::make_ready_in_memory(std::uint64_t last) noexcept {
    // All there is, always: a burst may fill the whole buffer before this thread is scheduled again.
    const auto enough = active_number() + ready_ahead;
    for (auto number = shared_.ready.load(std::memory_order_relaxed); number <= last; ++number) {
        if (!blocks_.any_cold() && (number > enough || !blocks_.any_warm())) return;
        auto& fresh = slot(number);
        fresh.warm = !blocks_.any_cold();
        fresh.data = fresh.warm ? blocks_.take_warm() : blocks_.take_cold();
        open_slot(number);
    }
}

void journal::open_slot(std::uint64_t number) noexcept {
    auto& fresh = slot(number);
    fresh.sealed.store(segment::not_sealed, std::memory_order_relaxed);
    fresh.number.store(number, std::memory_order_relaxed);
    fresh.tail.store(0, std::memory_order_release);
    shared_.ready.store(number + 1, std::memory_order_release);
}

}  // namespace logferry::journal
