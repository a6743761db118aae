// Where the example programs ship to: five vendors, each by a line of the environment as an application would have it.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <logferry/options.hpp>

namespace example {

inline std::string env(const char* name) {
    const char* text = std::getenv(name);
    return text ? text : "";
}

// `*_URL` is for self-hosting and tests; without it each vendor's own address is used (Logwire has none).

inline logferry::logsfori logsfori_from_env() {
    logferry::logsfori logsfori{.token = logferry::secret::from_env("LOGSFORI_TOKEN")};
    if (const auto url = env("LOGSFORI_URL"); !url.empty()) logsfori.base_url = url;
    return logsfori;
}

/// LogsForI, Logsh, LogSentry, Profound and Logwire.
inline std::vector<logferry::destination> vendors_from_env() {
    using logferry::secret;

    logferry::logsh logsh{.workspace = "shop", .api_key = secret::from_env("LOGSH_TOKEN")};
    logferry::logsentry logsentry{.project = 12, .token = secret::from_env("LOGSENTRY_TOKEN")};
    logferry::profound profound{.api_key = secret::from_env("PROFOUND_TOKEN")};
    logferry::logwire logwire{
        .base_url = env("LOGWIRE_URL"), .channel_id = "shop", .token = secret::from_env("LOGWIRE_TOKEN")};

    if (const auto url = env("LOGSH_URL"); !url.empty()) logsh.base_url = url;
    if (const auto url = env("LOGSENTRY_URL"); !url.empty()) logsentry.base_url = url;
    if (const auto url = env("PROFOUND_URL"); !url.empty()) profound.base_url = url;
    return {{logsfori_from_env()}, {logsh}, {logsentry}, {profound}, {logwire}};
}

}  // namespace example
