// Logsh: one event a request. Vendor facts: "Event" in Logsh's API reference, and the vendor's public server source.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <logferry/level.hpp>
#include <logferry/secret.hpp>

namespace logferry {

/// Options for Logsh. `workspace` and `api_key` are required.
///
/// Templates (`event`, `description`) are as in `logsfori`. What no slot takes goes into `metadata`.
struct logsh {
    /// The workspace, 1 to 35 UTF-16 units, sent in lower case (Logsh does not distinguish case and creates a workspace
    /// that does not exist, so this never comes from a record).
    std::string workspace;
    /// The API key, sent as a Bearer token.
    secret api_key;
    /// Where the API lives; `/api/event` is appended unless already there. Logsh can be hosted by oneself.
    std::string base_url = "https://logsh.co";
    /// The event's name. Default: field `event`, else the logger's name. At most 150 UTF-16 units are sent: the
    /// documents say 250, the server's source 150.
    std::string event = "";
    /// The description. Default: field `description`, else the message. A message that is longer, or is not the
    /// description, goes into `metadata.message`, `message_2`, ..., 500 units each.
    std::string description = "";
    /// Most UTF-16 units of a description, 7 (as long as `(empty)`) to 250. The documents say 150, the server's source
    /// 250.
    std::size_t description_limit = 150;
    /// How many metadata entries of 500 units a long message may fill, 0 to 16; the rest is cut and counted.
    std::size_t message_parts = 4;
    /// The icon for each level, trace to critical; empty for none. Each must be a single emoji that Logsh's server
    /// knows. A record's text field `icon` decides for that record.
    std::array<std::string, level_count> icons = {"🔍", "🐛", "ℹ️", "⚠️", "❌", "🚨"};
    /// Send icons that are not on the built-in list of emoji known to be accepted. Without it such an icon in `icons`
    /// is a configuration error, and a record's `icon` field that holds one is metadata like any other field.
    bool any_icon = false;
    /// Ask for a push notification from this level on; a boolean field `notify` of a record decides for that record.
    level notify_from = level::off;
    /// Most push notifications in a minute; later ones are sent without.
    unsigned notify_per_minute = 10;
    /// Send a record id in `metadata` as `record_id`, so that a duplicate can be recognised.
    bool record_id = true;
};

}  // namespace logferry
