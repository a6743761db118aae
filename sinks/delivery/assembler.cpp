#include <utility>

#include <delivery/assembler.hpp>

namespace logferry::delivery {
namespace {

framing frame_of(const vendor& to) noexcept {
    const auto& limits = to.limits();
    return {limits.open, limits.separator, limits.close};
}

}  // namespace

assembler::assembler(vendor& to, const batch_limits& limits, batch_pool& pool)
    : to_(&to),
      largest_record_(limits.bytes),
      limits_{std::max<std::size_t>(limits.records, 1), limits.bytes, limits.age},
      pool_(pool),
      frame_(frame_of(to)) {}

void assembler::use(vendor& to) noexcept {
    to_ = &to;
    frame_ = frame_of(to);
    ++edition_;
}

encoded assembler::add(const record_view& record, std::uint64_t token, std::uint64_t order, steady_time now) {
    if (!open_) open_ = pool_.take();
    const auto result = append(*open_, record, token, now);
    if (result.what != encoded::result::ok) return result;
    if (open_->entries.size() == 1) {
        open_->order = order;
        open_->opened = now;
        open_->edition = edition_;
    }
    last_added_ = now;
    return result;
}

encoded assembler::append(batch& into, const record_view& record, std::uint64_t token, steady_time now) {
    begin_entry(into, frame_, token, record.time_ns, record.lvl);
    auto result = encode(record, now, into.body);
    end_entry(into);
    if (result.what == encoded::result::ok && !fits_alone(into.entries.back())) {
        result.what = encoded::result::rejected;
        result.reason = "it is larger than a request may be";
    }
    if (result.what == encoded::result::ok) {
        into.entries.back().pages = result.pages;
    } else {
        undo_entry(into);
    }
    return result;
}

encoded assembler::encode(const record_view& record, steady_time now, std::string& body) {
    // Vendors promise not to throw, but an application's own vendor may break the promise, and that must cost one
    // record and not the worker. What it says stays unread: it may quote the record.
    try {
        return to_->encode(record, now, body);
    } catch (...) {
        encoded failed;
        failed.what = encoded::result::rejected;
        failed.reason = "the vendor's encode threw an exception";
        return failed;
    }
}

bool assembler::fits_alone(const batch_entry& entry) const noexcept {
    // What was learnt about batches does not count here: the vendor has said nothing yet about this record alone.
    return frame_.open.size() + (entry.end - entry.begin) + frame_.close.size() <= largest_record_;
}

std::unique_ptr<batch> assembler::take() {
    auto next = over() ? take_excess() : nullptr;
    open_->seal(frame_);
    return std::exchange(open_, std::move(next));
}

/// Mostly the last record alone; more when less than before turned out to be too large.
std::unique_ptr<batch> assembler::take_excess() {
    auto& entries = open_->entries;
    auto fitting = entries.size() - 1;
    while (fitting > 1 && entries[fitting - 1].end + frame_.close.size() > limits_.bytes) --fitting;
    if (fitting == 0) return nullptr;  // one record that is too large goes alone
    auto next = pool_.take();
    for (auto i = fitting; i < entries.size(); ++i) append_copy(*next, *open_, entries[i], frame_);
    next->order = open_->order + fitting;  // at most that of its first record, and more than that of any before
    next->opened = last_added_;
    next->edition = edition_;
    while (entries.size() > fitting) undo_entry(*open_);
    return next;
}

}  // namespace logferry::delivery
