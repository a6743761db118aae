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
        if (too_soon(what, destination)) return;
        if (callback_) {
            callback_(event{what, destination, text});
        } else {
            write_to_stderr(destination, text);
        }
    } catch (...) {
        // The application's callback threw. It is told by nobody else, and delivery goes on.
    }
}

bool announcer::too_soon(event::kind what, std::string_view destination) {
    const auto now = std::chrono::steady_clock::now();
    for (auto& s : said_) {
        if (s.what != what || s.destination != destination) continue;
        if (now - s.when < quiet_time) return true;
        s.when = now;
        return false;
    }
    said_.push_back({what, std::string(destination), now});
    return false;
}

}  // namespace logferry::shipping
