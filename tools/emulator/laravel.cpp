#include "laravel.hpp"

namespace logferry::emulation::laravel {
namespace {

bool wants_json(const request& incoming) {
    const auto* accept = find_header(incoming.headers, "Accept");
    return accept != nullptr && accept->find("application/json") != std::string::npos;
}

std::string sentence(const problem& one) { return "The " + one.field + " field " + one.text + "."; }

std::string summary(const problems& found) {
    auto text = sentence(found.front());
    if (const auto more = found.size() - 1; more > 0) {
        text += " (and " + std::to_string(more) + " more error" + (more > 1 ? "s)" : ")");
    }
    return text;
}

}  // namespace

std::optional<reply> refuse_stranger(const request& incoming, std::string_view token) {
    if (has_bearer(incoming, token)) return std::nullopt;
    const std::string why = "the token is missing or invalid";
    if (wants_json(incoming)) return reply{.status = 401, .body = R"({"message":"Unauthenticated."})", .problem = why};
    return reply{.status = 302,
                 .body = "<!DOCTYPE html><title>Redirecting to /login</title>",
                 .headers = {{"Location", "/login"}, {"Content-Type", "text/html; charset=utf-8"}},
                 .problem = why + ", and Accept does not name application/json"};
}

std::optional<reply> refuse_media(const request& incoming) {
    if (declares_json(incoming)) return std::nullopt;
    return reply{.status = 415,
                 .body = R"({"message":"Unsupported Media Type"})",
                 .problem = "Content-Type must be application/json"};
}

reply unprocessable(const problems& found) {
    auto errors = ordered_json::object();
    for (const auto& one : found) errors[one.field].push_back(sentence(one));
    const ordered_json body{{"message", summary(found)}, {"errors", std::move(errors)}};
    return {.status = 422, .body = body.dump(), .problem = found.front().sentence()};
}

problems check_body(const std::string& body, void (*check)(object_reader&)) {
    const auto parsed = read_strictly(body);
    if (!parsed.malformed.empty()) return {{"body", "must be JSON: " + parsed.malformed}};
    if (auto objection = parsed.objection(); !objection.empty()) return {{"body", "is ambiguous: " + objection}};
    if (!parsed.value.is_object()) return {{"body", "must be an object"}};
    problems found;
    object_reader fields(parsed.value, found);
    check(fields);
    fields.no_others();
    return found;
}

}  // namespace logferry::emulation::laravel
