// The transport over libcurl's multi interface.
#pragma once

#include <memory>

#include <transport/descriptor_list.hpp>
#include <transport/transport.hpp>
#include <transport/waker.hpp>

namespace logferry::transport {

/// Prepares libcurl for this process, once, on the calling thread, and never undoes it: OpenSSL registers its clean-up
/// at first use, and that must come before ours. Throws `std::runtime_error` when libcurl refuses.
void initialise_curl();

/// Makes a transport that `wake_up` interrupts, and whose sockets are in `open` while they are open; both must outlive
/// it. Throws `std::runtime_error` when libcurl refuses.
///
/// - Each endpoint speaks the scheme of its URL and nothing else; `add` throws `std::runtime_error` for any other than
///   http and https, and for a header with a line end or NUL in it. HTTP/2 is negotiated over TLS, 1.1 is the rest.
/// - `add` also throws for certificate files that cannot be read or hold something else, naming option, path and
/// reason.
/// - A request over a kept connection that died, or that an HTTP/2 server has not touched, is sent again at once, three
///   times in all at most (libcurl before 7.80: five); not so with `post::once`.
/// - Its descriptors are all close-on-exec, but for those that libcurl opens for itself while it looks a name up.
/// - Redirects are not followed, cookies and netrc ignored, certificates always verified.
/// - A body is cut after 4 MiB, and its status counts; 64 KiB of header lines are the end of the transfer.
/// - The destructor aborts what is in flight and does not wait for it, nor for a name service that hangs. The
///   resolver's thread is left to end by itself. (libcurl before 7.87 does wait for it.)
[[nodiscard]] std::unique_ptr<transport> make_curl_transport(waker& wake_up, descriptor_list& open);

}  // namespace logferry::transport
