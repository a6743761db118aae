// What the backlog takes on the device, and what of that can be given back before anybody has come to it.
#include <algorithm>
#include <new>

#include "backlog_parts.hpp"
#include "descriptor.hpp"
#include "shortage.hpp"

namespace logferry::journal {

namespace {

// Room that is worth a call to the system.
constexpr std::uint64_t worth_giving_back = 16 * 1024;

// Files of one journal whose room is looked up; more are taken for full.
constexpr std::size_t most_measured = 4096;

}  // namespace

void backlog::parts::tidy(std::uint64_t effort) noexcept {
    const auto limit = scout.effort() + effort;
    untidy = std::max(untidy, queue_begin);
    try {
        while (auto* const of = at(untidy)) {
            const auto found = tidy_end(*of);
            scout.close();
            if (found == tidied::later || scout.effort() >= limit) return;
            untidy += found == tidied::done;
        }
        scout.release();
    } catch (const std::bad_alloc&) {
        scout.close();
    }
}

/// The last file of a journal is the only one that may have room that nobody uses, unless all of it is that.
backlog::parts::tidied backlog::parts::tidy_end(recovered_journal& of) {
    const auto last = of.last();
    if (last == of.size()) return tidied::done;
    auto& file = of.file(last);
    const auto name = of.name(last);
    switch (scout.open(of.slot(), name.c_str())) {
        case segment_reader::opened::good:
            if (is_used(of, file)) return tidied::done;
            break;
        case segment_reader::opened::blank:
            break;
        case segment_reader::opened::failed:
            return is_shortage(scout.error()) ? tidied::later : tidied::done;
        case segment_reader::opened::newer:
        case segment_reader::opened::damaged:
            return tidied::done;
    }
    if (of.slot().remove(name.c_str()) != 0) return tidied::done;
    file_gone(of, file);
    dirty = true;
    return tidied::removed_one;
}

/// Whether the file that the scout has open holds anything. What lies behind that is given back.
bool backlog::parts::is_used(recovered_journal& of, segment_file& file) {
    const auto full = scout.header().segment_size;
    if (file.bytes != 0 && file.bytes + worth_giving_back <= full) return true;  // that was done before
    using found = segment_reader::found;
    std::uint64_t end = 0;
    for (auto what = scout.next(); what != found::end; what = scout.next()) {
        // Nobody can tell what it is, or where it ends.
        if (what == found::damage || what == found::unreadable) return true;
        if (what != found::more) end = scout.offset();
    }
    if (end > 0 && end + worth_giving_back <= full && scout.give_back(end) == 0) {
        note_bytes(of, file, scout.allocated());
    }
    return end > 0;
}

/// Of a file of the own slot: what it takes from the live journal's room.
void backlog::parts::note_bytes(const recovered_journal& of, segment_file& file, std::uint64_t bytes) noexcept {
    if (!is_own(of)) return;
    own_bytes += bytes - file.bytes;
    file.bytes = bytes;
}

void backlog::parts::measure(recovered_journal& of) noexcept {
    if (!is_own(of)) return;
    own_bytes += bytes_of_cursors();
    for (std::size_t i = 0; i < of.size(); ++i) note_bytes(of, of.file(i), bytes_of(of, i));
}

/// That a journal's file of them comes to when all have entered it.
std::uint64_t backlog::parts::bytes_of_cursors() const noexcept {
    return cursor_file::bytes_for(settings.destinations.size());
}

/// As much as it can be where that cannot be told.
std::uint64_t backlog::parts::bytes_of(const recovered_journal& of, std::size_t index) const noexcept {
    const auto most = segment_file_head + settings.segment_size;
    if (of.size() > most_measured) return most;
    try {
        const descriptor file(own.os(), of.slot().open(of.name(index).c_str()));
        file_status is;
        if (file.error() == 0 && own.os().status(file.get(), is) == 0) return is.allocated;
    } catch (const std::bad_alloc&) {
    }
    return most;
}

}  // namespace logferry::journal
