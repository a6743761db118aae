// The makers of the single vendors, for `make_vendor` only: each lives in its vendor's file, and no class is seen
// outside.
#pragma once

#include <memory>
#include <vector>

#include <logferry/options.hpp>
#include <logferry/vendor.hpp>
#include <vendors/make_vendor.hpp>

namespace logferry::vendors {

/// Each appends what is wrong with the options to `problems` and then gives null.
[[nodiscard]] std::shared_ptr<vendor> make_logsfori(const logsfori& options, const vendor_context& context,
                                                    std::vector<config_problem>& problems);
[[nodiscard]] std::shared_ptr<vendor> make_logsh(const logsh& options, const vendor_context& context,
                                                 std::vector<config_problem>& problems);
[[nodiscard]] std::shared_ptr<vendor> make_logsentry(const logsentry& options, const vendor_context& context,
                                                     std::vector<config_problem>& problems);
[[nodiscard]] std::shared_ptr<vendor> make_profound(const profound& options, const vendor_context& context,
                                                    std::vector<config_problem>& problems);
[[nodiscard]] std::shared_ptr<vendor> make_logwire(const logwire& options, const vendor_context& context,
                                                   std::vector<config_problem>& problems);

}  // namespace logferry::vendors
