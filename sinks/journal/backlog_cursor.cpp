#include <algorithm>
#include <array>
#include <cerrno>
#include <new>

#include <failpoint/failpoint.hpp>

#include "backlog_parts.hpp"
#include "shortage.hpp"

namespace logferry::journal {

namespace {

// Most that one call of `next` reads to find a record, so that damage and empty files do not stop the worker.
constexpr std::uint64_t most_bytes_a_step = 8 * 1024 * 1024;

/// Not a regular file of ours with one name.
bool is_foreign(int error) noexcept {
    return error == EPERM || error == EACCES || error == ELOOP || error == EISDIR || error == ENOTDIR || error == ENXIO;
}

}  // namespace

backlog_cursor::state::state(backlog::parts& of, std::size_t to)
    : shared(of), destination(to), reader(of.settings.largest_record), again(of.settings.largest_record) {}

// The way ------------------------------------------------------------------------------------------------------------

backlog_cursor::state::look backlog_cursor::state::advance() {
    if (!in) return enter_next();
    if (file == in->size()) {
        if (!window.empty()) return look::nothing;
        leave();
        return look::more;
    }
    return reader.is_open() ? read_file() : open_file();
}

backlog_cursor::state::look backlog_cursor::state::enter_next() {
    auto* const next = shared.at(journal);
    if (!next) {
        reader.release();
        again.release();
        return look::nothing;
    }
    auto known = next->enter(shared.settings.destinations[destination], shared.settings.destinations);
    if (!known) {
        resting = true;
        return look::nothing;
    }
    settled_before = *std::move(known);
    in = next;
    file = 0;
    next_range = 0;
    return look::more;
}

void backlog_cursor::state::leave() noexcept {
    save();
    changed = false;
    in->leave();
    in = nullptr;
    ++journal;
    shared.dirty = true;
}

void backlog_cursor::state::next_file() noexcept {
    reader.close();
    ++file;
    tries = 0;
    changed = true;
    shared.dirty = true;
}

backlog_cursor::state::look backlog_cursor::state::open_file() {
    auto& f = in->file(file);
    if (f.gone || f.left_alone) {
        next_file();
        return look::more;
    }
    LOGFERRY_FAILPOINT("backlog_file");
    switch (reader.open(in->slot(), in->name(file).c_str())) {
        case segment_reader::opened::good:
            break;
        case segment_reader::opened::failed:
            return after_failed_opening(f);
        case segment_reader::opened::damaged:
            note_flaw(f, flaw::damaged_head);
            [[fallthrough]];
        case segment_reader::opened::blank:
            next_file();
            return look::more;
        case segment_reader::opened::newer:
            shared.leave_alone(*in, f);
            next_file();
            return look::more;
    }
    tries = 0;
    const auto& header = reader.header();
    if (header.created != in->created() || header.number != f.number) {
        if (!std::exchange(f.wrong_name, true)) note_flaw(f, flaw::wrong_name);
        return look::more;
    }
    in->segment_size = header.segment_size;
    if (is_settled_wholly(f)) next_file();
    return look::more;
}

backlog_cursor::state::look backlog_cursor::state::after_failed_opening(segment_file& f) {
    const int error = reader.error();
    const bool hopeless = error == ENOENT || is_foreign(error) || (error == EIO && ++tries >= most_tries);
    // Whatever else it is may go away, and the file may be as good as any: it is waited for.
    if (!hopeless) {
        resting = true;
        return look::nothing;
    }
    if (error == ENOENT) {
        ++shared.counts.missing_segments;
        shared.file_gone(*in, f);
    } else if (is_foreign(error)) {
        shared.leave_alone(*in, f);
    } else {
        note_flaw(f, flaw::unreadable);
    }
    next_file();
    return look::more;
}

backlog_cursor::state::look backlog_cursor::state::read_file() {
    auto& f = in->file(file);
    const auto found = reader.next();
    changed = true;
    switch (found) {
        case segment_reader::found::record:
            tries = 0;
            if (!is_settled()) return look::record;
            // Where earlier ones are on their way it is remembered as settled behind them.
            if (!window.empty())
                window.settle(window.hand_out(file_place{file, static_cast<std::uint32_t>(reader.found_at())}.word()));
            return look::more;
        case segment_reader::found::corrupt:
            if (f.what == flaw::none) f.what = flaw::damaged_records;
            if (is_settled()) return look::more;
            ++recovered;
            ++corrupt;
            return look::more;
        case segment_reader::found::unfinished:
            if (is_news(f)) ++shared.counts.unfinished_records;
            return look::more;
        case segment_reader::found::damage:
            if (is_news(f)) note_flaw(f, flaw::damaged_records);
            return look::more;
        case segment_reader::found::more:
            return look::more;
        case segment_reader::found::unreadable:
            return after_unreadable();
        case segment_reader::found::end:
            break;
    }
    next_file();
    return look::more;
}

backlog_cursor::state::look backlog_cursor::state::after_unreadable() {
    if (is_shortage(reader.error()) || ++tries < most_tries) {
        resting = true;
        return look::nothing;
    }
    tries = 0;
    auto& f = in->file(file);
    if (is_news(f)) note_flaw(f, flaw::damaged_records);
    reader.pass_unreadable();
    return look::more;
}

bool backlog_cursor::state::is_settled() noexcept {
    if (in->file(file).wrong_name) return false;
    const auto at = in->position_of({file, static_cast<std::uint32_t>(reader.found_at())});
    if (at < settled_before.settled_to) return true;
    const auto& ranges = settled_before.settled;
    while (next_range < ranges.size() && ranges[next_range].end <= at) ++next_range;
    return next_range < ranges.size() && ranges[next_range].begin <= at;
}

bool backlog_cursor::state::is_settled_wholly(const segment_file& f) const noexcept {
    return settled_before.settled_to / in->segment_size > f.number;
}

bool backlog_cursor::state::is_news(segment_file& f) const noexcept {
    const auto at = reader.found_at();
    if (at < f.counted_to) return false;
    f.counted_to = static_cast<std::uint32_t>(at) + 1;
    return true;
}

void backlog_cursor::state::note_flaw(segment_file& f, flaw what) noexcept {
    // What is wrong with the whole file is counted for the first that comes.
    if (!reader.is_open() && f.what == what) return;
    ++shared.counts.damaged_places;
    if (f.what == flaw::none) f.what = what;
}

void backlog_cursor::state::hand_out(entry& out) {
    const auto& header = reader.header();
    const auto offset = reader.found_at();
    try {
        out.token = window.hand_out(file_place{file, static_cast<std::uint32_t>(offset)}.word());
    } catch (const std::bad_alloc&) {
        reader.go_back();
        throw;
    }
    out.data = reader.data();
    out.at = header.number * header.segment_size + offset;
    ++recovered;
}

// Where it is --------------------------------------------------------------------------------------------------------

file_place backlog_cursor::state::place() const noexcept {
    return {file, reader.is_open() ? static_cast<std::uint32_t>(reader.offset()) : 0};
}

std::size_t backlog_cursor::state::settled_files() const noexcept {
    return window.empty() ? file : file_place::of(window.oldest()).file;
}

void backlog_cursor::state::save() noexcept {
    if (!std::exchange(changed, false) || !in || in->segment_size == 0) return;
    const auto read_to = in->position_of(place());
    const auto oldest = window.empty() ? read_to : in->position_of(file_place::of(window.oldest()));

    std::array<position_range, cursor_file::most_ranges> settled;
    std::size_t count = 0;
    const auto add = [&](position begin, position end) {
        if (begin < end && count < settled.size()) settled[count++] = {begin, end};
    };
    std::array<position_range, cursor_file::most_ranges> runs;
    const auto found = window.settled_runs(place().word(), runs.data(), runs.size());
    for (const auto& run : std::span(runs).first(found)) {
        add(in->position_of(file_place::of(run.begin)), in->position_of(file_place::of(run.end)));
    }
    for (const auto& range : settled_before.settled) add(std::max(range.begin, read_to), range.end);

    const auto settled_to = std::max(oldest, settled_before.settled_to);
    const auto& name = shared.settings.destinations[destination];
    changed = in->save(name, settled_to, settled.data(), count) != 0;
}

// Once more -----------------------------------------------------------------------------------------------------------

bool backlog_cursor::state::read_from_file(std::uint64_t token, entry& out) {
    const auto place = file_place::of(window.at(token));
    if (again.open(in->slot(), in->name(place.file).c_str()) != segment_reader::opened::good) return false;
    const bool whole = again.read(place.offset);
    again.close();
    if (!whole) return false;
    const auto& header = again.header();
    out = {again.data(), header.number * header.segment_size + place.offset, token};
    return true;
}

backlog_cursor::again backlog_cursor::state::after_failed_again() noexcept {
    if (is_shortage(again.error())) return again::later;
    if (again.error() == EIO && ++tries_again < most_tries) return again::later;
    tries_again = 0;
    return again::gone;
}

// Giving up ----------------------------------------------------------------------------------------------------------

bool backlog_cursor::state::reach(std::uint64_t target) {
    while (journal < target) {
        if (in && file == in->size()) {
            if (!window.empty()) return false;
            leave();
        } else if (!in && shared.at(journal)->first() == shared.at(journal)->size()) {
            ++journal;
        } else {
            return false;
        }
    }
    return true;
}

bool backlog_cursor::state::give_up(std::size_t last) {
    while (!in || file <= last) {
        switch (advance()) {
            case look::more:
                break;
            case look::record:
                ++recovered;
                ++given_up;
                if (told) told(reader.data());
                break;
            case look::nothing:
                // Only bytes that are broken are passed in the end, all else has to be waited for.
                if (!in || !std::exchange(resting, false) || reader.error() != EIO) return false;
        }
    }
    adrift += window.give_up(file_place{last + 1, 0}.word());
    changed = true;
    return true;
}

// What others see ----------------------------------------------------------------------------------------------------

backlog_cursor::backlog_cursor(backlog& of, std::size_t destination)
    : state_(std::make_unique<state>(*of.parts_, destination)) {}

backlog_cursor::~backlog_cursor() = default;

bool backlog_cursor::next(entry& out, std::uint64_t& journal_id) {
    auto& s = *state_;
    const auto limit = s.reader.effort() + most_bytes_a_step;
    try {
        while (!s.resting && s.reader.effort() < limit) {
            const auto seen = s.advance();
            if (seen == state::look::nothing) return false;
            if (seen == state::look::more) continue;
            s.hand_out(out);
            journal_id = s.reader.header().journal_id;
            return true;
        }
    } catch (const std::bad_alloc&) {
        s.resting = true;
    }
    return false;
}

backlog_cursor::again backlog_cursor::read_again(std::uint64_t token, entry& out, std::uint64_t& journal_id) noexcept {
    auto& s = *state_;
    if (!s.window.unsettled(token)) return again::gone;
    try {
        if (!s.read_from_file(token, out)) return s.after_failed_again();
    } catch (const std::bad_alloc&) {
        return again::later;
    }
    s.tries_again = 0;
    journal_id = s.again.header().journal_id;
    return again::here;
}

void backlog_cursor::settle(std::uint64_t token) noexcept {
    auto& s = *state_;
    if (!s.window.settle(token)) {
        --s.adrift;
        return;
    }
    s.changed = true;
    s.shared.dirty = true;
    if (s.in && s.file == s.in->size() && s.window.empty()) s.leave();
}

bool backlog_cursor::readable() const noexcept {
    const auto& s = *state_;
    if (s.resting) return false;
    return s.in ? s.file < s.in->size() || s.window.empty() : s.shared.at(s.journal) != nullptr;
}

bool backlog_cursor::finished() const noexcept { return !state_->in && !state_->shared.at(state_->journal); }

std::uint64_t backlog_cursor::recovered() const noexcept { return state_->recovered; }
std::uint64_t backlog_cursor::given_up() const noexcept { return state_->given_up; }
std::uint64_t backlog_cursor::unspooled() const noexcept { return state_->adrift; }
std::uint64_t backlog_cursor::corrupt() const noexcept { return state_->corrupt; }

void backlog_cursor::on_give_up(std::function<void(std::span<const std::byte>)> told) {
    state_->told = std::move(told);
}

}  // namespace logferry::journal
