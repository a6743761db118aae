// What a failed transfer means for the records in it.
#pragma once

#include <curl/curl.h>

#include <string>

#include <logferry/http.hpp>
#include <logferry/options.hpp>

namespace logferry::transport {

/// What is known about a transfer that ended without a status.
struct transfer_facts {
    CURLcode code = CURLE_OK;
    /// At least one byte of the request was handed to the connection.
    bool sending_began = false;
    /// It had been given a connection that had carried requests before, and no other.
    bool connection_reused = false;
};

/// Pure. In doubt the answer is `ambiguous`: taking a processed request for an unsent one would notify somebody twice.
[[nodiscard]] http_failure classify(const transfer_facts& facts) noexcept;

/// libcurl's own words, for a refused certificate with the authorities that were searched, for what was not sent with
/// the proxy that it was to go through. `details` is the content of the error buffer, possibly empty; neither it nor
/// the result holds a header, a credential or an endpoint's URL.
[[nodiscard]] std::string describe(http_failure failure, CURLcode code, const char* details,
                                   const http_options& options);

}  // namespace logferry::transport
