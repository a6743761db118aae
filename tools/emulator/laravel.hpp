// What LogSentry and Logwire have in common: both look like Laravel applications, so both answer as Laravel does where
// their documents are silent.
#pragma once

#include <optional>

#include "exchange.hpp"
#include "fields.hpp"

namespace logferry::emulation::laravel {

/// 401 for a request without the Bearer token; a redirect to the login page when it does not ask for JSON.
[[nodiscard]] std::optional<reply> refuse_stranger(const request& incoming, std::string_view token);

/// 415 for a body that is not declared as JSON.
[[nodiscard]] std::optional<reply> refuse_media(const request& incoming);

/// 422 with every problem under its field's name.
[[nodiscard]] reply unprocessable(const problems& found);

/// Reads the body and lets `check` append its problems.
[[nodiscard]] problems check_body(const std::string& body, void (*check)(object_reader&));

}  // namespace logferry::emulation::laravel
