// One destination's address and header lines, checked and prepared once for all its requests.
#pragma once

#include <string>

#include <logferry/http.hpp>

#include "curl_handles.hpp"

namespace logferry::transport {

class endpoint {
public:
    /// Throws `std::runtime_error` for a scheme other than http and https, and for headers that would break out of
    /// their line. The configuration check has refused these before; here is the last place to stop a forged header.
    explicit endpoint(const http_endpoint& from);

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    /// Speaks https, and nothing else; otherwise http, and nothing else.
    [[nodiscard]] bool secure() const noexcept { return secure_; }
    /// For a body as it is, or for a compressed one. Lives as long as the endpoint.
    [[nodiscard]] const curl_slist* headers(bool gzip) const noexcept { return (gzip ? gzip_ : plain_).get(); }

private:
    std::string url_;
    bool secure_ = false;
    header_list plain_;
    header_list gzip_;
};

}  // namespace logferry::transport
