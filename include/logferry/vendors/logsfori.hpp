// LogsForI: one record a request to its push-log API. Vendor facts: "Push Log" in LogsForI's documentation.
#pragma once

#include <array>
#include <string>

#include <logferry/level.hpp>
#include <logferry/secret.hpp>

namespace logferry {

/// Options for LogsForI. `token` is required.
///
/// Templates (`event_name`, `transaction_id`, `resource_id`, `execution_time`) may hold `{logger}`, `{level}`,
/// `{message}`, `{thread}`, `{file}`, `{line}`, `{function}`, `{record_id}` and `{field:NAME}`; `{{` is a brace.
/// A template that comes out empty counts as not given. A slot without a template takes the record's field of its own
/// name, and then its default. What no slot takes goes into `extra`.
struct logsfori {
    /// The connection's token. LogsForI carries it in the body.
    secret token;
    /// Where the API lives; `/push-log` is appended unless already there.
    std::string base_url = "https://api.logsfori.com";
    /// The event's name. Default: field `event_name`, else the logger's name when the message is empty.
    /// At most 255 UTF-16 units are sent (our bound; the vendor states none, nor for the message: 32 KiB, and 64 KiB
    /// for the whole body).
    std::string event_name = "";
    /// The transaction the record belongs to. Default: field `transaction_id`. At most 255 UTF-16 units.
    std::string transaction_id = "";
    /// The resource the record belongs to. Default: field `resource_id`. At most 255 UTF-16 units.
    std::string resource_id = "";
    /// Template for the execution time in milliseconds, sent as a number; what is not a number >= 0 is left out.
    /// Default: field `execution_time`, then `duration_ms`.
    std::string execution_time = "";
    /// The vendor's severity for each level, trace to critical: `debug`, `info`, `warning`, `error` or `critical`. A
    /// record's text field `severity` with one of these words, or the name of a level, decides for that record.
    std::array<std::string, level_count> severities = {"debug", "debug", "info", "warning", "error", "critical"};
    /// Send a record id in `extra` as `record_id`, so that a duplicate can be recognised.
    bool record_id = true;
};

}  // namespace logferry
