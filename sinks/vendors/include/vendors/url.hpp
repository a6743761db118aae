// Addresses and header values: what may be sent where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>

namespace logferry::vendors {

/// `base` + `path` with exactly one slash between them, without repeating a path, or a beginning of it that ends at a
/// slash, that the path of `base` already ends with: `https://x/api/v1` + `/api/v1/log` is `https://x/api/v1/log`.
[[nodiscard]] std::string join_url(std::string_view base, std::string_view path);

/// Checks a base URL: `https`, or `http` to loopback or when `allow_insecure`; a host; no user or password, no query,
/// no fragment, no control byte or blank, a port in range. Appends a problem for `field` when it cannot be used.
void check_base_url(std::string_view url, bool allow_insecure, const std::string& field,
                    std::vector<config_problem>& problems);

/// Checks a credential that goes into a header or a body: present, no control byte, no blank around it, at most 8 KiB.
/// The problem never shows it. What the token's characters may be beyond that is the vendor's affair (some hold `|`).
void check_secret(const secret& credential, const std::string& field, std::vector<config_problem>& problems);

}  // namespace logferry::vendors
