// LogsForI, "Push Log": the token travels in the body. The document gives 202, 403 and 429; what a malformed request
// gets it does not say, so 400, 413 and 415 here are ours, as are the length bounds.
#include "fields.hpp"
#include "vendor_apis.hpp"

namespace logferry::emulation {
namespace {

constexpr std::size_t max_body = 64 * kib;
constexpr std::int64_t year_2000 = 946'684'800'000;    // in milliseconds; seconds fall below, microseconds above
constexpr std::int64_t year_2263 = 9'246'182'400'000;  // past what a clock of 64 bits in nanoseconds can tell

reply refuse(int status, const std::string& why) {
    return {.status = status, .body = json{{"status", "Invalid request: " + why}}.dump(), .problem = why};
}

void check_execution_time(object_reader& record) {
    const auto* time = record.value("execution_time");
    if (time == nullptr) return;
    if (!time->is_number()) return record.object_to("execution_time", "must be a number");
    if (time->get<double>() < 0) record.object_to("execution_time", "must be >= 0");
}

problems check(const json& body) {
    problems found;
    object_reader record(body, found);
    record.value("token");
    record.text("event_name", {.max_units = 255, .may_be_blank = true});
    record.text("message", {.max_bytes = 32 * kib, .may_be_blank = true});
    record.one_of("severity", {"info", "warning", "error", "critical", "debug"}, presence::optional);
    record.text("transaction_id", {.max_units = 255, .may_be_blank = true});
    record.text("resource_id", {.max_units = 255, .may_be_blank = true});
    check_execution_time(record);
    const auto* extra = record.value("extra");
    if (extra != nullptr && !extra->is_object()) record.object_to("extra", "must be an object");
    record.integer("created_at", presence::optional, year_2000, year_2263);
    record.no_others();
    return found;
}

}  // namespace

reply answer_logsfori(const request& incoming, const rules& by) {
    if (!declares_json(incoming)) return refuse(415, "Content-Type must be application/json");
    if (incoming.body.size() > max_body) return refuse(413, "the body must not be longer than 65536 bytes");
    const auto body = read_strictly(incoming.body);
    if (!body.malformed.empty()) return refuse(400, body.malformed);
    if (!body.value.is_object()) return refuse(400, "the body must be an object");
    const auto token = body.value.find("token");
    if (token == body.value.end() || *token != by.token) {
        return {.status = 403, .body = R"({"status": "Invalid token"})", .problem = "the token is invalid or missing"};
    }
    if (auto objection = body.objection(); !objection.empty()) return refuse(400, objection);
    if (const auto found = check(body.value); !found.empty()) return refuse(400, found.front().sentence());
    return {.status = 202, .body = R"({"status": "accepted"})", .accepted = 1};
}

}  // namespace logferry::emulation
