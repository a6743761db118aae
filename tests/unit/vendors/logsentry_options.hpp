// LogSentry as the tests of its room configure it.
#pragma once

#include <logferry/vendors/logsentry.hpp>

namespace logferry::test {

inline logsentry project_12() { return {12, secret("1|abc")}; }

inline logsentry app_shop() {
    logsentry options{0, secret("1|abc")};
    options.flavor = logsentry::api::event_v1;
    options.app = "shop";
    return options;
}

}  // namespace logferry::test
