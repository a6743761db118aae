// LogSentry: one audit log entry a request. Vendor facts: "API documentation" of LogSentry, and its public Laravel SDK.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <logferry/level.hpp>
#include <logferry/secret.hpp>

namespace logferry {

/// Options for LogSentry. `project` (`app` for the flavor `event_v1`) and `token` are required.
///
/// Templates are as in `logsfori`. What no slot takes goes into `context`, at most 16 KiB of it.
struct logsentry {
    /// Which of LogSentry's two known APIs to speak.
    enum class api : std::uint8_t {
        auditlog,  ///< the documented one: `POST {base_url}/auditlog` with `project`
        event_v1,  ///< the one its Laravel SDK uses: `POST {base_url}/event` with `app`
    };
    /// How `context`, `user` and `request` are sent.
    enum class shape : std::uint8_t {
        text,    ///< JSON text inside a string, as the document and the SDK have it
        nested,  ///< a JSON object
    };

    /// The project's id, 1 to 2^53 - 1. Only for `auditlog`.
    std::int64_t project = 0;
    /// The API token, sent as a Bearer token. It may hold `|`, but no blank.
    secret token;
    /// Where the API lives. Empty: `https://app.logsentry.dev/api` for `auditlog`, `https://logsentry.dev/api/v1` for
    /// `event_v1`. The path is appended unless already there.
    std::string base_url = "";
    api flavor = api::auditlog;
    /// The application's name; only for `event_v1`, where it is required.
    std::string app = "";
    shape context_as = shape::text;
    /// Template for JSON about the user; what is not a JSON object is sent as `{"id": text}`. Default: field `user`.
    /// Never filled by itself: it is personal data. With `event_v1` it becomes an entry of `context`.
    std::string user = "";
    /// Template for JSON about the request, treated as `user` is. Default: field `request`.
    std::string request = "";
    /// LogSentry's number for each level, trace to critical; 0 (emergency) is the most severe, 7 (debug) the least.
    std::array<unsigned, level_count> levels = {7, 7, 6, 4, 3, 2};
    /// The record field that decides the level for its record, for what a logging framework cannot say: a number from 0
    /// to 7 or a syslog word such as `notice`, `alert`, `emergency`. A field that is neither goes into `context`.
    /// Empty: no field does.
    std::string severity_field = "severity";
    /// Send a record id in `context` as `record_id`, so that a duplicate can be recognised.
    bool record_id = true;
};

}  // namespace logferry
