#include "vendor_apis.hpp"

namespace logferry::emulation {

const std::vector<vendor_api>& vendor_apis() {
    // The tokens look like the vendors' own: LogSentry's holds a `|`, Logsh's and Profound's have their prefixes.
    static const std::vector<vendor_api> all = {
        {"logsfori", "", {"/push-log"}, "emulated-logsfori-token", answer_logsfori},
        {"logsh", "", {"/api/event"}, "logsh.co_emulated", answer_logsh},
        {"logsentry", "/api", {"/api/auditlog", "/api/v1/event"}, "7|emulated", answer_logsentry},
        {"profound", "", {"/v1/logs/custom"}, "bot_emulated", answer_profound},
        {"logwire", "", {"/api/v1/log/create"}, "emulated-logwire-token", answer_logwire},
    };
    return all;
}

}  // namespace logferry::emulation
