// What LogSentry and Logwire have in common: both look like Laravel applications (LogSentry ships a Laravel SDK and
// keys of Sanctum's shape; Logwire's document speaks PHP), and Laravel has manners of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>
#include <logferry/vendor.hpp>

namespace logferry::vendors::laravel {

/// JSON both ways, and a Bearer token. Without `Accept` Laravel answers a refused token with a redirect to its login
/// page.
[[nodiscard]] std::vector<http_header> headers(std::string_view token);

/// The common table, but a redirect (302, 303, 307) counts as a refused token. It is never followed: that would show
/// the token to another address.
[[nodiscard]] outcome judge(const http_response& response, std::string_view token);

/// `text`, or `substitute` when `text` is empty or blank: Laravel trims its input and makes null of what is then empty,
/// which its `required` rule refuses. `scratch` saves allocations.
[[nodiscard]] std::string_view filled(std::string_view text, std::string_view substitute, std::string& scratch);

/// As `check_secret`, and no blank within: the word behind `Bearer` ends there.
void check_token(const secret& token, const std::string& field, std::vector<config_problem>& problems);

}  // namespace logferry::vendors::laravel
