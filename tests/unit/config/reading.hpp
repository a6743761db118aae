// Options read from text, and what was wrong with it.
#pragma once

#include <stdlib.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/config.hpp>

namespace logferry::config {

using lines = std::vector<std::string>;

/// `field: message` of each.
inline lines lines_of(const std::vector<config_problem>& problems) {
    lines all;
    for (const auto& p : problems) all.push_back(p.field + ": " + p.message);
    return all;
}

/// What `read` complains of; nothing when it does not.
inline lines problems_in(const std::function<void()>& read) {
    try {
        read();
        return {};
    } catch (const config_error& error) {
        return lines_of(error.problems());
    }
}

inline lines problems_in_json(std::string_view text) {
    return problems_in([text] { static_cast<void>(from_json(text)); });
}

inline lines problems_in_settings(const std::vector<setting>& settings) {
    return problems_in([&settings] { static_cast<void>(from_settings(settings)); });
}

/// A document whose one destination is good, with more at its top level.
inline std::string with(const std::string& members) {
    return R"({"destinations": [{"vendor": "logsfori", "token": "env:LOGFERRY_TEST_TOKEN"}], )" + members + "}";
}

/// A destination of Logsh with more options.
inline std::string logsh_with(const std::string& members) {
    return R"({"destinations": [{"vendor": "logsh", "workspace": "shop", "api_key": "env:LOGFERRY_TEST_TOKEN", )" +
           members + "}]}";
}

/// The credentials that the tests' documents name.
inline const int environment_is_set = [] {
    ::setenv("LOGFERRY_TEST_TOKEN", "token-of-the-test", 1);
    ::setenv("LOGFERRY_TEST_PASSWORD", "password-of-the-test", 1);
    return 0;
}();

}  // namespace logferry::config
