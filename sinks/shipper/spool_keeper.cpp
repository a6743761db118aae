#include <shipper/spool_keeper.hpp>

#include <algorithm>
#include <system_error>

#include <failpoint/failpoint.hpp>

namespace logferry::shipping {

namespace {

// How soon a disk that could not be used is tried again; the wait doubles from the first to the second.
constexpr auto first_retry = std::chrono::milliseconds(1'000);
constexpr auto longest_retry = std::chrono::milliseconds(30'000);

// How often a worker that is awake anyway looks for slots whose processes have ended.
constexpr auto look_every = std::chrono::seconds(60);

}  // namespace

spool_keeper::spool_keeper(const checked_options& chosen, announcer& says) : says_(says), retry_after_(first_retry) {
    if (!chosen.spool()) return;
    for (const auto& d : chosen.destinations()) destinations_.push_back(d.name);
    quarantine_bytes_ = chosen.quarantine_size();
    segment_size_ = chosen.spool()->segment_size;
    segments_ = chosen.buffer().size / segment_size_;
    drops_oldest_ = chosen.buffer().policy == journal::when_full::drop_oldest;
    disk_ = std::make_unique<journal::spool>(journal::this_system(), *chosen.spool());
    const auto problem = disk_->open();
    // A child that has given up its rights, or its root, logs all the same.
    if (!problem.text.empty() && !problem.passing && chosen.by() == opener::program) {
        throw config_error(std::vector<config_problem>{
            {"buffer.spool", "is \"" + chosen.spool()->place.path + "\": " + problem.text}});
    }
    find_backlog();
}

void spool_keeper::find_backlog() {
    if (backlog_ || !disk_->slot()) return;
    journal::backlog_settings chosen;
    chosen.destinations = destinations_;
    chosen.quarantine_bytes = quarantine_bytes_;
    chosen.segment_size = segment_size_;
    backlog_ = std::make_unique<journal::backlog>(*disk_->directory(), *disk_->slot(), disk_->created(), chosen);
    backlog_->look_for_orphans();
    bound_files();
}

/// The backlog and the live journal share the size: what is too much lies in memory. `drop_oldest` makes room instead.
void spool_keeper::bound_files() noexcept {
    const auto taken = drops_oldest_ ? 0 : std::min(backlog_->own_segments(), segments_);
    disk_->allow_files(segments_ - taken);
}

journal::backlog_cursor* spool_keeper::backlog_of(std::size_t destination) const noexcept {
    return backlog_ ? &backlog_->cursor(destination) : nullptr;
}

void spool_keeper::attend(journal::journal& live, delivery::steady_time now) {
    if (!disk_) return;
    const bool others_know_backlog = backlog_ != nullptr;
    try_disk_again(live, now);
    if (backlog_) {
        backlog_->maintain();
        // First what was let go makes place for.
        if (!looked_at_ || now - *looked_at_ >= look_every || backlog_->can_adopt_more()) {
            backlog_->look_for_orphans();
            looked_at_ = now;
        }
        // What is given up before the lanes know of it would be in nobody's books.
        if (others_know_backlog) make_room(live);
    }
}

void spool_keeper::try_disk_again(journal::journal& live, delivery::steady_time now) {
    if (!disk_->in_trouble() && !live.off_disk()) {
        retry_at_.reset();
        retry_after_ = first_retry;
        return;
    }
    if (!retry_at_) retry_at_ = now + retry_after_;
    if (now < *retry_at_) return;
    if (disk_->try_again()) find_backlog();
    retry_after_ = std::min(2 * retry_after_, longest_retry);
    retry_at_ = now + retry_after_;
}

void spool_keeper::make_room(journal::journal& live) {
    live.leave_room_for(backlog_->own_segments());
    while ((live.wants_room() || backlog_lags(live)) && backlog_->give_up_oldest()) {
        LOGFERRY_FAILPOINT("gave_up_backlog");
        if (!gave_up_told_()) return;
        backlog_->maintain();
        live.leave_room_for(backlog_->own_segments());
    }
    bound_files();
}

/// As for the live journal: one that lags by half of the buffer while another does not pays for itself.
bool spool_keeper::backlog_lags(const journal::journal& live) const noexcept {
    if (live.closed() || backlog_->own_segments() < live.count() / 2) return false;
    bool any_through = false;
    for (std::size_t i = 0; i < destinations_.size(); ++i) any_through |= backlog_->cursor(i).finished();
    return any_through;
}

void spool_keeper::tell_news() {
    if (!disk_) return;
    if (const auto in_trouble = disk_->in_trouble(); in_trouble != trouble_told_) {
        trouble_told_ = in_trouble;
        const auto text = in_trouble ? "the spool cannot be used (" + disk_->trouble() +
                                           "): records are kept in memory only until it can"
                                     : std::string("the spool is in use again: records go to the disk");
        says_.tell({event::kind::spool, {}, text});
    }
    if (const int error = disk_->take_sync_error()) {
        const auto why = std::generic_category().message(error);
        says_.tell({event::kind::spool, {}, "a full segment could not be brought to the device: " + why});
    }
    if (!backlog_) return;
    if (const auto news = backlog_->take_news(); !news.empty()) says_.tell({event::kind::spool, {}, news});
}

std::optional<delivery::steady_time> spool_keeper::due_at() const noexcept { return retry_at_; }

void spool_keeper::close(journal::journal& live) noexcept {
    if (backlog_) backlog_->maintain();
    live.settle_spool();
}

void spool_keeper::let_go() noexcept {
    backlog_.reset();
    if (disk_) disk_->let_go();
}

void spool_keeper::publish(const journal::journal& live, spool_stats& out) const {
    if (!disk_) return;
    out.in_use = !disk_->in_trouble() && disk_->slot() != nullptr;
    out.unspooled = live.unspooled();
    out.last_error = disk_->trouble();
    if (!backlog_) return;
    const auto& counts = backlog_->counts();
    out.backlog_segments = counts.segments;
    out.adopted_slots = counts.adopted_slots;
    out.unfinished_records = counts.unfinished_records;
    out.damaged_places = counts.damaged_places;
    out.missing_segments = counts.missing_segments;
    out.quarantined_files = counts.quarantined_files;
    out.discarded_files = counts.discarded_files;
}

void spool_keeper::forget() noexcept {
    if (backlog_) backlog_->forget();
    if (disk_) disk_->forget();
}

}  // namespace logferry::shipping
