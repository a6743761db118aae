// The consumer's side of a journal with a spool: which segments are files, and what becomes of these.
#include <algorithm>
#include <utility>

#include <failpoint/failpoint.hpp>
#include <journal/journal.hpp>
#include <journal/spool.hpp>

namespace logferry::journal {

/// Before anything is released: whoever comes after us must not look for records where none are.
void journal::save_cursors() noexcept {
    if (!settings_.disk) return;
    LOGFERRY_FAILPOINT("before_cursors");
    for (const auto& c : cursors_) c->save(*settings_.disk);
    LOGFERRY_FAILPOINT("cursors_saved");
    settings_.disk->remove_stuck();
}

void journal::sync_sealed() noexcept {
    for (; settings_.disk && synced_ < active_number(); ++synced_) {
        if (slot(synced_).salt != 0) settings_.disk->sealed(synced_);
    }
}

/// A burst may be over before this thread is scheduled again. What finds no file then goes on in memory, unless it
/// would rather wait.
void journal::make_ready_on_disk(std::uint64_t last) noexcept {
    const auto last_file = active_number() + files_ahead_;
    if (settings_.policy == when_full::block) last = std::min(last, last_file);
    for (auto number = shared_.ready.load(std::memory_order_relaxed); number <= last; ++number) {
        auto& fresh = slot(number);
        const auto made = number <= last_file ? settings_.disk->create(number) : spool::block();
        fresh.salt = made.salt;
        fresh.data = made.data != nullptr ? made.data : blocks_.take_any();
        fresh.warm = false;
        open_slot(number);
    }
}

std::uint64_t journal::first_in_memory() const noexcept {
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    auto number = active_number();
    while (number < ready && slot(number).salt != 0) ++number;
    return number;
}

bool journal::off_disk() const noexcept {
    if (!settings_.disk) return false;
    const auto active = active_number();
    const auto end = std::min(shared_.ready.load(std::memory_order_relaxed), active + files_ahead_ + 1);
    for (auto number = active; number < end; ++number) {
        if (slot(number).salt == 0) return true;
    }
    return false;
}

void journal::return_to_disk() noexcept {
    if (!off_disk()) return;
    const auto active = active_number();
    const auto end = std::min(shared_.ready.load(std::memory_order_relaxed), active + files_ahead_ + 1);
    // The next ones first: there must be somewhere to go on.
    for (auto number = active + 1; number < end; ++number) {
        if (slot(number).salt == 0 && !put_on_disk(number)) return;
    }
    if (slot(active).salt != 0) return;
    const bool used = slot(active).tail.load(std::memory_order_relaxed) != 0;
    if (used) {
        seal_active();
    } else {
        put_on_disk(active);
    }
}

/// Changes memory for a file under a segment that nobody has reserved anything in. False when somebody has, or the disk
/// says no.
bool journal::put_on_disk(std::uint64_t number) noexcept {
    auto& next = slot(number);
    const auto made = settings_.disk->create(number);
    if (made.data == nullptr) return false;
    const bool changed = while_shut(next, [&] {
        blocks_.chill(next.data);
        blocks_.give_back_cold(std::exchange(next.data, made.data));
        next.salt = made.salt;
        next.warm = false;
    });
    prefaulted_ = std::min(prefaulted_, number);
    if (!changed) settings_.disk->remove(number, made.data);
    return changed;
}

/// Nobody reserves in the active segment any more; whoever comes goes on to the next.
void journal::seal_active() noexcept {
    const auto active = shared_.active.load(std::memory_order_acquire);
    if ((active & closed_bit) || active + 1 >= shared_.ready.load(std::memory_order_relaxed)) return;
    auto& in = slot(active);
    if (tail_word{in.tail.load(std::memory_order_relaxed)}.offset() > capacity()) return;
    const tail_word before{in.tail.fetch_add(segment::shut, std::memory_order_acq_rel)};
    if (before.offset() <= capacity()) in.sealed.store(before.word, std::memory_order_release);
    advance(active);
}

std::uint64_t journal::unspooled() const noexcept {
    if (!settings_.disk) return 0;
    const auto ready = shared_.ready.load(std::memory_order_acquire);
    auto records = released_unspooled_;
    for (auto number = released_.load(std::memory_order_relaxed); number < ready; ++number) {
        if (slot(number).salt == 0) records += tail_of(number).records();
    }
    return records;
}

void journal::settle_spool() noexcept {
    if (!settings_.disk) return;
    save_cursors();
    release_settled();
    const auto active = active_number();
    const auto end = this->end();
    const bool all_settled =
        std::all_of(cursors_.begin(), cursors_.end(), [end](const auto& c) { return c->settled_to() >= end; });
    bool any_left = false;
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    for (auto number = released_.load(std::memory_order_relaxed); number < ready; ++number) {
        auto& in = slot(number);
        if (in.salt == 0) continue;
        if (number > active || (number == active && all_settled)) {
            settings_.disk->remove_file(number);
        } else {
            any_left = true;
        }
    }
    if (!any_left) settings_.disk->remove_cursors();
}

void journal::prefault_on_disk(segment& next, std::uint64_t number) noexcept {
    if (!next.warm && !settings_.disk->prefault(next.data)) {
        // There is no room for it after all. If it is in use by now, nothing can be done.
        while_shut(next, [&] {
            settings_.disk->remove(number, next.data);
            next.data = blocks_.take_any();
            next.salt = 0;
        });
    }
    next.warm = true;
}

}  // namespace logferry::journal
