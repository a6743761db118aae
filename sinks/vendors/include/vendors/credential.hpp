// The credential among a vendor's options.
#pragma once

#include <string_view>

#include <logferry/secret.hpp>
#include <logferry/vendors.hpp>

namespace logferry::vendors {

/// Where the options keep the vendor's credential; null for an application's own vendor. It lives as long as `options`
/// holds that vendor.
[[nodiscard]] secret* credential_of(vendor_options& options);

/// The name of that option, `token` or `api_key`, for the texts of errors; empty for an application's own vendor.
[[nodiscard]] std::string_view credential_field(const vendor_options& options);

}  // namespace logferry::vendors
