#include <algorithm>

#include <journal/cursor.hpp>
#include <journal/journal.hpp>

namespace logferry::journal {

namespace {

std::uint32_t head_state(const segment& in, std::uint64_t offset) noexcept {
    auto& head = *reinterpret_cast<record_head*>(in.data + offset);
    return std::atomic_ref<std::uint32_t>(head.state).load(std::memory_order_acquire);
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
    passed_.push_back({segment_, offset_, hand_out()});
    offset_ += stride(state & size_mask);
    return true;
}

std::uint64_t cursor::hand_out() {
    window_.push_back({segment_ * journal_.settings_.segment_size + offset_, false});
    return first_token_ + window_.size() - 1;
}

void cursor::settle(std::uint64_t token) noexcept {
    window_[token - first_token_].settled = true;
    while (!window_.empty() && window_.front().settled) {
        window_.pop_front();
        ++first_token_;
    }
    publish();
}

void cursor::publish() noexcept {
    const auto read_to = segment_ * journal_.settings_.segment_size + offset_;
    const auto oldest = window_.empty() ? read_to : window_.front().at;
    settled_to_.store(std::max(oldest, floor_ * journal_.settings_.segment_size), std::memory_order_release);
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
    floor_ = number + 1;
    // What was passed and is finished by now was never read either.
    for (const auto& p : passed_) {
        if (!passed_here(p)) continue;
        give_up(journal_.slot(p.segment), p.offset);
        settle(p.token);
    }
    std::erase_if(passed_, passed_here);
    publish();
    return true;
}

void cursor::give_up(const segment& in, std::uint64_t offset) noexcept {
    given_up_.fetch_add(1, std::memory_order_relaxed);
    if (give_up_told_) give_up_told_({in.data + offset + sizeof(record_head), head_state(in, offset) & size_mask});
}

bool cursor::read_again(std::uint64_t token, entry& out) const noexcept {
    const auto index = token - first_token_;
    if (index >= window_.size() || window_[index].settled) return false;
    const auto at = window_[index].at;
    const auto number = at / journal_.settings_.segment_size;
    if (number < floor_) return false;
    const auto& in = journal_.slot(number);
    const auto offset = at % journal_.settings_.segment_size;
    const auto state = head_state(in, offset);
    if (state & in_progress) return false;
    out = {{in.data + offset + sizeof(record_head), state & size_mask}, at, token};
    return true;
}

}  // namespace logferry::journal
