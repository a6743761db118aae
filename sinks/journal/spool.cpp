#include <journal/spool.hpp>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include <failpoint/failpoint.hpp>
#include <journal/spool_format.hpp>

namespace logferry::journal {

namespace {

/// Files that could not be removed and are tried again; more are the next process's.
constexpr std::size_t most_stuck = 1024;
constexpr std::int64_t between_tries_ns = 1'000'000'000;

/// What somebody did to the directory, after which only a new one helps.
bool is_gone(int error) noexcept { return error == ENOENT || error == ENOTDIR || error == ESTALE; }

/// No clock of ours shows that; who named a file so did it by hand.
constexpr std::uint64_t far_future = std::uint64_t{1} << 62;

/// Later than every journal whose files lie in the slot, also where the clock was set back.
std::uint64_t later_than_all(const spool_slot& slot) {
    auto created = static_cast<std::uint64_t>(std::max<std::int64_t>(slot.os().wall_clock(), 1));
    std::vector<std::string> names;
    slot.list(names);
    std::set<std::uint64_t> taken;
    for (const auto& name : names) {
        const auto known = parse_name(name);
        if (!known) continue;
        taken.insert(known->created);
        if (known->created < far_future) created = std::max(created, known->created + 1);
    }
    while (taken.contains(created)) ++created;
    return created;
}

}  // namespace

spool::spool(operating_system& os, spool_settings chosen)
    : os_(os), chosen_(std::move(chosen)), journal_id_(os.random()) {}

spool::~spool() = default;

spool_problem spool::open() {
    spool_problem problem;
    if (!directory_) directory_ = spool_directory::open(os_, chosen_.place, problem);
    if (directory_ && !slot_) slot_ = directory_->take_slot(problem);
    if (!slot_) {
        note_trouble(problem.text);
        return problem;
    }
    move_in();
    return {};
}

/// All of it or nothing: without memory for one thing there is no slot.
void spool::move_in() {
    try {
        created_ = later_than_all(*slot_);
        stuck_.reserve(most_stuck);
        if (chosen_.sync) syncing_ = std::make_unique<sync_thread>(slot_);
        cursors_ = std::make_unique<cursor_file>(*slot_, created_);
    } catch (...) {
        syncing_.reset();
        slot_.reset();
        throw;
    }
}

std::size_t spool::file_size() const noexcept { return segment_file_head + chosen_.segment_size; }

spool::block spool::create(std::uint64_t number) noexcept {
    if (!slot_ || resting_) return {};
    if (files_ >= most_files_) {
        last_error_ = ENOSPC;
        note_trouble("what earlier processes left takes all of its size");
        return {};
    }
    try {
        const auto name = segment_name(created_, number);
        int file = slot_->create(name.c_str());
        if (file == -EEXIST) {
            // Of an attempt that failed halfway and could not be taken back.
            slot_->remove(name.c_str());
            file = slot_->create(name.c_str());
        }
        if (file < 0) return fail(-file, "make a file");
        LOGFERRY_FAILPOINT("spare_created");
        const auto made = fill(file, number);
        os_.close(file);
        if (made.data == nullptr) {
            slot_->remove(name.c_str());
            return {};
        }
        in_trouble_ = false;
        ++files_;
        return made;
    } catch (...) {  // no memory for a name
        return {};
    }
}

spool::block spool::fill(int file, std::uint64_t number) noexcept {
    if (const int error = os_.allocate(file, file_size()); error < 0) return fail(-error, "allocate a file");
    LOGFERRY_FAILPOINT("spare_allocated");
    segment_file_header header;
    header.journal_id = journal_id_;
    header.created = created_;
    header.number = number;
    header.segment_size = chosen_.segment_size;
    header.salt = os_.random() | 1;  // never 0, which means memory
    seal(header);
    const auto written = os_.write_at(file, &header, sizeof header, 0);
    if (written != sizeof header) return fail(written < 0 ? static_cast<int>(-written) : ENOSPC, "write a file");
    LOGFERRY_FAILPOINT("spare_headed");
    std::byte* mapped = nullptr;
    if (const int error = os_.map(file, file_size(), mapped); error < 0) return fail(-error, "map a file");
    LOGFERRY_FAILPOINT("spare_mapped");
    return {mapped + segment_file_head, header.salt};
}

bool spool::prefault(std::byte* data) noexcept {
    const int error = os_.populate(data - segment_file_head, file_size());
    if (error < 0) fail(-error, "use a file");
    return error == 0;
}

void spool::remove(std::uint64_t number, std::byte* data) noexcept {
    remove_file(number);
    leave(data);
}

void spool::remove_file(std::uint64_t number) noexcept {
    LOGFERRY_FAILPOINT("before_unlink");
    if (unlink(number)) {
        --files_;
    } else if (stuck_.size() < most_stuck) {
        stuck_.push_back(number);
    }
    LOGFERRY_FAILPOINT("unlinked");
}

/// True when there is no such file any more.
bool spool::unlink(std::uint64_t number) noexcept {
    try {
        const int error = slot_ ? slot_->remove(segment_name(created_, number).c_str()) : 0;
        return error == 0 || is_gone(-error);
    } catch (...) {  // no memory for a name
        return false;
    }
}

void spool::remove_stuck() noexcept {
    if (stuck_.empty() || !slot_) return;
    const auto since = os_.wall_clock() - unstuck_at_;
    if (since >= 0 && since < between_tries_ns) return;
    unstuck_at_ = os_.wall_clock();
    try_stuck();
}

void spool::try_stuck() noexcept {
    files_ -= std::erase_if(stuck_, [this](std::uint64_t number) { return unlink(number); });
}

void spool::leave(std::byte* data) noexcept { os_.unmap(data - segment_file_head, file_size()); }

void spool::sealed(std::uint64_t number) noexcept {
    if (!syncing_) return;
    try {
        syncing_->sync(segment_name(created_, number));
    } catch (...) {
        sync_error_ = ENOMEM;  // for a name, or a thread
    }
}

int spool::take_sync_error() noexcept {
    const int of_thread = syncing_ ? syncing_->take_error() : 0;
    const int of_queue = std::exchange(sync_error_, 0);
    return of_thread != 0 ? of_thread : of_queue;
}

bool spool::save(std::string_view destination, position settled_to, const position_range* settled,
                 std::size_t count) noexcept {
    // Should it fail, records are sent again after a crash. That is told where segments cannot be made either.
    return cursors_ && cursors_->save(destination, settled_to, settled, count) == 0;
}

void spool::remove_cursors() noexcept {
    try_stuck();
    // A file that stays although all of it is settled must be known as that.
    if (files_ > 0) return;
    cursors_.reset();
    try {
        if (slot_) slot_->remove(cursors_name(created_).c_str());
    } catch (...) {
        // No memory for a name: the next process removes it.
    }
}

bool spool::try_again() noexcept {
    resting_ = false;
    if (slot_ && !is_gone(last_error_)) return false;
    last_error_ = 0;
    try {
        cursors_.reset();
        syncing_.reset();
        files_ -= stuck_.size();
        stuck_.clear();
        if (slot_ && !gone_slot_) {
            gone_slot_ = std::move(slot_);
            gone_directory_ = std::move(directory_);
        }
        slot_.reset();
        directory_.reset();
        return open().text.empty();
    } catch (...) {
        return false;
    }
}

spool::block spool::fail(int error, const char* doing) noexcept {
    last_error_ = error;
    try {
        note_trouble(std::string("cannot ") + doing + ": " + std::generic_category().message(error));
    } catch (...) {
        note_trouble({});
    }
    return {};
}

void spool::note_trouble(const std::string& text) noexcept {
    resting_ = true;
    in_trouble_ = true;
    try {
        trouble_ = text;
    } catch (...) {
        trouble_.clear();
    }
}

void spool::let_go() noexcept {
    cursors_.reset();
    syncing_.reset();
    slot_.reset();
    directory_.reset();
    gone_slot_.reset();
    gone_directory_.reset();
}

void spool::forget() noexcept {
    if (gone_slot_) gone_slot_->forget();
    if (gone_directory_) gone_directory_->forget();
    if (cursors_) cursors_->forget();
    if (syncing_) syncing_->forget();
    if (slot_) slot_->forget();
    if (directory_) directory_->forget();
}

}  // namespace logferry::journal
