// Prebuilt text that holds a credential, overwritten when it goes. It is made in place and never copied, moved or
// grown, because each of these would leave the credential behind in memory that nobody overwrites.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <logferry/http.hpp>

namespace logferry::vendors {

class wiped_text {
public:
    wiped_text() = default;
    wiped_text(const wiped_text&) = delete;
    wiped_text& operator=(const wiped_text&) = delete;
    ~wiped_text();

    /// Empty, with room for `size` bytes: whoever writes more than that leaves the credential behind.
    std::string& make_room(std::size_t size);
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    std::string text_;
};

/// The header that carries a credential: `Authorization: Bearer <credential>`.
struct credential_header {
    const char* name;
    std::string_view scheme;  ///< in front of the credential, with the blank between them
    std::string_view credential;
};

/// Where JSON is posted to and JSON comes back from.
class json_endpoint {
public:
    /// Without a credential: it is in the body.
    explicit json_endpoint(std::string url);
    json_endpoint(std::string url, const credential_header& credential);
    json_endpoint(const json_endpoint&) = delete;
    json_endpoint& operator=(const json_endpoint&) = delete;
    ~json_endpoint();

    [[nodiscard]] const http_endpoint& get() const noexcept { return endpoint_; }

private:
    http_endpoint endpoint_;
};

}  // namespace logferry::vendors
