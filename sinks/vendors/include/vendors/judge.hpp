// What a status means unless the vendor says otherwise: one table, and the helpers that vendors share.
#pragma once

#include <string>
#include <string_view>

#include <logferry/vendor.hpp>

namespace logferry::vendors {

/// The outcome by status or failure: the common table of docs/delivery.md. 2xx is delivered; the body is not looked at.
/// `credential` is kept out of the detail, should the server have echoed it.
[[nodiscard]] outcome judge_by_status(const http_response& response, std::string_view credential = {});

/// `text` with every occurrence of the credential, as it is or escaped as in JSON, replaced by `***`.
[[nodiscard]] std::string scrub(std::string_view text, std::string_view credential);

/// At most 200 bytes of the body, on one line, valid UTF-8, without control bytes and credential: for
/// `outcome::detail`.
[[nodiscard]] std::string excerpt(std::string_view body, std::string_view credential = {});

}  // namespace logferry::vendors
