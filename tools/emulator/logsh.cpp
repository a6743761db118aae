// Logsh, "Event": statuses, names and the order of the checks are those of the vendor's public server source, which
// answers 201 and 403 where the document has 200 and 400; lengths are the stricter of both. The document's texts where
// it has one.
#include <algorithm>
#include <array>
#include <optional>

#include "emoji.hpp"
#include "fields.hpp"
#include "unicode.hpp"
#include "vendor_apis.hpp"

namespace logferry::emulation {
namespace {

constexpr std::size_t max_body = 64 * kib;

reply refuse(int status, std::string_view name, std::string_view message, std::string why) {
    const ordered_json body{{"status", false}, {"name", name}, {"message", message}, {"details", why}};
    return {.status = status, .body = body.dump(), .problem = std::move(why)};
}

reply invalid(const std::string& why) { return refuse(403, "validation_error", why + ".", why); }

reply broken(const std::string& why) { return refuse(500, "internal_server_error", "Internal server error", why); }

// The server trims before it measures.
void check_trimmed(object_reader& event, std::string_view name, std::size_t max_units) {
    const auto* text = event.text(name, {.need = presence::required, .may_be_blank = true});
    if (text == nullptr) return;
    const auto trimmed = js_trim(*text);
    if (trimmed.empty()) return event.object_to(name, "is required");
    if (utf16_units(trimmed) > max_units) {
        event.object_to(name, "must be " + std::to_string(max_units) + " characters or less");
    }
}

void check_icon(object_reader& event) {
    const auto* icon = event.text("icon", {.may_be_blank = true});
    if (icon != nullptr && !is_known_emoji(js_trim(*icon))) event.object_to("icon", "must be a valid emoji");
}

std::optional<std::string> metadata_breach(const std::string& key, const json& value) {
    static constexpr std::array<std::string_view, 3> prototypes = {"__proto__", "constructor", "prototype"};
    if (key.empty()) return "must not have an empty key";
    if (utf16_units(key) > 100) return "must not have a key longer than 100 characters";
    if (std::ranges::find(prototypes, key) != prototypes.end()) return "must not have the key " + key;
    if (value.is_string()) {
        if (utf16_units(value.get_ref<const std::string&>()) <= 500) return std::nullopt;
        return "value of " + key + " must be 500 characters or less";
    }
    if (value.is_number() || value.is_boolean()) return std::nullopt;
    return "value of " + key + " must be string, number or boolean";
}

void check_metadata(object_reader& event) {
    const auto* metadata = event.value("metadata");
    if (metadata == nullptr) return;
    if (!metadata->is_object()) return event.object_to("metadata", "must be an object");
    for (const auto& [key, value] : metadata->items()) {
        if (auto breach = metadata_breach(key, value)) event.object_to("metadata", std::move(*breach));
    }
}

// In the order of the server's schema: only the first problem is told.
problems check(const json& body, std::size_t description_limit) {
    problems found;
    object_reader event(body, found);
    check_trimmed(event, "event", 150);
    check_trimmed(event, "description", description_limit);
    check_icon(event);
    check_trimmed(event, "workspace", 35);
    event.boolean("notify");
    check_metadata(event);
    event.no_others();
    return found;
}

// The server takes the last word of the header for the key.
bool has_key(const request& incoming, const std::string& key) {
    const auto* header = find_header(incoming.headers, "Authorization");
    return header != nullptr && header->starts_with("Bearer ") && header->substr(header->rfind(' ') + 1) == key;
}

}  // namespace

reply answer_logsh(const request& incoming, const rules& by) {
    if (!has_key(incoming, by.token)) {
        return refuse(401, "unauthorized", "Your Bearer Token is missing, invalid or expired.",
                      "the key is missing or invalid");
    }
    if (!declares_json(incoming)) {
        return refuse(415, "unsupported_media_type", "Unsupported media type", "Content-Type must be application/json");
    }
    if (incoming.body.size() > max_body) {
        return refuse(413, "payload_too_large", "Payload too large", "the body must not be longer than 65536 bytes");
    }
    const auto body = read_strictly(incoming.body);
    if (!body.malformed.empty()) return broken(body.malformed);
    if (!body.flaw.empty()) return invalid(body.flaw);
    if (!body.value.is_object()) return invalid("the body must be an object");
    if (const auto found = check(body.value, by.logsh_description_limit); !found.empty()) {
        return invalid(found.front().sentence());
    }
    // The schema lets U+0000 pass; the database behind it cannot store it.
    if (body.holds_nul) return broken("the event holds U+0000");
    return {.status = 201, .body = R"({"status":true})", .accepted = 1};
}

}  // namespace logferry::emulation
