// Text with a credential in it, on its way to libcurl.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace logferry::transport {

/// Overwritten before its memory is freed. What libcurl copies and sends is its own: it does not wipe it, nor can we.
class wiped_text {
public:
    /// REQUIRES: no more than `capacity` is appended; growing would leave a copy behind.
    explicit wiped_text(std::size_t capacity) { text_.reserve(capacity); }
    ~wiped_text() { explicit_bzero(text_.data(), text_.size()); }
    wiped_text(const wiped_text&) = delete;
    wiped_text& operator=(const wiped_text&) = delete;

    wiped_text& append(std::string_view more) {
        text_.append(more);
        return *this;
    }
    [[nodiscard]] const char* c_str() const noexcept { return text_.c_str(); }

private:
    std::string text_;
};

}  // namespace logferry::transport
