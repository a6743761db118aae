// Profound: HTTP access log entries, up to 1,000 a request. Vendor facts: "Custom Log Integration" of Profound.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <logferry/secret.hpp>

namespace logferry {

/// Options for Profound. `api_key` is required.
///
/// Profound takes access log entries, nothing else. A record is one when it carries a field for at least one of
/// Profound's six required HTTP fields (`method` to `user_agent` below); every other record is filtered. One that is
/// but lacks a usable value for another of the six is rejected.
///
/// Each slot takes its template (as in `logsfori`), then the field of its own name, then the OpenTelemetry names,
/// current before deprecated. An empty value and `-` count as not given.
struct profound {
    /// What a duration counts.
    enum class unit : std::uint8_t { milliseconds, microseconds, seconds };

    /// The log ingestion token, sent as `x-api-key`. It starts with `bot_`.
    secret api_key;
    /// Where the API lives; `/v1/logs/custom` is appended unless already there.
    std::string base_url = "https://artemis.api.tryprofound.com";
    /// The request's host. Template; default: fields `host`, `server.address`, `http.request.header.host`, `http.host`.
    std::string host = "";
    /// Template; default: fields `method`, `http.request.method` (`http.request.method_original` where that is
    /// `_OTHER`), `http.method`.
    std::string method = "";
    /// Template; default: fields `path`, `url.path`, `http.target`.
    std::string path = "";
    /// Template; default: fields `status_code`, `http.response.status_code`, `http.status_code`.
    std::string status_code = "";
    /// Template; default: fields `ip`, `client.address`, `network.peer.address`, `http.client_ip`, of these the first
    /// that is an IP address. A forwarded-for header is believed only when this template names it; its first address
    /// counts.
    std::string ip = "";
    /// Template; default: fields `user_agent`, `user_agent.original`, `http.user_agent`.
    std::string user_agent = "";
    /// Template for a query string without `?`; default: fields `query_params` (a query string or a JSON object),
    /// `url.query`, else the path's own query.
    std::string query_params = "";
    /// Template; default: fields `referer`, `http.request.header.referer`.
    std::string referer = "";
    /// Template; default: fields `bytes_sent`, `http.response.body.size`, `http.response.size`.
    std::string bytes_sent = "";
    /// Template; default: field `duration_ms`.
    std::string duration_ms = "";
    /// What the template `duration_ms` counts: nginx `$request_time` seconds, Apache `%D` microseconds. The field
    /// `duration_ms` always counts milliseconds.
    unit duration_unit = unit::milliseconds;
    /// Sent when a record has no client address, for example `0.0.0.0`. Empty: such a record is rejected.
    std::string missing_ip = "";
    /// Sent when a record has no user agent, for example `Unknown`; blank and `-` are refused. Empty: such a record is
    /// rejected.
    std::string missing_user_agent = "";
    /// Query parameters whose values are replaced by `REDACTED`, in `query_params` and in the referer's query. Compared
    /// without case with the parameter's name and with each word of it: `token` also hides `access_token`,
    /// `authToken` and `token2`.
    std::vector<std::string> redact = {"token", "key", "password", "secret", "code", "sig", "email", "session"};
    /// After a timeout or reset that leaves unclear whether Profound took a batch, give the batch up rather than send
    /// it again: visits are then lost rather than counted twice.
    bool at_most_once = false;
    /// Send bodies gzipped. Profound's document advises compression for large payloads but names no encoding for this
    /// endpoint. Should it refuse one with 400, 415 or 422, that body is sent again plain, and so are all that follow.
    bool gzip = false;
};

}  // namespace logferry
