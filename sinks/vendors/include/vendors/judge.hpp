// What a status means unless the vendor says otherwise: one table, and the helpers that vendors share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <logferry/vendor.hpp>

namespace logferry::vendors {

/// The outcome by status or failure: the common table of docs/delivery.md. 2xx is delivered; the body is not looked at.
[[nodiscard]] outcome judge_by_status(const http_response& response);

/// At most 200 bytes of the body, on one line, safe to print: for `outcome::detail`.
[[nodiscard]] std::string excerpt(std::string_view body);

}  // namespace logferry::vendors
