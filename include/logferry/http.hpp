// What a vendor and the transport say to each other: plain data, no behaviour, no third-party type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace logferry {

/// One header line. Neither part may hold CR, LF or NUL; the configuration check refuses them.
struct http_header {
    std::string name;
    std::string value;
};

/// Where one destination posts to. It is the same for every request of that destination.
struct http_endpoint {
    std::string url;
    /// All headers that the vendor wants, credentials among them. The transport adds `Content-Length`, `User-Agent` and
    /// an empty `Expect`, nothing else.
    std::vector<http_header> headers;
};

/// Why there is no usable status.
enum class http_failure : std::uint8_t {
    none,           ///< a status arrived
    not_sent,       ///< DNS, connect or TLS handshake failed: the vendor has seen nothing
    certificate,    ///< the server's certificate was refused: a matter of configuration
    closed_unused,  ///< a kept-alive connection was already closed: the vendor has seen nothing
    ambiguous,      ///< timeout or reset after sending began: the vendor may have processed the request
    aborted,        ///< we cut it short ourselves, closing
};

/// The answer to one request, or why there is none.
struct http_response {
    http_failure failure = http_failure::none;
    /// The status code; 0 unless `failure` is `none`.
    int status = 0;
    /// The first 64 KiB of the body; the rest is read and thrown away.
    std::string body;
    /// The raw text of the `Retry-After` header; empty when there was none. Of several the first counts.
    std::string retry_after;
    /// The raw text of the `Content-Type` header; empty when there was none.
    std::string content_type;
    /// What the transport says about a failure; free of credentials.
    std::string error;
};

}  // namespace logferry
