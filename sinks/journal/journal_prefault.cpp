// The journal's memory ahead of its producers: as much of it is in place as their pace asks for, and no more.
#include <algorithm>
#include <utility>

#include <journal/journal.hpp>

namespace logferry::journal {

namespace {

// Most segments that are prefaulted ahead of the producers.
constexpr std::uint64_t most_ahead = 8;

// Files that are ready beyond the active one: while it is quiet, and at the pace of the producers. They take room on
// the disk, but neither memory nor writes before they are prefaulted.
constexpr std::uint64_t least_files_ahead = 4;
constexpr std::uint64_t most_files_ahead = 16;

}  // namespace

void journal::follow_pace(std::uint64_t rotations) noexcept {
    const auto most = std::clamp<std::uint64_t>(room() / 8, 1, most_ahead);
    ahead_ = std::min(std::max(ahead_, 2 * rotations), most);
    blocks_.keep_warm(static_cast<std::size_t>(ahead_) + 1);
    const auto most_files = std::clamp(room() / 4, least_files_ahead, most_files_ahead);
    files_ahead_ = std::min(std::max(files_ahead_, 4 * rotations), most_files);
}

void journal::prefault_ahead() noexcept {
    const auto active = active_number();
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    for (auto number = std::max(prefaulted_, active); number < std::min(active + 1 + ahead_, ready); ++number) {
        auto& next = slot(number);
        if (next.salt != 0) {
            prefault_on_disk(next, number);
        } else if (settings_.disk && number > active + files_ahead_) {
            return;  // it will be a file
        } else {
            // Not the last one: a producer that finds it full has nowhere to go.
            warm_up(next, number + 1 == ready);
        }
        prefaulted_ = number + 1;
    }
}

void journal::warm_up(segment& next, bool last) noexcept {
    if (!next.warm && !last && blocks_.any_warm()) {
        while_shut(next, [&] {
            blocks_.give_back_cold(std::exchange(next.data, blocks_.take_warm()));
            next.warm = true;
        });
    }
    if (!next.warm) blocks_.prefault(next.data);
    next.warm = true;
}

void journal::trim() noexcept {
    ahead_ = 1;
    files_ahead_ = least_files_ahead;
    blocks_.keep_warm(2);
    blocks_.trim();
    const auto first = active_number() + 2;
    const auto ready = shared_.ready.load(std::memory_order_relaxed);
    for (auto number = first; number < prefaulted_ && number + 1 < ready; ++number) {
        auto& next = slot(number);
        if (next.salt == 0 && next.warm && while_shut(next, [&] { blocks_.chill(next.data); })) next.warm = false;
    }
    prefaulted_ = std::min(prefaulted_, first);
}

}  // namespace logferry::journal
