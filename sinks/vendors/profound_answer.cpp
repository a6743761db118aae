#include <vendors/profound_answer.hpp>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <vendors/judge.hpp>

namespace logferry::vendors {
namespace {

using json = nlohmann::json;

constexpr std::size_t errors_shown = 3;

/// The text of a member; empty when it is not there or no text.
std::string_view text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                       : std::string_view();
}

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
outcome judge_success(const http_response& response, std::size_t records, std::string_view api_key, outcome judged) {
    const auto answer = parse_answer(response.body);
    if (!answer.is_object()) {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        if (first == std::string::npos || response.body[first] != '<') return judged;
        judged.what = outcome::verdict::paused;
        judged.why = outcome::pause::configuration;
        judged.detail = "HTTP " + std::to_string(response.status) + " with a web page instead of JSON; check base_url";
        return judged;
    }
    judged.receipt = excerpt(text_of(answer, "first_visit_id"), api_key);
    judged.rejected_records = records - accepted_of(answer, records);
    if (judged.rejected_records != 0) {
        judged.detail = "Profound took " + std::to_string(records - judged.rejected_records) + " of " +
                        std::to_string(records) + " entries" + complaints(answer, api_key);
    }
    return judged;
}

}  // namespace

outcome judge_profound(const http_response& response, std::size_t records, std::string_view api_key) {
    auto judged = judge_by_status(response, api_key);
    if (judged.what == outcome::verdict::delivered) return judge_success(response, records, api_key, std::move(judged));
    if (response.failure != http_failure::none) return judged;
    if (response.status == 500) {
        judged.what = outcome::verdict::retry;  // of such a batch nothing was processed, so nothing is counted twice
        judged.tries = 3;
    }
    if ((response.status == 401 || response.status == 403) && !api_key.starts_with("bot_")) {
        judged.detail += "; api_key does not begin with bot_, as Profound's log ingestion tokens do";
    }
    return judged;
}

}  // namespace logferry::vendors
