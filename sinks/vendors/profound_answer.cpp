#include <vendors/profound_answer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <vendors/answer_text.hpp>
#include <vendors/judge.hpp>

namespace logferry::vendors {
namespace {

using json = nlohmann::json;

constexpr std::size_t errors_shown = 3;

constexpr std::string_view refused_key =
    "the API key was refused; set api_key to a valid log ingestion token, which begins with bot_";

/// "Error Handling": 200 means that the good entries were taken, 500 that none was.
constexpr std::array<answer_row, 4> answers = {{
    {200, 299, answer_says::web_page, outcome::verdict::paused, outcome::pause::configuration, 0,
     "this is a web page instead of Profound's JSON answer; check base_url"},
    {401, 401, answer_says::anything, outcome::verdict::paused, outcome::pause::auth, 0, refused_key},
    {403, 403, answer_says::anything, outcome::verdict::paused, outcome::pause::auth, 0, refused_key},
    {500, 500, answer_says::anything, outcome::verdict::retry, outcome::pause::none, poison_tries,
     "the server failed and took nothing of the batch"},
}};

/// The whole number in `Processing 98 log entries`; any other number may count something else.
std::optional<std::size_t> number_in(std::string_view message) noexcept {
    constexpr std::string_view before = "Processing ";
    const auto at = message.find(before);
    if (at == message.npos) return std::nullopt;
    message.remove_prefix(at + before.size());
    std::size_t number = 0;
    const auto error = std::from_chars(message.data(), message.data() + message.size(), number).ec;
    return error == std::errc() ? std::optional(number) : std::nullopt;
}

/// How many entries Profound took: what the message says, else all but those it complains about.
std::size_t accepted_of(const json& answer, std::size_t records) {
    if (const auto stated = number_in(text_of(answer, "message"))) return std::min(*stated, records);
    const auto errors = answer.find("errors");
    const auto refused = errors != answer.end() && errors->is_array() ? errors->size() : 0;
    if (refused != 0) return records - std::min(refused, records);
    const auto status = text_of(answer, "status");
    return status.empty() || status == "accepted" ? records : 0;
}

std::string complaints(const json& answer, std::string_view api_key) {
    const auto errors = answer.find("errors");
    if (errors == answer.end() || !errors->is_array()) return {};
    std::string out;
    for (std::size_t i = 0; i < std::min(errors->size(), errors_shown); ++i) {
        const auto& error = (*errors)[i];
        out += out.empty() ? ": " : "; ";
        out += excerpt(error.is_string() ? error.get_ref<const std::string&>() : error.dump(-1, ' ', true), api_key);
    }
    if (errors->size() > errors_shown) out += "; and " + std::to_string(errors->size() - errors_shown) + " more";
    return out;
}

/// Entries that Profound does not like are skipped and the rest is taken, so the batch must never be sent again.
void read_success(const http_response& response, std::size_t records, std::string_view api_key, outcome& judged) {
    const auto answer = parse_answer(response.body);
    judged.receipt = excerpt(text_of(answer, "first_visit_id"), api_key);
    // An answer with very many errors is not read to its end, and then it is no JSON; its message stands before them.
    const auto accepted = answer.is_object() ? accepted_of(answer, records)
                                             : std::min(number_in(response.body).value_or(records), records);
    judged.rejected_records = records - accepted;
    if (judged.rejected_records == 0) return;
    judged.detail = "Profound took " + std::to_string(accepted) + " of " + std::to_string(records) + " entries" +
                    (answer.is_object() ? complaints(answer, api_key) : ": " + excerpt(response.body, api_key));
}

}  // namespace

outcome judge_profound(const http_response& response, std::size_t records, std::string_view api_key) {
    auto judged = judge_by_table(response, api_key, answers);
    if (judged.what == outcome::verdict::delivered) read_success(response, records, api_key, judged);
    return judged;
}

}  // namespace logferry::vendors
