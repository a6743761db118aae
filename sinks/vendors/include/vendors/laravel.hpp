// What LogSentry and Logwire have in common: both look like Laravel applications (LogSentry ships a Laravel SDK and
// keys of Sanctum's shape; Logwire's document speaks PHP), and Laravel has manners of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>
#include <vendors/judge.hpp>

namespace logferry::vendors::laravel {

/// Laravel sends those whom it does not know to its login page, unless they accept JSON. Nobody follows: that would
/// show the token to another address.
inline constexpr answer_row login_redirect = {
    302,
    302,
    answer_says::anything,
    outcome::verdict::paused,
    outcome::pause::auth,
    0,
    "the server redirects, most likely to its login page because the token was refused; check token and base_url"};

/// `text`, or `substitute` when `text` is empty or blank: Laravel trims its input and makes null of what is then empty,
/// which its `required` rule refuses. `scratch` saves allocations.
[[nodiscard]] std::string_view filled(std::string_view text, std::string_view substitute, std::string& scratch);

/// As `check_secret`, and no blank within: the word behind `Bearer` ends there.
void check_token(const secret& token, const std::string& field, std::vector<config_problem>& problems);

}  // namespace logferry::vendors::laravel
