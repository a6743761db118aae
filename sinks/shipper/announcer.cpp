#include <shipper/announcer.hpp>

#include <unistd.h>

#include <algorithm>

namespace logferry::shipping {

namespace {

std::string line_about(const event& what) {
    if (what.destination.empty()) return std::string(what.text);
    return std::string(what.destination).append(": ").append(what.text);
}

}  // namespace

void write_to_stderr(std::string_view text) {
    std::string line = "logferry: ";
    line.append(text).append("\n");
    // One write, so that lines of other threads do not come in between. There is nowhere to report its failure to.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void announcer::tell(const event& what) noexcept {
    try {
        if (what.what == event::kind::delivered) {
            if (callback_) hand_over(what);
            return;
        }
        auto& about = topic_of(what);
        if (std::chrono::steady_clock::now() - about.last_said >= quiet_time) {
            say(about, what.text, what.records);
        } else {
            if (about.kept.empty()) ++kept_;
            about.kept = what.text;
            about.kept_records += what.records;
        }
    } catch (...) {
        // The application's callback threw. It is told by nobody else, and delivery goes on.
    }
}

void announcer::tell_at_once(const event& what) noexcept {
    try {
        hand_over(what);
    } catch (...) {
        // As above.
    }
}

void announcer::say_kept(std::chrono::steady_clock::duration waited) noexcept {
    if (kept_ == 0) return;
    try {
        const auto now = std::chrono::steady_clock::now();
        for (auto& about : topics_) {
            if (about.kept.empty() || now - about.last_said < waited) continue;
            --kept_;
            const auto text = std::exchange(about.kept, {});
            say(about, text, std::exchange(about.kept_records, 0));
        }
    } catch (...) {
        // As above.
    }
}

std::optional<std::chrono::steady_clock::time_point> announcer::due_at() const noexcept {
    std::optional<std::chrono::steady_clock::time_point> first;
    for (const auto& about : topics_) {
        if (about.kept.empty()) continue;
        const auto due = about.last_said + quiet_time;
        first = first ? std::min(*first, due) : due;
    }
    return first;
}

announcer::topic& announcer::topic_of(const event& what) {
    for (auto& t : topics_) {
        if (t.what == what.what && t.destination == what.destination) return t;
    }
    return topics_.emplace_back(
        topic{what.what, std::string(what.destination), std::chrono::steady_clock::now() - quiet_time});
}

void announcer::say(topic& about, std::string_view text, std::uint64_t records) {
    about.last_said = std::chrono::steady_clock::now();
    hand_over({about.what, about.destination, text, records});
}

void announcer::hand_over(const event& what) {
    if (silent_.load(std::memory_order_acquire)) return;
    if (callback_) {
        callback_(what);
    } else {
        write_to_stderr(line_about(what));
    }
}

}  // namespace logferry::shipping
