// All vendors that logferry knows.
#pragma once

#include <memory>
#include <variant>

#include <logferry/vendor.hpp>
#include <logferry/vendors/logsentry.hpp>
#include <logferry/vendors/logsfori.hpp>
#include <logferry/vendors/logsh.hpp>
#include <logferry/vendors/logwire.hpp>
#include <logferry/vendors/profound.hpp>

namespace logferry {

/// The options of one vendor, or a vendor of the application's own. An application's own vendor belongs to the
/// shipper's worker thread from `shipper::open` on.
using vendor_options = std::variant<logsfori, logsh, logsentry, profound, logwire, std::shared_ptr<vendor>>;

}  // namespace logferry
