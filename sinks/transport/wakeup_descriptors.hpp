// The descriptors by which a multi handle wakes itself up: a pair of sockets, an eventfd in newer versions of libcurl
// (8.14 for one). Nobody uses them here, but a forked child would keep them, and older versions (7.88 for one) open the
// sockets without close-on-exec, so that every program that the host starts would inherit them.
#pragma once

#include <transport/descriptor_list.hpp>

#include "curl_handles.hpp"

namespace logferry::transport {

/// Finds those of `multi`, which nobody may use meanwhile, marks them close-on-exec, and adds them to `open`. Does
/// nothing when they cannot be told from others beyond doubt.
void keep_wakeup_descriptors(multi_handle& multi, descriptor_list& open);

}  // namespace logferry::transport
