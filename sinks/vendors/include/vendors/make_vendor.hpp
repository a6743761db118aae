// Options to vendors, with every problem found on the way.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <logferry/options.hpp>
#include <logferry/vendor.hpp>

namespace logferry::vendors {

/// What a vendor needs to know besides its own options.
struct vendor_context {
    service_options service;
    /// Allow a token over plain `http://` to a host that is not loopback.
    bool allow_insecure = false;
    /// In front of every field's name in a problem, for example `destinations[0].`.
    std::string path;
};

/// Makes the vendor that the options describe. What is wrong is appended to `problems`; the result is null when
/// anything is.
[[nodiscard]] std::shared_ptr<vendor> make_vendor(const vendor_options& options, const vendor_context& context,
                                                  std::vector<config_problem>& problems);

}  // namespace logferry::vendors
