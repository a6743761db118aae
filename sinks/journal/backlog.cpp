#include <algorithm>
#include <cerrno>
#include <new>
#include <tuple>

#include <failpoint/failpoint.hpp>
#include <journal/spool_format.hpp>

#include "backlog_parts.hpp"

namespace logferry::journal {

namespace {

// Files that one round removes at most.
constexpr std::size_t most_removals = 32;

// Bytes that one round reads at most to see that they are nothing.
constexpr std::uint64_t most_scouting = 32 * 1024 * 1024;

// Segments that one crash leaves ready, the one in use included, while it is quiet.
constexpr std::uint64_t usual_leftover = 5;

// How soon a file that could not be removed is tried again.
constexpr std::int64_t remove_again_after_ns = 1'000'000'000;

std::string_view name_of(flaw what) noexcept {
    switch (what) {
        case flaw::none:
            break;
        case flaw::damaged_head:
            return "damaged-head";
        case flaw::damaged_records:
            return "damaged-records";
        case flaw::wrong_name:
            return "wrong-name";
        case flaw::unreadable:
            return "unreadable";
    }
    return "";
}

}  // namespace

// Finding ------------------------------------------------------------------------------------------------------------

backlog::parts::parts(spool_directory& in, spool_slot& slot, std::uint64_t created, backlog_settings chosen)
    : spool(in), own(slot), own_created(created), settings(std::move(chosen)), scout(settings.largest_record) {}

int backlog::parts::add_own() noexcept {
    try {
        // It owns nothing: the slot is the caller's.
        const int found = add_journals(std::shared_ptr<spool_slot>(std::shared_ptr<spool_slot>(), &own));
        own_listed = found >= 0;
        return found;
    } catch (const std::bad_alloc&) {
        return -ENOMEM;
    }
}

int backlog::parts::add_journals(const std::shared_ptr<spool_slot>& slot) {
    std::vector<std::string> names;
    if (const int error = slot->list(names); error < 0) return error;

    const bool first_time = met.insert(slot->number()).second;
    std::vector<spool_name> known;
    for (const auto& name : names) {
        const auto parsed = parse_name(name);
        if (!parsed) {
            counts.foreign_files += first_time;
        } else if (slot.get() != &own || parsed->created != own_created) {
            known.push_back(*parsed);
        }
    }
    const auto order = [](const spool_name& n) { return std::tuple(n.created, n.what, n.number); };
    std::sort(known.begin(), known.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });

    int found = 0;
    for (auto first = known.begin(); first != known.end();) {
        const auto created = first->created;
        std::vector<std::uint64_t> numbers;
        const auto last = std::find_if(first, known.end(), [&](const auto& n) { return n.created != created; });
        for (; first != last; ++first) {
            if (first->what == spool_name::kind::segment) numbers.push_back(first->number);
        }
        if (left.contains({slot->number(), created})) continue;
        auto one = std::make_unique<recovered_journal>(slot, created, numbers);
        if (numbers.empty()) {
            one->remove_cursors();
            continue;
        }
        queue.push_back(std::move(one));
        ++counts.journals;
        counts.segments += numbers.size();
        counts.missing_segments += queue.back()->missing();
        segments_found += numbers.size();
        measure(*queue.back());
        ++found;
    }
    return found;
}

std::shared_ptr<spool_slot> backlog::parts::keep(std::unique_ptr<spool_slot> slot) {
    const auto is_free = [](const auto& s) { return s.load(std::memory_order_relaxed) == nullptr; };
    auto& place = *std::find_if(adopted.begin(), adopted.end(), is_free);
    const auto let_go = [&place](spool_slot* of) {
        place.store(nullptr, std::memory_order_relaxed);
        delete of;
    };
    place.store(slot.get(), std::memory_order_relaxed);
    return {slot.release(), let_go};
}

bool backlog::parts::can_adopt() const noexcept {
    return std::any_of(adopted.begin(), adopted.end(), [](const auto& s) { return s == nullptr; });
}

