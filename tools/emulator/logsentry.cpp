// LogSentry: `POST /auditlog` of its "API documentation", and `POST /v1/event`, which its public Laravel SDK uses. The
// documents give the body and the answer of success; refusals are Laravel's, bounds in bytes are ours.
#include <algorithm>

#include "laravel.hpp"
#include "vendor_apis.hpp"

namespace logferry::emulation {
namespace {

constexpr std::size_t max_document = 16 * kib;
constexpr std::int64_t largest_id = 9'007'199'254'740'991;

bool is_container(const json& value) { return value.is_object() || value.is_array(); }

// Empty when `text` is a JSON document as the API wants it.
std::string document_breach(const std::string& text) {
    const auto inner = read_strictly(text);
    if (!inner.malformed.empty()) return "must hold JSON: " + inner.malformed;
    if (auto objection = inner.objection(); !objection.empty()) return "holds doubtful JSON: " + objection;
    return is_container(inner.value) ? "" : "must hold an object or an array";
}

// No more bytes than a nested value had on the wire, where 1e5 may have stood for what `dump` makes 100000.0 of.
std::size_t least_size(const json& value) {
    if (value.is_number_float()) return 1;
    if (!value.is_structured()) return value.dump().size();
    std::size_t size = 1 + std::max<std::size_t>(value.size(), 1);  // brackets and commas
    for (const auto& [key, item] : value.items()) {
        if (value.is_object()) size += json(key).dump().size() + 1;
        size += least_size(item);
    }
    return size;
}

// JSON text inside a string is how document and SDK have it; a nested object is the other reading of "json".
void check_document(object_reader& entry, std::string_view name) {
    const auto* value = entry.value(name);
    if (value == nullptr) return;
    if (!value->is_string() && !is_container(*value)) return entry.object_to(name, "must be a JSON string");
    const auto* text = value->get_ptr<const std::string*>();
    if ((text != nullptr ? text->size() : least_size(*value)) > max_document) {
        return entry.object_to(name, "must not be longer than " + std::to_string(max_document) + " bytes");
    }
    if (text == nullptr) return;  // read strictly with the body around it
    if (auto breach = document_breach(*text); !breach.empty()) entry.object_to(name, std::move(breach));
}

void check_common(object_reader& entry) {
    entry.integer("level", presence::required, 0, 7);
    entry.text("msg", {.need = presence::required, .max_bytes = 32 * kib});
    check_document(entry, "context");
}

void check_auditlog(object_reader& entry) {
    entry.integer("project", presence::required, 1, largest_id);
    check_common(entry);
    check_document(entry, "user");
    check_document(entry, "request");
}

void check_event_v1(object_reader& entry) {
    entry.text("app", {.need = presence::required});
    check_common(entry);
}

}  // namespace

reply answer_logsentry(const request& incoming, const rules& by) {
    if (auto stranger = laravel::refuse_stranger(incoming, by.token)) return *stranger;
    if (auto media = laravel::refuse_media(incoming)) return *media;
    const auto check = incoming.path.ends_with("/event") ? check_event_v1 : check_auditlog;
    if (const auto found = laravel::check_body(incoming.body, check); !found.empty())
        return laravel::unprocessable(found);
    const ordered_json body{{"status", "ok"}, {"hash", fingerprint(incoming.body)}};
    return {.status = 200, .body = body.dump(), .accepted = 1};
}

}  // namespace logferry::emulation
