// The transport over libcurl's multi interface.
#pragma once

#include <memory>

#include <logferry/options.hpp>
#include <transport/transport.hpp>
#include <transport/waker.hpp>

namespace logferry::transport {

/// Prepares libcurl for this process, once, on the calling thread, and never undoes it: OpenSSL registers its clean-up at
/// first use, and that must come before ours. Throws `std::runtime_error` when libcurl refuses.
void initialise_curl();

/// Makes a transport that `wake_up` interrupts. Throws `std::runtime_error` when libcurl refuses.
[[nodiscard]] std::unique_ptr<transport> make_curl_transport(const http_options& options, waker& wake_up);

}  // namespace logferry::transport
