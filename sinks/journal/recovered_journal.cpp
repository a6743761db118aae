#include <algorithm>
#include <new>
#include <utility>

#include <journal/recovered_journal.hpp>
#include <journal/spool_format.hpp>

#include "shortage.hpp"

namespace logferry::journal {

namespace {

/// What a page said may be whole and yet make no sense.
void drop_nonsense(cursor_place& place) {
    auto end = place.settled_to;
    for (const auto& range : place.settled) {
        if (range.begin < end || range.end <= range.begin) {
            place.settled.clear();
            return;
        }
        end = range.end;
    }
}

}  // namespace

recovered_journal::recovered_journal(std::shared_ptr<spool_slot> slot, std::uint64_t created,
                                     const std::vector<std::uint64_t>& numbers)
    : slot_(std::move(slot)), created_(created), files_(numbers.size()) {
    for (std::size_t i = 0; i < numbers.size(); ++i) files_[i].number = numbers[i];
}

std::size_t recovered_journal::first() noexcept {
    while (first_ < files_.size() && (files_[first_].gone || files_[first_].left_alone)) ++first_;
    return first_;
}

std::size_t recovered_journal::last() const noexcept {
    const auto there = [](const auto& f) { return !f.gone && !f.left_alone; };
    const auto found = std::find_if(files_.rbegin(), files_.rend(), there);
    return found == files_.rend() ? files_.size() : static_cast<std::size_t>(files_.rend() - found) - 1;
}

std::uint64_t recovered_journal::missing() const noexcept {
    return files_.back().number - files_.front().number + 1 - files_.size();
}

bool recovered_journal::leaves_any() const noexcept {
    return std::any_of(files_.begin(), files_.end(), [](const auto& f) { return f.left_alone; });
}

position recovered_journal::position_of(file_place place) const noexcept {
    if (place.file == files_.size()) return (last_number() + 1) * segment_size;
    return files_[place.file].number * segment_size + std::min<std::uint64_t>(place.offset, segment_size);
}

/// As for the segments: what the process lacks is waited for, and bytes that cannot be read are asked for a few times.
bool recovered_journal::may_pass(int error) noexcept {
    return is_shortage(error) || error == EROFS || (error == EIO && ++tries_ < most_tries);
}

std::optional<cursor_place> recovered_journal::enter(std::string_view destination,
                                                     const std::vector<std::string>& configured) {
    if (!cursors_) cursors_.emplace(*slot_, created_);
    if (inside_ == 0 && may_pass(cursors_->error())) {
        cursors_.reset();
        return {};
    }
    auto found = cursors_->load(destination);
    // Unless it may be the one that the file has lost.
    if (!found && !cursors_->has_lost_a_name()) {
        for (const auto& name : cursors_->names()) {
            const auto is = [&name](const auto& other) { return cursor_file::kept(other) == name; };
            if (std::any_of(configured.begin(), configured.end(), is)) continue;
            auto left = cursors_->load(name);
            if (left && (!found || left->settled_to < found->settled_to)) found = std::move(left);
        }
    }
    ++inside_;
    if (!found) return cursor_place();
    drop_nonsense(*found);
    return *std::move(found);
}

int recovered_journal::save(std::string_view destination, position settled_to, const position_range* settled,
                            std::size_t count) noexcept {
    return cursors_->save(destination, settled_to, settled, count);
}

void recovered_journal::leave() noexcept {
    if (--inside_ == 0) cursors_.reset();
}

void recovered_journal::remove_cursors() const noexcept {
    try {
        slot_->remove(cursors_name(created_).c_str());
    } catch (const std::bad_alloc&) {
        // The next process finds that nothing belongs to it, and removes it.
    }
}

void recovered_journal::forget() noexcept {
    if (cursors_) cursors_->forget();
}

}  // namespace logferry::journal
