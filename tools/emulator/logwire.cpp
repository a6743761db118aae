// Logwire, "Create Log". The document gives the fields and 202 `{}`; which fields are required, the bounds, and the
// refusals (Laravel's) are the strictest reading.
#include <algorithm>

#include "laravel.hpp"
#include "vendor_apis.hpp"

namespace logferry::emulation {
namespace {

void check_channel(object_reader& log) {
    const auto* channel = log.text("channel_id", {.need = presence::required, .max_units = 255});
    if (channel != nullptr && channel->find('/') != std::string::npos) {
        log.object_to("channel_id", "must be the last part of the channel's URL");
    }
}

void check_tags(object_reader& log) {
    const auto* tags = log.text("tags", {});
    if (tags == nullptr) return;
    for (std::string_view rest = *tags;;) {
        const auto comma = rest.find(',');
        if (is_blank(rest.substr(0, comma))) return log.object_to("tags", "must not have an empty tag");
        if (comma == std::string_view::npos) return;
        rest.remove_prefix(comma + 1);
    }
}

// PHP turns an object whose keys are all numbers into a list.
bool looks_numeric(const std::string& key) {
    return !key.empty() && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

std::string breach_of_object(const json& references) {
    if (references.empty()) return "must not be empty";
    for (const auto& [key, value] : references.items()) {
        if (is_blank(key)) return "must not have an empty key";
        if (looks_numeric(key)) return "must not have the numeric key " + key;
        if (!value.is_string()) return "must have a string for " + key;
    }
    return {};
}

std::string breach_of_pairs(const json& references) {
    if (references.empty()) return "must not be empty";
    for (const auto& pair : references) {
        problems found;
        if (!pair.is_object()) return "must have objects of key and value";
        object_reader fields(pair, found);
        fields.text("key", {.need = presence::required});
        fields.text("value", {.need = presence::required, .may_be_blank = true});
        fields.no_others();
        if (!found.empty()) return "has an entry whose " + found.front().sentence();
    }
    return {};
}

void check_references(object_reader& log) {
    const auto* references = log.value("custom_references");
    if (references == nullptr) return;
    auto breach = references->is_object()  ? breach_of_object(*references)
                  : references->is_array() ? breach_of_pairs(*references)
                                           : std::string("must be an array");
    if (!breach.empty()) log.object_to("custom_references", std::move(breach));
}

void check(object_reader& log) {
    check_channel(log);
    log.text("reference", {.max_units = 255});
    log.text("label", {.need = presence::required, .max_units = 255});
    log.text("body", {.need = presence::required, .max_bytes = 32 * kib});
    log.one_of("type", {"page_view", "action", "success", "error", "information"}, presence::required);
    log.boolean("alert");
    check_tags(log);
    check_references(log);
}

}  // namespace

reply answer_logwire(const request& incoming, const rules& by) {
    if (auto stranger = laravel::refuse_stranger(incoming, by.token)) return *stranger;
    if (auto media = laravel::refuse_media(incoming)) return *media;
    if (const auto found = laravel::check_body(incoming.body, check); !found.empty())
        return laravel::unprocessable(found);
    return {.status = 202, .body = "{}", .accepted = 1};
}

}  // namespace logferry::emulation
