#include "reply.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "ascii.hpp"

namespace logferry::transport {

namespace {

/// The three digits of "HTTP/1.1 200 OK", or 0.
int status_in(std::string_view line) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return 0;
    const std::string_view digits = line.substr(space + 1, 3);
    int status = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), status);
    return parsed.ec == std::errc() && parsed.ptr == digits.data() + 3 ? status : 0;
}

}  // namespace

void reply::clear() noexcept {
    status_ = 0;
    complete_ = false;
    head_bytes_ = 0;
    body_bytes_ = 0;
    retry_after_.reset();
    content_type_.reset();
    body_.clear();
}

bool reply::take_header(std::string_view line) {
    head_bytes_ += line.size();
    if (head_bytes_ > longest_head) return false;
    if (complete_) return true;  // a trailer
    if (line.starts_with("HTTP/")) {
        begin_head(line);
    } else if (trimmed(line).empty()) {
        complete_ = status_ >= 200;  // 1xx announces another response
    } else {
        take_field(line);
    }
    return true;
}

void reply::begin_head(std::string_view status_line) {
    status_ = status_in(status_line);
    retry_after_.reset();
    content_type_.reset();
}

void reply::take_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!retry_after_ && same_word(name, "Retry-After")) retry_after_.emplace(value);
    if (!content_type_ && same_word(name, "Content-Type")) content_type_.emplace(value);
}

bool reply::take_body(std::string_view piece) {
    body_bytes_ += piece.size();
    body_.append(piece.substr(0, kept_body - std::min(kept_body, body_.size())));
    return body_bytes_ <= longest_body;
}

http_response reply::take() {
    http_response response;
    response.status = status_;
    response.body = std::exchange(body_, {});
    response.retry_after = std::move(retry_after_).value_or("");
    response.content_type = std::move(content_type_).value_or("");
    return response;
}

}  // namespace logferry::transport
