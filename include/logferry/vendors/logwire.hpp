// Logwire: one log a request. Vendor facts: "Create Log" in Logwire's documentation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <logferry/level.hpp>
#include <logferry/secret.hpp>

namespace logferry {

/// Options for Logwire. `base_url`, `channel_id` and `token` are required.
///
/// Templates (`reference`, `label`, `body`, `type`, and each entry of `tags`) are as in `logsfori`. What no slot takes goes
/// into `custom_references`.
struct logwire {
    /// How `custom_references` is sent.
    enum class references : std::uint8_t {
        object,  ///< `{"key": "value"}`
        pairs,   ///< `[{"key": "...", "value": "..."}]`
    };

    /// Where the API lives; `/api/v1/log/create` is appended unless already there. Logwire's documents name no host, so
    /// there is no default.
    std::string base_url;
    /// The channel's id, the last part of the channel's URL.
    std::string channel_id;
    /// The API token, sent as a Bearer token.
    secret token;
    /// A user or session id. Default: field `reference`. At most 255 UTF-16 units (our bound).
    std::string reference = "";
    /// Default: field `label`, else the logger's name. At most 255 UTF-16 units (our bound).
    std::string label = "";
    /// Default: field `body`, else the message. At most 32 KiB (our bound).
    std::string body = "";
    /// One of `page_view`, `action`, `success`, `error`, `information`. Default: field `type` when it is one of them,
    /// else by level: error for err and critical, information below.
    std::string type = "";
    /// Ask for an alert from this level on; a boolean field `alert` of a record decides for that record.
    level alert_from = level::off;
    /// Most alerts in a minute; later ones are sent without.
    unsigned alert_per_minute = 10;
    /// Tags for every record. A comma inside a tag becomes `;`. Field `tags` and, for warn, `warning` are added.
    std::vector<std::string> tags = {};
    references custom_references = references::object;
    /// Send a record id in `custom_references` as `record_id`, so that a duplicate can be recognised.
    bool record_id = true;
};

}  // namespace logferry