bool backlog::can_adopt_more() const noexcept { return parts_->hindered && parts_->can_adopt(); }

void backlog::look_for_orphans() noexcept {
    auto& p = *parts_;
    try {
        if (!p.own_listed) p.add_own();
        p.hindered = true;
        unsigned from = 0;
        while (p.can_adopt()) {
            auto orphan = p.spool.adopt_orphan(from);
            if (!orphan) {
                p.hindered = false;
                return;
            }
            from = orphan->number() + 1;
            if (p.add_journals(p.keep(std::move(orphan))) > 0) ++p.counts.adopted_slots;
        }
    } catch (const std::bad_alloc&) {
        // They are there the next time too.
    }
}

// Letting go ---------------------------------------------------------------------------------------------------------

void backlog::parts::file_gone(const recovered_journal& of, segment_file& file) noexcept {
    file.gone = true;
    --counts.segments;
    note_bytes(of, file, 0);
}

void backlog::parts::leave_alone(const recovered_journal& of, segment_file& file) noexcept {
    file.left_alone = true;
    ++counts.foreign_files;
    --counts.segments;
    note_bytes(of, file, 0);
}

void backlog::parts::save_cursors() noexcept {
    LOGFERRY_FAILPOINT("backlog_before_cursors");
    for (const auto& c : cursors) {
        c->state_->save();
        dirty = dirty || c->state_->changed;
    }
    LOGFERRY_FAILPOINT("backlog_cursors_saved");
}

std::size_t backlog::parts::settled_by_all(std::uint64_t journal) const noexcept {
    auto least = queue[journal - queue_begin]->size();
    for (const auto& c : cursors) {
        if (c->state_->journal > journal) continue;
        least = std::min(least, c->state_->in && c->state_->journal == journal ? c->state_->settled_files() : 0);
    }
    return least;
}

bool backlog::parts::left_by_all(std::uint64_t journal) const noexcept {
    return std::all_of(cursors.begin(), cursors.end(), [&](const auto& c) { return c->state_->journal > journal; });
}

void backlog::parts::remove_files() noexcept {
    if (stuck_at) {
        const auto since = own.os().wall_clock() - *stuck_at;
        if (since >= 0 && since < remove_again_after_ns) return;
        stuck_at.reset();
    }
    auto budget = most_removals;
    auto journal = queue_begin;
    while (journal - queue_begin < queue.size() && remove_files_of(journal, budget) && left_by_all(journal)) {
        finish_front();
        journal = queue_begin;
    }
}

bool backlog::parts::remove_files_of(std::uint64_t journal, std::size_t& budget) noexcept {
    auto& of = *queue[journal - queue_begin];
    const auto end = settled_by_all(journal);
    for (auto index = of.first(); index < end; index = of.first()) {
        if (budget == 0) {
            dirty = true;
            return false;
        }
        --budget;
        bool removed = false;
        try {
            removed = remove_file(of, index);
        } catch (const std::bad_alloc&) {
        }
        if (!removed) {
            stuck_at = own.os().wall_clock();
            return false;
        }
        file_gone(of, of.file(index));
        LOGFERRY_FAILPOINT("backlog_unlinked");
    }
    return of.first() == of.size();
}

bool backlog::parts::remove_file(recovered_journal& of, std::size_t index) {
    const auto name = of.name(index);
    auto& file = of.file(index);
    if (file.what != flaw::none) {
        const auto done = of.slot().quarantine(name.c_str(), name_of(file.what), settings.quarantine_bytes);
        if (done == spool_slot::quarantined::later) return false;
        file.what = flaw::none;
        if (done == spool_slot::quarantined::kept) {
            ++counts.quarantined_files;
            return true;
        }
        ++counts.discarded_files;
    }
    // The quarantine may have removed it.
    const int error = of.slot().remove(name.c_str());
    return error == 0 || error == -ENOENT;
}

