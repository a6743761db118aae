// The files that TLS is to use, looked at before they are needed.
#pragma once

#include <logferry/options.hpp>

namespace logferry::transport {

/// Throws `unusable_option` naming path and reason for a file that cannot be read or does not hold what it
/// should. Whether a certificate is any good shows at the first handshake.
void check_pem_files(const http_options& options);

}  // namespace logferry::transport
