// How connections are made: what of `http_options` is the same for every request of a destination.
#pragma once

#include <logferry/options.hpp>
#include <transport/descriptor_list.hpp>

#include "curl_handles.hpp"

namespace logferry::transport {

/// Throws `std::runtime_error` for what cannot work: files that cannot be read, and a proxy that is not one.
void require_usable(const http_options& options);

/// Sets all of them, and forbids what nobody may choose. `options` may go afterwards. Throws `std::runtime_error` when
/// libcurl refuses one.
void apply(const http_options& options, easy_handle& to);

/// Its sockets are in `open` while they are. `open` must outlive the handle and the connections made with it.
void list_sockets(descriptor_list& open, easy_handle& to);

/// Whether a transfer that is too slow is given up. It costs libcurl a timer a transfer.
void watch_speed(const http_options& options, bool on, easy_handle& to);

/// Whether requests may go through a proxy.
[[nodiscard]] inline bool uses_proxy(const http_options& options) noexcept {
    return !options.proxy.empty() || options.proxy_from_environment;
}

}  // namespace logferry::transport
