// Bodies made smaller.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace logferry::transport {

/// Compresses one body after the other with the same 256 KiB of working memory, which it takes at the first of them.
/// Thread rule: one thread at a time.
class gzip_encoder {
public:
    gzip_encoder() = default;
    ~gzip_encoder();
    gzip_encoder(const gzip_encoder&) = delete;
    gzip_encoder& operator=(const gzip_encoder&) = delete;

    /// Replaces `out` by `body` in the gzip format. Memory that `out` has is used again. Throws `std::bad_alloc`, and
    /// `std::length_error` for a body of 4 GiB or more.
    void compress(std::string_view body, std::string& out);

private:
    void prepare();

    z_stream stream_{};
    bool ready_ = false;
};

}  // namespace logferry::transport
