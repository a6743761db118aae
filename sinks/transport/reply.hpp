// What a server answers to one request, kept within bounds whatever it sends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <logferry/http.hpp>

namespace logferry::transport {

/// Collects status, the two headers of interest and the beginning of the body. Knows nothing of libcurl.
class reply {
public:
    /// Bytes of a body that are kept, bytes that are read before the transfer is cut, and bytes of all header lines.
    static constexpr std::size_t kept_body = 64 * 1024;
    static constexpr std::size_t longest_body = 4 * 1024 * 1024;
    static constexpr std::size_t longest_head = 64 * 1024;

    /// Ready for the next answer.
    void clear() noexcept;

    /// Takes one header line, its line end included; also status lines, the empty line at the end, and trailers.
    /// False: it has become too much, the transfer is to be cut.
    [[nodiscard]] bool take_header(std::string_view line);

    /// Takes a piece of the body. False as above.
    [[nodiscard]] bool take_body(std::string_view piece);

    /// Whether the head of a final response has come completely. Its status counts, whatever happens to its body:
    /// that is how a 413 is seen which closes the connection in the middle of our upload.
    [[nodiscard]] bool answered() const noexcept { return complete_; }

    /// The status that was read last, also an interim one; 0 before any.
    [[nodiscard]] int status() const noexcept { return status_; }

    /// Hands over what was collected, as a response without failure. REQUIRES: `answered()`.
    [[nodiscard]] http_response take();

private:
    void begin_head(std::string_view status_line);
    void take_field(std::string_view line);

    int status_ = 0;
    bool complete_ = false;
    std::size_t head_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    std::optional<std::string> retry_after_;
    std::optional<std::string> content_type_;
    std::string body_;
};

}  // namespace logferry::transport
