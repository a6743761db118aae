#include <vendors/judge.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>
#include <vendors/answer_text.hpp>

namespace logferry::vendors {
namespace {

using verdict = outcome::verdict;
using pause = outcome::pause;
using enum answer_says;

constexpr int lowest = std::numeric_limits<int>::min();
constexpr int highest = std::numeric_limits<int>::max();

/// The first row that holds counts; the last one always does.
constexpr std::array<answer_row, 22> common = {{
    {200, 299, anything, verdict::delivered, pause::none, 0, ""},
    {300, 399, anything, verdict::paused, pause::configuration, 0,
     "the server redirects, which is not followed; correct base_url"},
    {401, 401, anything, verdict::paused, pause::auth, 0, "the credential was refused; renew it"},
    {402, 402, anything, verdict::paused, pause::quota, 0, "the plan's quota is used up; raise it, or wait for more"},
    {403, 403, anything, verdict::paused, pause::auth, 0, "the credential was refused; renew it"},
    {404, 405, anything, verdict::paused, pause::configuration, 0, "the address is not the API's; correct base_url"},
    {407, 407, anything, verdict::paused, pause::configuration, 0,
     "a proxy asks who it is talking to; correct the proxy options"},
    {408, 408, anything, verdict::retry, pause::none, 0, "the server ran out of time"},
    {410, 410, anything, verdict::paused, pause::configuration, 0, "the address is not the API's; correct base_url"},
    {413, 413, anything, verdict::split, pause::none, 0, "the request is too large for the server"},
    {421, 421, anything, verdict::paused, pause::configuration, 0, "the address is not the API's; correct base_url"},
    {425, 425, anything, verdict::retry, pause::none, 0, "the server asks for the request again"},
    {429, 429, anything, verdict::paused, pause::rate, 0, "too many requests"},
    {400, 499, anything, verdict::rejected, pause::none, 0, "the server will not take the request"},
    {501, 501, anything, verdict::rejected, pause::none, 0, "the server does not know such requests"},
    {505, 505, anything, verdict::rejected, pause::none, 0, "the server does not know this HTTP version"},
    // A gateway does not know either what became of the request behind it.
    {502, 502, anything, verdict::ambiguous, pause::none, 0, "the server behind the gateway gave no answer"},
    {503, 503, anything, verdict::retry, pause::none, 0, "the server is not available"},
    {504, 504, anything, verdict::ambiguous, pause::none, 0, "the server behind the gateway gave no answer"},
    {520, 527, anything, verdict::ambiguous, pause::none, 0, "the server behind the proxy gave no answer"},
    {500, 599, anything, verdict::retry, pause::none, poison_tries, "the server failed"},
    {lowest, highest, anything, verdict::retry, pause::none, poison_tries, "this is no final status"},
}};

struct failure_row {
    http_failure failure;
    verdict what;
    pause why;
    std::string_view meaning;
};

constexpr std::array<failure_row, 5> failures = {{
    {http_failure::not_sent, verdict::retry, pause::none, "no connection"},
    {http_failure::certificate, verdict::paused, pause::configuration,
     "the server's certificate was refused; check base_url and the system's certificate store"},
    {http_failure::closed_unused, verdict::retry, pause::none, "the server had closed the connection"},
    {http_failure::ambiguous, verdict::ambiguous, pause::none, "no answer came; the request may have arrived"},
    {http_failure::aborted, verdict::retry, pause::none, "given up while closing"},
}};

bool says(const http_response& response, answer_says what) {
    switch (what) {
        case anything:
            return true;
        case no_retry_after:
            return response.retry_after.empty();
        case validation_error:
            return text_of(parse_answer(response.body), "name") == "validation_error";
        case nothing:
            return response.body.empty();
        case web_page:
            return is_web_page(response.body);
        case no_object:
            return !parse_answer(response.body).is_object();
    }
    return false;
}

/// Null when none holds.
const answer_row* find_row(std::span<const answer_row> rows, const http_response& response) {
    const auto holds = [&](const answer_row& row) {
        return response.status >= row.first && response.status <= row.last && says(response, row.says);
    };
    const auto found = std::find_if(rows.begin(), rows.end(), holds);
    return found == rows.end() ? nullptr : &*found;
}

const failure_row& row_of(http_failure failure) noexcept {
    const auto* const found =
        std::find_if(failures.begin(), failures.end(), [=](const auto& row) { return row.failure == failure; });
    return found == failures.end() ? failures.front() : *found;
}

std::string describe(std::string_view meaning, std::string_view said, std::string_view credential) {
    std::string line(meaning);
    const auto words = excerpt(said, credential);
    if (!words.empty()) line.append(": ").append(words);
    return line;
}

outcome judge_failure(const http_response& response, std::string_view credential) {
    const auto& row = row_of(response.failure);
    outcome result;
    result.what = row.what;
    result.why = row.why;
    result.detail = describe(row.meaning, response.error, credential);
    return result;
}

}  // namespace

outcome judge_by_table(const http_response& response, std::string_view credential, std::span<const answer_row> own) {
    if (response.failure != http_failure::none) return judge_failure(response, credential);
    const auto* row = find_row(own, response);
    if (row == nullptr) row = find_row(common, response);
    outcome result;
    result.what = row->what;
    result.why = row->why;
    result.tries = row->tries;
    if (row->what == verdict::delivered) return result;
    const auto meaning = "HTTP " + std::to_string(response.status) + ", " + std::string(row->advice);
    result.detail = describe(meaning, response.body, credential);
    return result;
}

}  // namespace logferry::vendors
