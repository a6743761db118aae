#include <algorithm>
#include <utility>

#include <delivery/assembler.hpp>

namespace logferry::delivery {

assembler::assembler(vendor& to, const batch_limits& limits, batch_pool& pool)
    : to_(to),
      limits_{std::max<std::size_t>(limits.records, 1), limits.bytes, limits.age},
      pool_(pool),
      frame_{to.limits().open, to.limits().separator, to.limits().close} {}

encoded assembler::add(const record_view& record, std::uint64_t token, std::uint64_t order, steady_time now) {
    if (!open_) open_ = pool_.take();
    begin_entry(*open_, frame_, token, record.time_ns);
    auto result = encode(record, now);
    end_entry(*open_);
    if (result.what == encoded::result::ok && !fits_alone(open_->entries.back())) {
        result.what = encoded::result::rejected;
        result.reason = "it is larger than a request may be";
    }
    if (result.what != encoded::result::ok) {
        undo_entry(*open_);
        return result;
    }
    open_->entries.back().pages = result.pages;
    if (open_->entries.size() == 1) {
        open_->order = order;
        open_->opened = now;
    }
    last_order_ = order;
    last_added_ = now;
    return result;
}

encoded assembler::encode(const record_view& record, steady_time now) {
    // Vendors promise not to throw, but an application's own vendor may break the promise, and that must cost one
    // record and not the worker. What it says stays unread: it may quote the record.
    try {
        return to_.encode(record, now, open_->body);
    } catch (...) {
        encoded failed;
        failed.what = encoded::result::rejected;
        failed.reason = "the vendor's encode threw an exception";
        return failed;
    }
}

bool assembler::fits_alone(const batch_entry& entry) const noexcept {
    return frame_.open.size() + (entry.end - entry.begin) + frame_.close.size() <= limits_.bytes;
}

std::unique_ptr<batch> assembler::take() {
    std::unique_ptr<batch> next;
    if (over()) {
        next = pool_.take();
        append_copy(*next, *open_, open_->entries.back(), frame_);
        next->order = last_order_;
        next->opened = last_added_;
        undo_entry(*open_);
    }
    open_->seal(frame_);
    auto done = std::exchange(open_, std::move(next));
    return done;
}

}  // namespace logferry::delivery
