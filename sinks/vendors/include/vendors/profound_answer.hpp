// What Profound's answers mean.
#pragma once

#include <cstddef>
#include <string_view>

#include <logferry/vendor.hpp>

namespace logferry::vendors {

/// The outcome for a batch of `records` entries sent with the token `api_key`.
[[nodiscard]] outcome judge_profound(const http_response& response, std::size_t records, std::string_view api_key);

}  // namespace logferry::vendors
