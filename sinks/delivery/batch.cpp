#include <algorithm>
#include <utility>

#include <delivery/batch.hpp>

namespace logferry::delivery {
namespace {

/// Spare bodies beyond this are not worth keeping through a quiet time.
constexpr std::size_t much = 1024 * 1024;

}  // namespace

void batch::clear() noexcept {
    body.clear();
    entries.clear();
    order = 0;
    tag = 0;
    opened = {};
    eager = false;
    sent = false;
    last_try = patient = false;
    gzip = false;
    left_at = {};
    shrunk = false;
    edition = 0;
    forget_failures();
}

bool batch::pages() const noexcept {
    return std::any_of(entries.begin(), entries.end(), [](const batch_entry& e) { return e.pages; });
}

batch_entry& begin_entry(batch& into, const framing& frame, std::uint64_t token, std::int64_t time_ns, level lvl) {
    into.body.append(into.empty() ? frame.open : frame.separator);
    const auto begin = into.body.size();
    return into.entries.emplace_back(batch_entry{token, time_ns, begin, begin, lvl, false});
}

void end_entry(batch& into) noexcept { into.entries.back().end = into.body.size(); }

void undo_entry(batch& into) noexcept {
    into.entries.pop_back();
    into.body.resize(into.empty() ? 0 : into.entries.back().end);
}

void append_copy(batch& to, const batch& from, const batch_entry& entry, const framing& frame) {
    begin_entry(to, frame, entry.token, entry.time_ns, entry.lvl).pages = entry.pages;
    to.body.append(from.body, entry.begin, entry.end - entry.begin);
    end_entry(to);
}

void halve(batch& whole, batch& rest, const framing& frame) {
    const auto middle = whole.entries.size() / 2;
    for (auto i = middle; i < whole.entries.size(); ++i) append_copy(rest, whole, whole.entries[i], frame);
    rest.seal(frame);
    rest.order = whole.order + middle;  // more than whole's, less than that of any batch behind it
    rest.opened = whole.opened;
    rest.sent = whole.sent;
    rest.edition = whole.edition;

    whole.entries.resize(middle);
    whole.body.resize(whole.entries.back().end);
    whole.seal(frame);  // within the capacity it had
    whole.forget_failures();
    whole.last_try = whole.patient = false;
}

std::unique_ptr<batch> batch_pool::take() {
    if (spare_.empty()) return std::make_unique<batch>();
    auto next = std::move(spare_.back());
    spare_.pop_back();
    bytes_ -= next->body.capacity();
    return next;
}

void batch_pool::give_back(std::unique_ptr<batch> done) {
    done->clear();
    bytes_ += done->body.capacity();
    spare_.push_back(std::move(done));
}

void batch_pool::trim() noexcept {
    if (bytes_ <= much) return;
    spare_.clear();
    bytes_ = 0;
}

}  // namespace logferry::delivery