void backlog::parts::finish_front() noexcept {
    const auto& of = *queue.front();
    if (!of.leaves_any()) {
        of.remove_cursors();
    } else {
        try {
            left.emplace(of.slot().number(), of.created());
        } catch (const std::bad_alloc&) {
            // Then it is looked at again.
        }
    }
    if (is_own(of)) own_bytes -= bytes_of_cursors();
    --counts.journals;
    queue.pop_front();
    ++queue_begin;
}

// What others see ----------------------------------------------------------------------------------------------------

backlog::backlog(spool_directory& spool, spool_slot& own, std::uint64_t own_created, backlog_settings chosen)
    : parts_(std::make_unique<parts>(spool, own, own_created, std::move(chosen))) {
    for (std::size_t i = 0; i < parts_->settings.destinations.size(); ++i) {
        parts_->cursors.push_back(std::make_unique<backlog_cursor>(*this, i));
    }
    parts_->add_own();
    // As far as that is quick: what a crash loop leaves ready each time must not take the room for what it logs.
    parts_->tidy(std::max<std::uint64_t>(most_scouting, usual_leftover * parts_->settings.segment_size));
}

backlog::~backlog() = default;

backlog_cursor& backlog::cursor(std::size_t destination) noexcept { return *parts_->cursors[destination]; }

void backlog::maintain() noexcept {
    auto& p = *parts_;
    for (const auto& c : p.cursors) c->state_->resting = false;
    p.tidy(most_scouting);
    if (!p.dirty && !p.stuck_at) return;
    if (std::exchange(p.dirty, false)) p.save_cursors();
    p.remove_files();
}

std::uint64_t backlog::own_segments() const noexcept {
    const auto each = segment_file_head + parts_->settings.segment_size;
    return (parts_->own_bytes + each - 1) / each;
}

bool backlog::give_up_oldest() noexcept {
    auto& p = *parts_;
    auto journal = p.queue_begin;
    const auto has_files = [&] {
        auto& of = *p.at(journal);
        return p.is_own(of) && of.first() < of.size();
    };
    while (p.at(journal) && !has_files()) ++journal;
    auto* const of = p.at(journal);
    if (!of) return false;
    const auto index = of->first();
    if (p.settled_by_all(journal) > index) return false;
    p.dirty = true;
    try {
        for (const auto& c : p.cursors) {
            auto& s = *c->state_;
            if (s.journal > journal) continue;
            if (!s.reach(journal) || !s.give_up(index)) return false;
        }
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

void backlog::forget() noexcept {
    parts_->scout.forget();
    for (const auto& c : parts_->cursors) {
        c->state_->reader.forget();
        c->state_->again.forget();
        if (c->state_->in) c->state_->in->forget();
    }
    for (const auto& slot : parts_->adopted) {
        if (auto* const s = slot.load(std::memory_order_relaxed)) s->forget();
    }
}

const backlog_counts& backlog::counts() const noexcept { return parts_->counts; }

std::string backlog::take_news() {
    auto& p = *parts_;
    std::string news;
    const auto tell = [&news](std::uint64_t count, std::string_view one, std::string_view several) {
        if (count == 0) return;
        if (!news.empty()) news += "; ";
        news += std::to_string(count);
        news += count == 1 ? one : several;
    };
    const auto since = [&p](std::uint64_t backlog_counts::*member) { return p.counts.*member - p.told.*member; };
    tell(p.segments_found - p.segments_told, " segment file of an earlier process was found",
         " segment files of earlier processes were found");
    tell(since(&backlog_counts::missing_segments), " segment is missing", " segments are missing");
    tell(since(&backlog_counts::quarantined_files), " damaged segment was moved to the quarantine",
         " damaged segments were moved to the quarantine");
    tell(since(&backlog_counts::discarded_files), " damaged segment was removed, the quarantine cannot take more",
         " damaged segments were removed, the quarantine cannot take more");
    tell(since(&backlog_counts::foreign_files), " file is not of this release and is left alone",
         " files are not of this release and are left alone");
    p.segments_told = p.segments_found;
    p.told = p.counts;
    return news;
}

}  // namespace logferry::journal
