#include <algorithm>
#include <bit>
#include <thread>
#include <utility>

#include <journal/journal.hpp>

namespace logferry::journal {

namespace {

std::atomic_ref<std::uint32_t> state_of(std::byte* record) noexcept {
    return std::atomic_ref<std::uint32_t>(reinterpret_cast<record_head*>(record)->state);
}

// Warm blocks wait outside the ready segments, to be put under the one that is active next; but not when fewer segments
// than these are ready beside the active one.
constexpr std::uint64_t ready_ahead = 3;

// Most segments that are prefaulted ahead of the producers.
constexpr std::uint64_t most_ahead = 8;

}  // namespace

journal::journal(const settings& chosen)
    : settings_(chosen),
      blocks_(chosen.segment_size, std::max<std::size_t>(chosen.size / chosen.segment_size, 4)),
      slot_mask_(std::bit_ceil(std::uint64_t{blocks_.count()}) - 1),
      slots_(std::make_unique<segment[]>(slot_mask_ + 1)) {
    maintain();
}

journal::~journal() = default;

// Producers ---------------------------------------------------------------------------------------------------------

reservation journal::reserve(std::size_t size, importance worth) noexcept {
    const auto room = stride(size);
    if (size > largest_record(settings_.segment_size)) return {};
    std::chrono::steady_clock::time_point deadline{};
    for (;;) {
        const auto active = shared_.active.load(std::memory_order_acquire);
        if (active & closed_bit) break;
        if (refused(worth)) {
            if (settings_.policy != when_full::block || !wait_for_room(deadline)) break;
            continue;
        }
        auto& in = slot(active);
        const tail_word before{in.tail.fetch_add(room + tail_word::one_record, std::memory_order_acquire)};
        if (before.offset() + room <= capacity()) {
            auto* record = in.data + before.offset();
            const auto length = static_cast<std::uint32_t>(size);
            if (in.number.load(std::memory_order_relaxed) != active) {
                // The slot was reused for a later number since `active` was read. See journal.hpp.
                abandoned_.fetch_add(1, std::memory_order_release);
                state_of(record).store(length | padding, std::memory_order_release);
                continue;
            }
            state_of(record).store(length | in_progress, std::memory_order_relaxed);
            // The claim must not come after any part of the payload: who finds payload must find its length.
            std::atomic_thread_fence(std::memory_order_release);
            return {reservation::state::granted, length, record + sizeof(record_head)};
        }
        // Exactly one reservation crosses the end, whatever number the slot has by now.
        if (before.offset() <= capacity()) in.sealed.store(before.word, std::memory_order_release);
        advance(active);
    }
    const bool closed = shared_.active.load(std::memory_order_relaxed) & closed_bit;
    return {closed ? reservation::state::closed : reservation::state::full, 0, nullptr};
}

void journal::commit(const reservation& done) noexcept {
    state_of(done.data - sizeof(record_head)).store(done.size | committed, std::memory_order_release);
    // Either this thread sees that the consumer is asleep, or the consumer, looking once more, sees the record.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (consumer_.depth.load(std::memory_order_relaxed) == sleep::deep) rouse(sleep::deep);
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
    if (shared_.active.compare_exchange_strong(expected, next, std::memory_order_acq_rel)) {
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
        if (free * 4 < blocks_.count()) gate = static_cast<std::uint8_t>(importance::raised);
        if (free * 8 < blocks_.count()) gate = static_cast<std::uint8_t>(importance::high);
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
    const auto ready = shared_.ready.load(std::memory_order_acquire);
    auto records = released_records_;
    for (auto number = released_.load(std::memory_order_relaxed); number < ready; ++number) {
        records += tail_of(number).records();
    }
    return records - abandoned;
}

position journal::end() const noexcept {
    const std::lock_guard lock(released_mutex_);
    const auto active = active_number();
    return active * settings_.segment_size + tail_of(active).offset();
}

// Consumer ----------------------------------------------------------------------------------------------------------

cursor& journal::add_cursor() { return *cursors_.emplace_back(std::make_unique<cursor>(*this)); }

void journal::maintain() noexcept {
    const auto active = active_number();
    follow_pace(active - maintained_);
    maintained_ = active;
    release_settled();
    give_up_oldest();
    make_ready();
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
    return blocks_.count() - std::min<std::uint64_t>(used, blocks_.count());
}

std::uint64_t journal::backlog(const cursor& of) const noexcept {
    return active_number() - of.settled_to() / settings_.segment_size;
}

void journal::release_settled() noexcept {
    const auto active = active_number();
    auto number = released_.load(std::memory_order_relaxed);
    const auto settled = [&](const auto& c) { return c->settled_to() / settings_.segment_size > number; };
    // A cursor leaves a segment only when it is sealed, so a number that all have left is sealed too.
    for (; number < active && std::all_of(cursors_.begin(), cursors_.end(), settled); ++number) {
        auto& done = slot(number);
        const tail_word sealed{done.sealed.load(std::memory_order_acquire)};
        blocks_.give_back(done.data, sealed.offset());
        done.tail.store(segment::shut, std::memory_order_relaxed);
        const std::lock_guard lock(released_mutex_);
        released_records_ += sealed.records();
        released_.store(number + 1, std::memory_order_release);
    }
}

bool journal::must_give_up() const noexcept {
    // One that lags while another does not pays for itself, whatever the policy, so that half of the buffer is always
    // there for those that keep up. When all lag, all have the same trouble, and the policy decides.
    const auto lags = [this](const auto& c) { return backlog(*c) >= blocks_.count() / 2; };
    const auto lagging = std::count_if(cursors_.begin(), cursors_.end(), lags);
    if (lagging > 0 && static_cast<std::size_t>(lagging) < cursors_.size()) return true;
    return settings_.policy == when_full::drop_oldest &&
           free_segments() < std::max<std::uint64_t>(blocks_.count() / 8, 1);
}

void journal::give_up_oldest() noexcept {
    while (must_give_up()) {
        const auto oldest = released_.load(std::memory_order_relaxed);
        if (oldest == active_number()) return;
        for (const auto& c : cursors_) {
            if (c->settled_to() / settings_.segment_size <= oldest && !c->leave(oldest)) return;
        }
        release_settled();
    }
}

void journal::make_ready() noexcept {
    // All there is, always: a burst may fill the whole buffer before this thread is scheduled again.
    const auto enough = active_number() + ready_ahead;
    const auto last_slot = released_.load(std::memory_order_relaxed) + slot_mask_;
    for (auto number = shared_.ready.load(std::memory_order_relaxed); number <= last_slot; ++number) {
        if (!blocks_.any_cold() && (number > enough || !blocks_.any_warm())) return;
        auto& fresh = slot(number);
        fresh.warm = !blocks_.any_cold();
        fresh.data = fresh.warm ? blocks_.take_warm() : blocks_.take_cold();
        fresh.sealed.store(segment::not_sealed, std::memory_order_relaxed);
        fresh.number.store(number, std::memory_order_relaxed);
        fresh.tail.store(0, std::memory_order_release);
        shared_.ready.store(number + 1, std::memory_order_release);
    }
}

void journal::follow_pace(std::uint64_t rotations) noexcept {
    const auto most = std::clamp<std::uint64_t>(blocks_.count() / 8, 1, most_ahead);
    ahead_ = std::clamp<std::uint64_t>(2 * rotations, ahead_, most);
    blocks_.keep_warm(static_cast<std::size_t>(ahead_) + 1);
}

void journal::prefault_ahead() noexcept {
    const auto active = active_number();
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    for (auto number = std::max(prefaulted_, active); number < std::min(active + 1 + ahead_, ready); ++number) {
        auto& next = slot(number);
        // Not the last one: a producer that finds it full has nowhere to go.
        if (!next.warm && number + 1 < ready && blocks_.any_warm()) {
            while_shut(next, [&] {
                blocks_.give_back_cold(std::exchange(next.data, blocks_.take_warm()));
                next.warm = true;
            });
        }
        if (!next.warm) blocks_.prefault(next.data);
        next.warm = true;
        prefaulted_ = number + 1;
    }
}

void journal::trim() noexcept {
    ahead_ = 1;
    blocks_.keep_warm(2);
    blocks_.trim();
    const auto first = active_number() + 2;
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    for (auto number = first; number < prefaulted_ && number + 1 < ready; ++number) {
        auto& next = slot(number);
        if (next.warm && while_shut(next, [&] { blocks_.chill(next.data); })) next.warm = false;
    }
    prefaulted_ = std::min(prefaulted_, first);
}

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
