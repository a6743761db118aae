#include <algorithm>
#include <iterator>

#include <journal/cursor.hpp>
#include <journal/journal.hpp>
#include <journal/spool.hpp>

namespace logferry::journal {

namespace {

std::uint32_t head_state(const segment& in, std::uint64_t offset) noexcept {
    auto& head = *reinterpret_cast<record_head*>(in.data + offset);
    return static_cast<std::uint32_t>(std::atomic_ref<std::uint64_t>(head.state).load(std::memory_order_acquire));
}

/// Where the records of a sealed segment end; past any offset while it is not sealed.
std::uint64_t sealed_end(const segment& of) noexcept {
    const auto word = of.sealed.load(std::memory_order_acquire);
    return word == segment::not_sealed ? tail_word::one_record : tail_word{word}.offset();
}

}  // namespace

cursor::look cursor::peek(std::uint64_t& number, std::uint64_t& offset) const noexcept {
    const auto active = journal_.active_number();
    while (number <= active) {
        const auto& in = journal_.slot(number);
        if (offset >= sealed_end(in)) {
            // Not before the next segment is active: until then its slot may belong to another number.
            if (number == active) return look::nothing;
            ++number;
            offset = 0;
            continue;
        }
        if (offset >= journal_.settings_.segment_size) return look::nothing;
        const auto state = head_state(in, offset);
        // 0 is free room, or a record that is reserved but not claimed yet, a matter of two instructions.
        if (state == 0) return look::nothing;
        if (state & in_progress) return look::unfinished;
        if (!(state & padding)) return look::record;
        offset += stride(state & size_mask);
    }
    return look::nothing;
}

bool cursor::next(entry& out) {
    const auto found = peek(segment_, offset_);
    // After the look ahead: when it shows a later record of a producer, its passed one shows here as finished, so that
    // the two keep their order.
    if (!passed_.empty() && next_finished(out)) return true;
    if (found != look::record) {
        publish();
        return false;
    }
    const auto& in = journal_.slot(segment_);
    const auto size = head_state(in, offset_) & size_mask;
    out.data = {in.data + offset_ + sizeof(record_head), size};
    out.at = segment_ * journal_.settings_.segment_size + offset_;
    out.token = hand_out();
    offset_ += stride(size);
    return true;
}

bool cursor::next_finished(entry& out) noexcept {
    for (auto it = passed_.begin(); it != passed_.end(); ++it) {
        const auto& in = journal_.slot(it->segment);
        const auto state = head_state(in, it->offset);
        if (state & in_progress) continue;
        out.data = {in.data + it->offset + sizeof(record_head), state & size_mask};
        out.at = it->segment * journal_.settings_.segment_size + it->offset;
        out.token = it->token;
        passed_.erase(it);
        return true;
    }
    return false;
}

bool cursor::readable() const noexcept {
    for (const auto& p : passed_) {
        if (!(head_state(journal_.slot(p.segment), p.offset) & in_progress)) return true;
    }
    auto number = segment_;
    auto offset = offset_;
    return peek(number, offset) == look::record;
}

bool cursor::held_up() const noexcept {
    auto number = segment_;
    auto offset = offset_;
    return peek(number, offset) == look::unfinished;
}

bool cursor::pass_unfinished() {
    if (peek(segment_, offset_) != look::unfinished) return false;
    const auto state = head_state(journal_.slot(segment_), offset_);
    passed_.reserve(passed_.size() + 1);  // before the token, which would never be settled
    passed_.push_back({segment_, offset_, hand_out()});
    offset_ += stride(state & size_mask);
    return true;
}

std::uint64_t cursor::hand_out() { return window_.hand_out(segment_ * journal_.settings_.segment_size + offset_); }

void cursor::settle(std::uint64_t token) noexcept {
    if (!window_.settle(token)) --adrift_;
    unsaved_ = true;
    publish();
}

void cursor::publish() noexcept {
    const auto read_to = segment_ * journal_.settings_.segment_size + offset_;
    settled_to_.store(window_.empty() ? read_to : window_.oldest(), std::memory_order_release);
}

bool cursor::leave(std::uint64_t number) noexcept {
    const auto passed_here = [number](const unfinished& p) { return p.segment <= number; };
    for (const auto& p : passed_) {
        if (passed_here(p) && (head_state(journal_.slot(p.segment), p.offset) & in_progress)) return false;
    }
    if (segment_ == number) {
        const auto& in = journal_.slot(number);
        const auto end = sealed_end(in);
        for (auto offset = offset_; offset < end;) {
            const auto state = head_state(in, offset);
            if (state == 0 || (state & in_progress)) return false;
            offset += stride(state & size_mask);
        }
        for (auto offset = offset_; offset < end;) {
            const auto state = head_state(in, offset);
            if (!(state & padding)) give_up(in, offset);
            offset += stride(state & size_mask);
        }
        segment_ = number + 1;
        offset_ = 0;
    }
    // What was passed and is finished by now was never read either.
    for (const auto& p : passed_) {
        if (!passed_here(p)) continue;
        give_up(journal_.slot(p.segment), p.offset);
        settle(p.token);
    }
    std::erase_if(passed_, passed_here);
    adrift_ += window_.give_up((number + 1) * journal_.settings_.segment_size);
    unsaved_ = true;
    publish();
    return true;
}

void cursor::give_up(const segment& in, std::uint64_t offset) noexcept {
    given_up_.fetch_add(1, std::memory_order_relaxed);
    if (give_up_told_) give_up_told_({in.data + offset + sizeof(record_head), head_state(in, offset) & size_mask});
}

void cursor::save(spool& to) noexcept {
    if (!unsaved_) return;
    position_range settled[cursor_file::most_ranges];
    const auto read_to = segment_ * journal_.settings_.segment_size + offset_;
    const auto count = window_.settled_runs(read_to, settled, std::size(settled));
    unsaved_ = !to.save(destination_, settled_to(), settled, count);
}

std::uint64_t cursor::unspooled() const noexcept {
    const auto in_memory = [this](std::uint64_t number) { return journal_.slot(number).salt == 0; };
    auto count = adrift_;
    window_.for_each_unsettled([&](position at) {
        if (in_memory(at / journal_.settings_.segment_size)) ++count;
    });
    auto number = segment_;
    auto offset = offset_;
    for (auto found = peek(number, offset); found != look::nothing; found = peek(number, offset)) {
        const auto size = head_state(journal_.slot(number), offset) & size_mask;
        if (found == look::record && in_memory(number)) ++count;
        offset += stride(size);
    }
    return count;
}

bool cursor::read_again(std::uint64_t token, entry& out) const noexcept {
    if (!window_.unsettled(token)) return false;
    const auto at = window_.at(token);
    const auto number = at / journal_.settings_.segment_size;
    const auto& in = journal_.slot(number);
    const auto offset = at % journal_.settings_.segment_size;
    const auto state = head_state(in, offset);
    if (state & in_progress) return false;
    out = {{in.data + offset + sizeof(record_head), state & size_mask}, at, token};
    return true;
}

}  // namespace logferry::journal
