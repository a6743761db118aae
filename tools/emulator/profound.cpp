// Profound, "Custom Log Integration": an array of access log entries, of which the good ones are taken. The document
// gives both bodies of status 200 and says how 500 looks; 401, 415 and 422 follow FastAPI, whose word `detail` is.
#include <arpa/inet.h>

#include <algorithm>

#include "fields.hpp"
#include "iso_time.hpp"
#include "unicode.hpp"
#include "vendor_apis.hpp"

namespace logferry::emulation {
namespace {

constexpr std::size_t max_entries = 1000;
constexpr std::size_t max_query_params = 50;

reply refuse(int status, const json& detail, std::string why) {
    return {.status = status, .body = json{{"detail", detail}}.dump(), .problem = std::move(why)};
}

reply unprocessable(std::string_view type, const std::string& message) {
    return refuse(422, json::array({{{"type", type}, {"loc", {"body"}}, {"msg", message}}}), message);
}

bool is_address(const std::string& text) {
    in6_addr unused{};
    return inet_pton(AF_INET, text.c_str(), &unused) == 1 || inet_pton(AF_INET6, text.c_str(), &unused) == 1;
}

bool is_control_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

void check_timestamp(object_reader& entry) {
    using namespace std::chrono;
    // A bare number is documented too, but whether in seconds or milliseconds is not, so only text is safe.
    const auto* text = entry.text("timestamp", {.need = presence::required});
    if (text == nullptr) return;
    const auto time = read_iso_time(*text);
    if (!time) return entry.object_to("timestamp", "must be an ISO 8601 date and time with a zone");
    const bool reasonable = *time >= sys_days(year(2000) / 1 / 1) && *time < sys_days(year(2100) / 1 / 1);
    if (!reasonable) entry.object_to("timestamp", "out of reasonable range");
}

// A token of RFC 9110, section 5.6.2, without lower case.
bool fits_method(char c) {
    return is_upper(c) || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

void check_method(object_reader& entry) {
    const auto* method = entry.text("method", {.need = presence::required, .max_units = 10});
    if (method != nullptr && !std::ranges::all_of(*method, fits_method))
        entry.object_to("method", "must be in upper case");
}

void check_host(object_reader& entry) {
    const auto* host = entry.text("host", {.need = presence::required, .max_units = 255});
    if (host == nullptr || is_address(*host)) return;
    const auto odd = [](char c) {
        return is_control_or_space(c) || is_upper(c) || std::string_view(":/?#@[]").find(c) != std::string_view::npos;
    };
    if (std::ranges::any_of(*host, odd) || host->ends_with('.')) {
        entry.object_to("host", "must be a bare host name in lower case");
    }
}

void check_path(object_reader& entry) {
    const auto* path = entry.text("path", {.need = presence::required, .max_units = 2048});
    if (path == nullptr) return;
    if (!path->starts_with('/')) return entry.object_to("path", "must start with /");
    if (path->find_first_of("?#") != std::string::npos) entry.object_to("path", "must be without query and fragment");
}

void check_query_params(object_reader& entry) {
    const auto* params = entry.value("query_params");
    if (params == nullptr) return;
    if (!params->is_object()) return entry.object_to("query_params", "must be an object");
    if (params->size() > max_query_params) return entry.object_to("query_params", "must not have more than 50 keys");
    for (const auto& [key, value] : params->items()) {
        if (utf16_units(key) > 100)
            return entry.object_to("query_params", "key must not be longer than 100 characters");
        if (!value.is_string()) return entry.object_to("query_params", "value must be a string");
        if (utf16_units(value.get_ref<const std::string&>()) > 1000) {
            return entry.object_to("query_params", "value must not be longer than 1000 characters");
        }
    }
}

// `-` is how access logs write "none".
void check_not_dash(object_reader& entry, std::string_view name, const text_rule& rule) {
    const auto* text = entry.text(name, rule);
    if (text != nullptr && *text == "-") entry.object_to(name, "must not be -");
}

problems check(const json& item) {
    problems found;
    object_reader entry(item, found);
    check_timestamp(entry);
    check_method(entry);
    check_host(entry);
    check_path(entry);
    entry.integer("status_code", presence::required, 100, 599);
    const auto* ip = entry.text("ip", {.need = presence::required, .max_units = 45});
    if (ip != nullptr && !is_address(*ip)) entry.object_to("ip", "must be an IP address");
    check_not_dash(entry, "user_agent", {.need = presence::required, .max_units = 1024});
    check_query_params(entry);
    check_not_dash(entry, "referer", {.max_units = 2048});
    entry.count("bytes_sent");
    entry.count("duration_ms");
    entry.no_others();
    return found;
}

std::string breach(const json& item) {
    if (!item.is_object()) return "entry must be an object";
    const auto found = check(item);
    return found.empty() ? "" : found.front().sentence();
}

std::string visit_id(const std::string& body) {
    auto id = fingerprint(body) + fingerprint("visit " + body);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) id.insert(dash, 1, '-');
    return id;
}

reply take(const json& entries, const std::string& body) {
    auto errors = ordered_json::array();
    for (const auto& item : entries) {
        if (auto wrong = breach(item); !wrong.empty()) errors.push_back("Invalid log format: " + wrong);
    }
    const auto accepted = entries.size() - errors.size();
    const ordered_json answer{{"status", "accepted"},
                              {"message", "Processing " + std::to_string(accepted) + " log entries"},
                              {"first_visit_id", accepted > 0 ? ordered_json(visit_id(body)) : ordered_json(nullptr)},
                              {"errors", errors}};
    std::string why =
        errors.empty() ? "" : std::to_string(errors.size()) + " refused, the first: " + errors[0].get<std::string>();
    return {.status = 200, .body = answer.dump(), .accepted = accepted, .problem = std::move(why)};
}

}  // namespace

reply answer_profound(const request& incoming, const rules& by) {
    const auto* key = find_header(incoming.headers, "x-api-key");
    if (key == nullptr || *key != by.token) return refuse(401, "Invalid API key", "x-api-key is missing or invalid");
    if (!declares_json(incoming, by.profound_gzip ? compression::gzip : compression::none)) {
        return refuse(415, "Unsupported Media Type",
                      by.profound_gzip ? "must be application/json, plain or with Content-Encoding gzip"
                                       : "must be application/json without Content-Encoding");
    }
    const auto body = read_strictly(incoming.body);
    if (!body.malformed.empty()) return unprocessable("json_invalid", "JSON decode error: " + body.malformed);
    if (auto objection = body.objection(); !objection.empty()) return unprocessable("value_error", objection);
    if (!body.value.is_array()) return unprocessable("list_type", "Input should be a valid list");
    if (body.value.empty()) return unprocessable("too_short", "List should have at least 1 item, not 0");
    if (body.value.size() > max_entries) {
        return unprocessable("too_long",
                             "List should have at most 1000 items, not " + std::to_string(body.value.size()));
    }
    return take(body.value, incoming.body);
}

}  // namespace logferry::emulation
