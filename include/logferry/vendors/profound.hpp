// Profound: HTTP access log entries, up to 1,000 a request. Vendor facts: "Custom Log Integration" of Profound.
#pragma once

#include <string>
#include <vector>

#include <logferry/secret.hpp>

namespace logferry {

/// Options for Profound. `api_key` is required.
///
/// Profound takes access log entries, nothing else: a record without any HTTP field is filtered. Each slot takes its
/// template, then the field of its own name, then the OpenTelemetry names, current and deprecated (docs/vendors/profound.md).
struct profound {
    /// The log ingestion token, sent as `x-api-key`. It starts with `bot_`.
    secret api_key;
    /// Where the API lives; `/v1/logs/custom` is appended unless already there.
    std::string base_url = "https://artemis.api.tryprofound.com";
    /// The request's host. Template; default: fields `host`, `server.address`, `http.request.header.host`, `http.host`.
    std::string host = "";
    /// Template; default: fields `method`, `http.request.method_original`, `http.request.method`, `http.method`.
    std::string method = "";
    /// Template; default: fields `path`, `url.path`, `http.target`.
    std::string path = "";
    /// Template; default: fields `status_code`, `http.response.status_code`, `http.status_code`.
    std::string status_code = "";
    /// Template; default: fields `ip`, `client.address`, `network.peer.address`, `http.client_ip`.
    std::string ip = "";
    /// Template; default: fields `user_agent`, `user_agent.original`, `http.user_agent`.
    std::string user_agent = "";
    /// Template for a query string without `?`; default: fields `query_params`, `url.query`, else the path's own query.
    std::string query_params = "";
    /// Template; default: fields `referer`, `http.request.header.referer`.
    std::string referer = "";
    /// Template; default: fields `bytes_sent`, `http.response.body.size`, `http.response.size`.
    std::string bytes_sent = "";
    /// Template for milliseconds; default: field `duration_ms`.
    std::string duration_ms = "";
    /// Sent when a record has no client address, for example `0.0.0.0`. Empty: such a record is rejected.
    std::string missing_ip = "";
    /// Sent when a record has no user agent, for example `Unknown`. Empty: such a record is rejected.
    std::string missing_user_agent = "";
    /// Query parameters whose values are replaced by `REDACTED`, compared without case.
    std::vector<std::string> redact = {"token", "key", "password", "secret", "code", "sig", "email", "session"};
};

}  // namespace logferry
