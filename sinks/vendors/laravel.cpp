#include <vendors/laravel.hpp>

#include <text/utf8.hpp>
#include <vendors/judge.hpp>

namespace logferry::vendors::laravel {

std::vector<http_header> headers(std::string_view token) {
    return {{"Content-Type", "application/json"},
            {"Accept", "application/json"},
            {"Authorization", "Bearer " + std::string(token)}};
}

outcome judge(const http_response& response, std::string_view token) {
    auto judged = judge_by_status(response, token);
    if (response.status != 302 && response.status != 303 && response.status != 307) return judged;
    judged.what = outcome::verdict::paused;
    judged.why = outcome::pause::auth;
    judged.detail = "HTTP " + std::to_string(response.status) +
                    ": redirected, most likely to a login page because the token was refused; check token and base_url";
    return judged;
}

std::string_view filled(std::string_view text, std::string_view substitute, std::string& scratch) {
    if (text.empty()) return substitute;
    const auto first = static_cast<unsigned char>(text.front());
    if (first > ' ' && first < 0x80) return text;
    constexpr std::size_t far_enough = std::size_t{32} * 1024;  // what follows would not be sent anyway
    const auto repaired = text::fit(text, far_enough, text::length_unit::bytes, scratch);
    return text::trim(repaired.text).empty() ? substitute : text;
}

}  // namespace logferry::vendors::laravel
