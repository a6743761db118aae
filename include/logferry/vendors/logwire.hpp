// Logwire: one log a request. Vendor facts: "Create Log" in Logwire's documentation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <logferry/level.hpp>
#include <logferry/secret.hpp>

namespace logferry {

/// Options for Logwire. `base_url`, `channel_id` and `token` are required.
///
/// Templates (`reference`, `label`, `body`, `type`, and each entry of `tags`) are as in `logsfori`. What no slot takes
/// goes into `custom_references`, at most 16 KiB of it.
struct logwire {
    /// How `custom_references` is sent.
    enum class references : std::uint8_t {
        object,  ///< `{"key": "value"}`
        pairs,   ///< `[{"key": "...", "value": "..."}]`
    };

    /// Where the API lives; `/api/v1/log/create` is appended unless already there. Logwire's documents name no host, so
    /// there is no default.
    std::string base_url;
    /// The channel's id, the last part of the channel's URL. It stays text also when it looks like a number. At
    /// most 255 UTF-16 units (our bound).
    std::string channel_id;
    /// The API token, sent as a Bearer token. It holds no blank.
    secret token;
    /// A user or session id. Default: field `reference`; without either it is left out. At most 255 UTF-16 units (our
    /// bound).
    std::string reference = "";
    /// Default: field `label`, else the logger's name, else the service's name, else `log`. At most 255 UTF-16 units
    /// (our bound).
    std::string label = "";
    /// Default: field `body`, else the message. At most 32 KiB (our bound). A message that a template or field keeps
    /// out of the body goes into `custom_references` as `message`.
    std::string body = "";
    /// Template for one of `page_view`, `action`, `success`, `error`, `information`. Default: field `type`, then field
    /// `severity`, each only when it is one of them, else by level.
    std::string type = "";
    /// The type for each level, trace to critical.
    std::array<std::string, level_count> types = {"information", "information", "information",
                                                  "information", "error",       "error"};
    /// Ask for an alert from this level on; a boolean field `alert` of a record decides for that record.
    level alert_from = level::off;
    /// Most alerts in a minute; later ones are sent without.
    unsigned alert_per_minute = 10;
    /// Tags for every record. A comma inside a tag becomes `;`. Field `tags` (comma-delimited text, or a JSON array)
    /// and, for warn, `warning` are added.
    std::vector<std::string> tags = {};
    references custom_references = references::object;
    /// Send a record id in `custom_references` as `record_id`, so that a duplicate can be recognised.
    bool record_id = true;
};

}  // namespace logferry
