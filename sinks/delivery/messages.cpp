#include <delivery/messages.hpp>

namespace logferry::delivery {
namespace {

struct pause_words {
    std::string_view what;
    std::string_view after;
};

pause_words words_for(outcome::pause why) noexcept {
    switch (why) {
        case outcome::pause::auth:
            return {"refused the credentials", "the credentials were refused"};
        case outcome::pause::quota:
            return {"says that the quota is used up", "the quota was used up"};
        case outcome::pause::rate:
            return {"asks for fewer requests", "it asked for fewer requests"};
        case outcome::pause::configuration:
        case outcome::pause::none:
            break;
    }
    return {"cannot be used as configured", "it could not be used as configured"};
}

std::string count_of(std::size_t records) {
    return records == 1 ? std::string("a record") : std::to_string(records) + " records";
}

std::string explained(std::string line, std::string_view detail) {
    if (!detail.empty()) line.append(" (").append(detail).append(")");
    return line;
}

std::string said(std::string_view vendor, std::string_view what) {
    return std::string(vendor).append(" ").append(what);
}

}  // namespace

std::string describe(const outcome& verdict, const http_response& response) {
    if (!verdict.detail.empty()) return verdict.detail;
    if (response.failure == http_failure::none) return "HTTP " + std::to_string(response.status);
    return response.error.empty() ? "no answer" : response.error;
}

std::string paused_text(std::string_view vendor, outcome::pause why, std::string_view detail,
                        std::optional<duration> next_try) {
    auto line = explained(said(vendor, words_for(why).what), detail);
    line.append("; records are kept");
    if (next_try) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*next_try).count();
        line.append("; next try in ").append(std::to_string(seconds)).append(" s");
    }
    return line;
}

std::string unavailable_text(std::string_view vendor, std::string_view detail) {
    return explained(said(vendor, "has failed several times in a row"), detail) + "; records are kept and tried again";
}

std::string resumed_text(std::string_view vendor, outcome::pause why) {
    return explained(said(vendor, "takes records again"), words_for(why).after);
}

std::string rejected_text(std::string_view vendor, std::size_t records, std::string_view detail) {
    return explained(said(vendor, "will never take ") + count_of(records), detail) + "; not sent again";
}

std::string gave_up_text(std::string_view vendor, std::string_view detail) {
    return explained(said(vendor, "fails again and again on one record"), detail) + "; it is dropped";
}

std::string gzip_text(std::string_view vendor, std::string_view detail) {
    return explained(said(vendor, "refused a compressed request"), detail) + "; requests go uncompressed from now on";
}

std::string ambiguous_text(std::string_view vendor, std::size_t records, std::string_view detail) {
    return explained(said(vendor, "may or may not have ") + count_of(records) + " that would notify a person", detail) +
           "; not sent again, so that nobody is notified twice";
}

}  // namespace logferry::delivery
