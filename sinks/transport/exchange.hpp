// One POST at a time, on a libcurl handle that is prepared once and used again and again.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <logferry/options.hpp>
#include <transport/transport.hpp>

#include "curl_handles.hpp"
#include "endpoint.hpp"
#include "reply.hpp"

namespace logferry::transport {

/// Its address is known to libcurl, so it stays where it is. `to` must outlive it.
class exchange {
public:
    /// Throws `std::runtime_error` when libcurl refuses an option.
    exchange(const endpoint& to, endpoint_id id, const http_options& options);
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    /// The exchange whose handle this is.
    [[nodiscard]] static exchange& of(CURL* handle);

    [[nodiscard]] CURL* handle() const noexcept { return handle_.get(); }
    [[nodiscard]] endpoint_id id() const noexcept { return id_; }
    [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }

    /// Readies the handle for a POST of `body`, which must stay valid until `finish` or `abandon`.
    void load(std::string_view body, std::uint64_t tag);
    /// What became of it, after libcurl said that it ended with `code`.
    [[nodiscard]] completion finish(CURLcode code);
    /// It never got an answer, because we did not wait for one.
    [[nodiscard]] completion abandon(http_failure why, const char* text);

private:
    void lock_down(bool secure);
    void say_what(const endpoint& to);
    void bound_time(const http_options& options);
    void listen();
    [[nodiscard]] bool sending_began() const noexcept;
    [[nodiscard]] http_response failed(CURLcode code) const;

    static std::size_t on_header(char* text, std::size_t one, std::size_t length, void* self) noexcept;
    static std::size_t on_body(char* text, std::size_t one, std::size_t length, void* self) noexcept;
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
    static int before_request(void* self, char*, char*, int, int) noexcept;

    easy_handle handle_;
    endpoint_id id_;
    std::uint64_t tag_ = 0;
    bool in_flight_ = false;
    bool connected_ = false;
    bool resend_refused_ = false;
    reply reply_;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace logferry::transport
