// What a status means unless the vendor says otherwise: one table, and the helpers that vendors share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <logferry/vendor.hpp>
#include <nlohmann/json_fwd.hpp>

namespace logferry::vendors {

/// The outcome by status or failure: the common table of docs/delivery.md. 2xx is delivered; the body is not looked at.
/// `credential` is kept out of the detail, should the server have echoed it.
[[nodiscard]] outcome judge_by_status(const http_response& response, std::string_view credential = {});

/// `text` with every occurrence of the credential replaced by `***`: as it is, escaped as JSON writers do (also as `\/`
/// and `\u00e9`), and percent-encoded.
[[nodiscard]] std::string scrub(std::string_view text, std::string_view credential);

/// Most levels of arrays and objects in a vendor's answer.
inline constexpr std::size_t deepest_answer = 64;

/// The answer as JSON; discarded (`is_discarded`) if it is none or too deep, as whoever walks it takes room on the
/// stack for each level.
[[nodiscard]] nlohmann::json parse_answer(std::string_view body);

/// At most 200 bytes of the body, on one line, valid UTF-8, without control bytes and credential: for
/// `outcome::detail`.
[[nodiscard]] std::string excerpt(std::string_view body, std::string_view credential = {});

}  // namespace logferry::vendors
