// What a vendor's part of the emulator is given and gives back. Plain data, so that every vendor is one pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logferry::emulation {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct request {
    /// Without the query.
    std::string path;
    header_list headers;
    /// Decompressed, whatever `Content-Encoding` says.
    std::string body;
};

struct reply {
    int status = 0;
    std::string body = {};
    /// Besides `Content-Type: application/json`, which one named here replaces.
    header_list headers = {};
    /// How many records were taken.
    std::size_t accepted = 0;
    /// Why not all of the request was taken.
    std::string problem = {};
};

/// What the answer depends on beside the request.
struct rules {
    std::string token;
    std::size_t logsh_description_limit = 150;
    bool profound_gzip = true;
};

/// The value of the first header of that name, compared without case; nullptr without one.
[[nodiscard]] const std::string* find_header(const header_list& headers, std::string_view name);

/// Whether a body may come compressed.
enum class compression : bool { none, gzip };

/// True if the body is declared as JSON in UTF-8, and as compressed only if that is allowed.
[[nodiscard]] bool declares_json(const request& incoming, compression allowed = compression::none);

/// True if the request carries `Authorization: Bearer <token>`, the word `Bearer` in just this case.
[[nodiscard]] bool has_bearer(const request& incoming, std::string_view token);

/// 16 hexadecimal digits that depend on every byte of `text`.
[[nodiscard]] std::string fingerprint(std::string_view text);

}  // namespace logferry::emulation
