#include <shipper/announcer.hpp>

#include <unistd.h>

namespace logferry::shipping {

namespace {

constexpr auto quiet_time = std::chrono::minutes(1);

void write_to_stderr(std::string_view destination, std::string_view text) {
    std::string line = "logferry: ";
    if (!destination.empty()) line.append(destination).append(": ");
    line.append(text).append("\n");
    // One write, so that lines of other threads do not come in between. There is nowhere to report its failure to.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void announcer::tell(event::kind what, std::string_view destination, std::string_view text) noexcept {
    try {
        auto& about = topic_of(what, destination);
        if (std::chrono::steady_clock::now() - about.last_said >= quiet_time) {
            say(about, text);
        } else {
            if (about.kept.empty()) ++kept_;
            about.kept = text;
        }
    } catch (...) {
        // The application's callback threw. It is told by nobody else, and delivery goes on.
    }
}

void announcer::catch_up() noexcept {
    if (kept_ == 0) return;
    try {
        const auto now = std::chrono::steady_clock::now();
        for (auto& about : topics_) {
            if (about.kept.empty() || now - about.last_said < quiet_time) continue;
            --kept_;
            say(about, std::exchange(about.kept, {}));
        }
    } catch (...) {
        // As above.
    }
}

announcer::topic& announcer::topic_of(event::kind what, std::string_view destination) {
    for (auto& t : topics_) {
        if (t.what == what && t.destination == destination) return t;
    }
    return topics_.emplace_back(topic{what, std::string(destination), std::chrono::steady_clock::now() - quiet_time});
}

void announcer::say(topic& about, std::string_view text) {
    if (silent_.load(std::memory_order_acquire)) return;
    about.last_said = std::chrono::steady_clock::now();
    if (callback_) {
        callback_(event{about.what, about.destination, text});
    } else {
        write_to_stderr(about.destination, text);
    }
}

}  // namespace logferry::shipping
