// The vendors that the emulator speaks for. Each answers by one pure function, in a file of its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange.hpp"

namespace logferry::emulation {

[[nodiscard]] reply answer_logsfori(const request& incoming, const rules& by);
[[nodiscard]] reply answer_logsh(const request& incoming, const rules& by);
[[nodiscard]] reply answer_logsentry(const request& incoming, const rules& by);
[[nodiscard]] reply answer_profound(const request& incoming, const rules& by);
[[nodiscard]] reply answer_logwire(const request& incoming, const rules& by);

struct vendor_api {
    std::string name;
    /// What `base_url` has after the port.
    std::string base;
    std::vector<std::string> paths;
    /// The one credential that is accepted.
    std::string token;
    reply (*answer)(const request&, const rules&);
};

[[nodiscard]] const std::vector<vendor_api>& vendor_apis();

}  // namespace logferry::emulation
