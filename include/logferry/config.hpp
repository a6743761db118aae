// Options from text: JSON, a file, the environment, the settings of Boost.Log. The keys are the names of the option
// fields, so what can be said in code can be said here, but for callbacks and an application's own vendor.
//
//     {"service": {"name": "shop"},
//      "buffer": {"size": "16MiB", "spool": "/var/lib/shop/log-spool"},
//      "destinations": [{"vendor": "logsh", "workspace": "shop", "api_key": "env:LOGSH_API_KEY", "min_level": "info"}]}
//
// docs/configuration.md has every key; docs/logferry.schema.json is the JSON Schema of it. Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>

namespace logferry::config {

/// Reads options from JSON text (RFC 8259, at most 1 MiB).
///
/// A duration is text such as `"250ms"`, `"5s"`, `"2min"`, `"1h"`, `"7d"`; a size a number of bytes or text such as
/// `"64KiB"`, `"16MiB"`, `"1GiB"`. A credential is `"env:NAME"` or `"file:PATH"`, read now; any other text is the
/// credential itself, which works and becomes one of `options::notices`.
///
/// Throws `config_error` with every problem at once, those that `shipper::open` would find included. Each names the
/// key's path (`destinations[1].api_key`), the shape of the value, never the value, and the remedy; for an unknown key
/// the nearest known one.
[[nodiscard]] options from_json(std::string_view text);

/// Reads options from a file that holds such JSON. Paths within it are as the process sees them. Throws `config_error`,
/// also for a file that cannot be read.
[[nodiscard]] options from_file(const std::string& path);

/// Reads options from an environment variable, which holds the JSON itself (then it begins with `{`) or a file's path.
/// Throws `config_error`, also for a variable that is not set. No other thread may change the environment meanwhile,
/// which goes for credentials of the form `env:NAME` too.
[[nodiscard]] options from_env(const std::string& variable = "LOGFERRY_CONFIG");

/// One key with its value, as a settings section of Boost.Log has them.
struct setting {
    std::string key;
    std::string value;
};

/// Reads options for one destination from flat settings. Keys are the JSON's in CamelCase (`ApiKey`, `MinLevel`); those
/// of a group have the group's name in front (`BufferSize`, `HttpRequestTimeout`, `DeliveryMaxAge`, `ServiceName`,
/// `DeadLettersFile`), but for the spool's (`Spool`, `SpoolSync`, `SpoolOnNetwork`). `Vendor` is required. Lists are
/// separated by commas, or JSON text, as is what is an object in JSON.
///
/// Throws `config_error` with every problem at once, named by the settings' own keys.
[[nodiscard]] options from_settings(const std::vector<setting>& settings);

/// The settings' key for an option's path in a problem, such as `ApiKey` for `destinations[0].api_key`; the path itself
/// where settings have no such key. For problems that only `shipper::open` can find.
[[nodiscard]] std::string settings_key_of(const std::string& path);

/// The JSON Schema (draft 2020-12) of what `from_json` takes, as `docs/logferry.schema.json` has it.
[[nodiscard]] std::string schema();

}  // namespace logferry::config
