// Reading what a vendor's answer says, and repeating it without harm.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace logferry::vendors {

/// `text` with every occurrence of the credential replaced by `***`: as it is, escaped as JSON writers do (also as `\/`
/// and `\u00e9`), and percent-encoded.
[[nodiscard]] std::string scrub(std::string_view text, std::string_view credential);

/// At most 200 bytes of the text, on one line, valid UTF-8, without control bytes and credential: for
/// `outcome::detail` and `outcome::receipt`.
[[nodiscard]] std::string excerpt(std::string_view text, std::string_view credential = {});

/// Most levels of arrays and objects in a vendor's answer.
inline constexpr std::size_t deepest_answer = 64;

/// The answer as JSON; discarded (`is_discarded`) if it is none or too deep, as whoever walks it takes room on the
/// stack for each level.
[[nodiscard]] nlohmann::json parse_answer(std::string_view body);

/// The text of a member; empty when `answer` is no object, or the member is not there or no text. It lives as long as
/// `answer`.
[[nodiscard]] std::string_view text_of(const nlohmann::json& answer, const char* name);

/// True if the body begins like HTML, as answers do that come from something else than an API.
[[nodiscard]] bool is_web_page(std::string_view body) noexcept;

}  // namespace logferry::vendors
