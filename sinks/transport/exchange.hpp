// One POST at a time, on a libcurl handle that is prepared once and used again and again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <logferry/options.hpp>
#include <transport/descriptor_list.hpp>
#include <transport/transport.hpp>

#include "curl_handles.hpp"
#include "endpoint.hpp"
#include "gzip.hpp"
#include "lines.hpp"
#include "reply.hpp"

namespace logferry::transport {

/// Its address is known to libcurl, so it stays where it is. `options` must outlive it.
class exchange {
public:
    /// Throws `std::runtime_error` when libcurl refuses an option.
    exchange(endpoint_id id, std::shared_ptr<const endpoint> to, const http_options& options,
             const connection_cache& apart, lines& all, descriptor_list& open);
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    /// The exchange whose handle this is.
    [[nodiscard]] static exchange& of(CURL* handle);

    [[nodiscard]] CURL* handle() const noexcept { return handle_.get(); }
    [[nodiscard]] endpoint_id id() const noexcept { return id_; }
    [[nodiscard]] std::uint64_t tag() const noexcept { return tag_; }
    [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }
    [[nodiscard]] const std::shared_ptr<const endpoint>& to() const noexcept { return to_; }

    /// From now on requests go there.
    void address(std::shared_ptr<const endpoint> to);
    /// Readies the handle for `request`, whose body must stay valid until `finish` or `unload`. Throws
    /// `std::exception` when there is no memory for that.
    void load(const post& request, gzip_encoder& encoder);
    /// What became of it, after libcurl said that it ended with `code`.
    [[nodiscard]] completion finish(CURLcode code);
    /// Nobody waits for an answer any longer.
    void unload() noexcept {
        in_flight_ = false;
        lines_.leave(*this);
    }

    /// After `finish`: its request went over a connection that carries many at once.
    [[nodiscard]] bool used_shared_connection() const noexcept;

private:
    void listen();
    void go_alone(bool once);
    [[nodiscard]] bool sending_began() const noexcept;
    [[nodiscard]] bool speaks_http_2() const noexcept;
    [[nodiscard]] bool enter_line(int port) noexcept;
    [[nodiscard]] http_response failed(CURLcode code) const;

    static std::size_t on_header(char* text, std::size_t one, std::size_t length, void* self) noexcept;
    static std::size_t on_body(char* text, std::size_t one, std::size_t length, void* self) noexcept;
    static int before_request(void* self, char*, char*, int, int) noexcept;

    const http_options& options_;
    const connection_cache& apart_;
    lines& lines_;
    std::shared_ptr<const endpoint> to_;
    easy_handle handle_;
    endpoint_id id_;
    std::uint64_t tag_ = 0;
    bool in_flight_ = false;
    bool once_ = false;
    bool large_ = false;
    /// Another request was out over the same connection at the same time.
    bool shared_ = false;
    /// How often libcurl was about to send the request, and whether it was told not to.
    int sends_ = 0;
    bool resend_refused_ = false;
    /// Bytes went out before the latest of these, and what libcurl had counted by then, a proxy's share included.
    bool sent_before_ = false;
    long counted_before_ = 0;
    reply reply_;
    std::string compressed_;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace logferry::transport
