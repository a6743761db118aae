#include <type_traits>

#include <config/description.hpp>

namespace logferry::config {

option_list describe(logsfori& of) {
    return {
        {"token", &of.token, "The connection's token.", true},
        {"base_url", &of.base_url, "Where the API lives; `/push-log` is appended unless already there."},
        {"event_name", &of.event_name, "Template. Default: field `event_name`, else the logger's name."},
        {"transaction_id", &of.transaction_id, "Template. Default: field `transaction_id`."},
        {"resource_id", &of.resource_id, "Template. Default: field `resource_id`."},
        {"execution_time", &of.execution_time,
         "Template for milliseconds. Default: field `execution_time`, then `duration_ms`."},
        {"severities", &of.severities,
         "The vendor's severity for each level: `debug`, `info`, `warning`, `error` or `critical`."},
        {"record_id", &of.record_id, "Send a record id, so that a duplicate can be recognised."},
    };
}

option_list describe(logsh& of) {
    return {
        {"workspace", &of.workspace, "The workspace, 1 to 35 characters.", true},
        {"api_key", &of.api_key, "The API key.", true},
        {"base_url", &of.base_url, "Where the API lives; `/api/event` is appended unless already there."},
        {"event", &of.event, "Template. Default: field `event`, else the logger's name."},
        {"description", &of.description, "Template. Default: field `description`, else the message."},
        {"description_limit", &of.description_limit, "Most UTF-16 units of a description, 7 to 250."},
        {"message_parts", &of.message_parts, "How many metadata entries a long message may fill, 0 to 16."},
        {"icons", &of.icons, "The emoji for each level; empty for none."},
        {"any_icon", &of.any_icon, "Send emoji also that are not known to be accepted."},
        {"notify_from", &of.notify_from, "Ask for a push notification from this level on."},
        {"notify_per_minute", &of.notify_per_minute, "Most push notifications in a minute."},
        {"record_id", &of.record_id, "Send a record id, so that a duplicate can be recognised."},
    };
}

option_list describe(logsentry& of) {
    return {
        {"project", &of.project, "The project's id, a number from 1. Required for the flavor `auditlog`."},
        {"token", &of.token, "The API token.", true},
        {"base_url", &of.base_url,
         "Where the API lives. Empty: `https://app.logsentry.dev/api`, or `https://logsentry.dev/api/v1` for the "
         "flavor "
         "`event_v1`."},
        {"flavor", one_of(of.flavor, {"auditlog", "event_v1"}),
         "The API to speak: `auditlog` is the documented one, `event_v1` that of the vendor's Laravel SDK."},
        {"app", &of.app, "The application's name. Required for the flavor `event_v1`, and only for it."},
        {"context_as", one_of(of.context_as, {"text", "nested"}),
         "Send `context`, `user` and `request` as JSON text inside a string, or as nested objects."},
        {"user", &of.user, "Template for JSON about the user. Default: field `user`."},
        {"request", &of.request, "Template for JSON about the request. Default: field `request`."},
        {"levels", &of.levels, "LogSentry's number for each level, 0 (emergency) to 7 (debug)."},
        {"severity_field", &of.severity_field, "The record field that decides the level for its record. Empty: none."},
        {"record_id", &of.record_id, "Send a record id, so that a duplicate can be recognised."},
    };
}

option_list describe(profound& of) {
    return {
        {"api_key", &of.api_key, "The log ingestion token; it starts with `bot_`.", true},
        {"base_url", &of.base_url, "Where the API lives; `/v1/logs/custom` is appended unless already there."},
        {"host", &of.host, "Template for the request's host. Default: field `host` and its OpenTelemetry names."},
        {"method", &of.method, "Template. Default: field `method` and its OpenTelemetry names."},
        {"path", &of.path, "Template. Default: field `path` and its OpenTelemetry names."},
        {"status_code", &of.status_code, "Template. Default: field `status_code` and its OpenTelemetry names."},
        {"ip", &of.ip, "Template for the client's address. Default: field `ip` and its OpenTelemetry names."},
        {"user_agent", &of.user_agent, "Template. Default: field `user_agent` and its OpenTelemetry names."},
        {"query_params", &of.query_params,
         "Template for a query string. Default: field `query_params`, `url.query`, else the path's own query."},
        {"referer", &of.referer, "Template. Default: field `referer` and its OpenTelemetry name."},
        {"bytes_sent", &of.bytes_sent, "Template. Default: field `bytes_sent` and its OpenTelemetry names."},
        {"duration_ms", &of.duration_ms, "Template for a duration. Default: field `duration_ms`."},
        {"duration_unit", one_of(of.duration_unit, {"milliseconds", "microseconds", "seconds"}),
         "What the template `duration_ms` counts."},
        {"missing_ip", &of.missing_ip,
         "Sent for a record without a client address, such as `0.0.0.0`. Empty: it is rejected."},
        {"missing_user_agent", &of.missing_user_agent,
         "Sent for a record without a user agent, such as `Unknown`. Empty: it is rejected."},
        {"redact", &of.redact, "Query parameters whose values are not sent."},
        {"at_most_once", &of.at_most_once,
         "Give a batch up, rather than send it twice, when it is unclear whether it arrived."},
        {"gzip", &of.gzip, "Send bodies gzipped."},
    };
}

option_list describe(logwire& of) {
    return {
        {"base_url", &of.base_url, "Where the API lives; `/api/v1/log/create` is appended unless already there.", true},
        {"channel_id", &of.channel_id, "The channel's id, the last part of the channel's URL.", true},
        {"token", &of.token, "The API token.", true},
        {"reference", &of.reference, "Template for a user or session id. Default: field `reference`."},
        {"label", &of.label, "Template. Default: field `label`, else the logger's name, else the service's name."},
        {"body", &of.body, "Template. Default: field `body`, else the message."},
        {"type", &of.type,
         "Template for `page_view`, `action`, `success`, `error` or `information`. Default: field `type`, else by "
         "level."},
        {"types", &of.types, "The type for each level."},
        {"alert_from", &of.alert_from, "Ask for an alert from this level on."},
        {"alert_per_minute", &of.alert_per_minute, "Most alerts in a minute."},
        {"tags", &of.tags, "Templates for the tags of every record."},
        {"custom_references", one_of(of.custom_references, {"object", "pairs"}),
         "How what no other option takes is sent: as an object, or as a list of pairs."},
        {"record_id", &of.record_id, "Send a record id, so that a duplicate can be recognised."},
    };
}

const std::vector<known_vendor>& all_vendors() {
    static const std::vector<known_vendor> all = {
        {"logsfori", "LogsForI", logsfori{}},    {"logsh", "Logsh", logsh{}},
        {"logsentry", "LogSentry", logsentry{}}, {"profound", "Profound", profound{}},
        {"logwire", "Logwire", logwire{}},
    };
    return all;
}

option_list describe(vendor_options& of) {
    return std::visit(
        [](auto& chosen) {
            if constexpr (std::is_same_v<decltype(chosen), std::shared_ptr<vendor>&>) {
                return option_list{};
            } else {
                return describe(chosen);
            }
        },
        of);
}

}  // namespace logferry::config
