#include "exchange.hpp"

#include <string_view>
#include <utility>

#include "connection_options.hpp"
#include "failure.hpp"

namespace logferry::transport {

namespace {

#if LIBCURL_VERSION_NUM >= 0x075000
constexpr bool libcurl_announces_sending = true;
#else
constexpr bool libcurl_announces_sending = false;
#endif

// So much is sent at once or not at all.
constexpr std::size_t small_body = 64 * 1024;

// A request that libcurl has sent so often, each time over a connection that died under it, is delivery's again.
constexpr int most_sends = 3;

http_response mixed_up() {
    http_response response;
    response.failure = http_failure::ambiguous;
    response.error = "several requests were on one HTTP/1.1 connection, so the answer may be another's";
    return response;
}

http_response refused_by_proxy() {
    http_response response;
    response.failure = http_failure::not_sent;
    response.error = "the proxy refuses its credential: status 407";
    return response;
}

}  // namespace

exchange::exchange(endpoint_id id, std::shared_ptr<const endpoint> to, const http_options& options,
                   const connection_cache& apart, lines& all, descriptor_list& open)
    : options_(options), apart_(apart), lines_(all), id_(id) {
    apply(options, handle_);
    list_sockets(open, handle_);
    handle_.set<CURLOPT_POST>(1);
    handle_.set_pointer<CURLOPT_USERAGENT>("logferry/" LOGFERRY_VERSION);
    listen();
    address(std::move(to));
}

exchange& exchange::of(CURL* handle) {
    char* self = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
    return *reinterpret_cast<exchange*>(self);
}

void exchange::listen() {
    handle_.set_pointer<CURLOPT_PRIVATE>(this);
    handle_.set_pointer<CURLOPT_ERRORBUFFER>(error_.data());
    handle_.set_callback<CURLOPT_HEADERFUNCTION>(&on_header);
    handle_.set_pointer<CURLOPT_HEADERDATA>(this);
    handle_.set_callback<CURLOPT_WRITEFUNCTION>(&on_body);
    handle_.set_pointer<CURLOPT_WRITEDATA>(this);
#if LIBCURL_VERSION_NUM >= 0x075000
    handle_.set_callback<CURLOPT_PREREQFUNCTION>(&before_request);
    handle_.set_pointer<CURLOPT_PREREQDATA>(this);
#endif
}

void exchange::address(std::shared_ptr<const endpoint> to) {
    // The scheme of the configuration is the only one spoken.
#if LIBCURL_VERSION_NUM >= 0x075500
    handle_.set_pointer<CURLOPT_PROTOCOLS_STR>(to->secure() ? "https" : "http");
    handle_.set_pointer<CURLOPT_REDIR_PROTOCOLS_STR>(to->secure() ? "https" : "http");
#else
    handle_.set<CURLOPT_PROTOCOLS>(to->secure() ? CURLPROTO_HTTPS : CURLPROTO_HTTP);
    handle_.set<CURLOPT_REDIR_PROTOCOLS>(0);
#endif
    handle_.set_pointer<CURLOPT_URL>(to->url().c_str());
    // No use is made of the old header lines until they are replaced for the next request, nor may they be.
    handle_.set_pointer<CURLOPT_HTTPHEADER>(nullptr);
    to_ = std::move(to);
    go_alone(once_);
}

/// HTTP/2 is negotiated within TLS, and requests wait for a connection that is being made to share it. A libcurl built
/// without HTTP/2 stays with 1.1. What must not be sent twice shares nothing: on a connection of its own there is
/// neither a server that closed it before the request came, nor one that refuses a stream among others. And none of the
/// others may join it, not even while it is being made.
void exchange::go_alone(bool once) {
    once_ = once;
    handle_.set<CURLOPT_FRESH_CONNECT>(once ? 1 : 0);
    handle_.set<CURLOPT_FORBID_REUSE>(once ? 1 : 0);
    handle_.set_pointer<CURLOPT_SHARE>(once ? apart_.get() : nullptr);
    if (to_->secure() && !once) {
        handle_.prefer<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_2TLS);
        handle_.prefer<CURLOPT_PIPEWAIT>(1);
    } else {
        handle_.set<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_1_1);
    }
}

void exchange::load(const post& request, gzip_encoder& encoder) {
    std::string_view body = request.body;
    if (request.gzip) {
        encoder.compress(body, compressed_);
        body = compressed_;
    }
    // Without a pointer libcurl would read the body from standard input.
    handle_.set_pointer<CURLOPT_POSTFIELDS>(body.empty() ? "" : body.data());
    handle_.set_size<CURLOPT_POSTFIELDSIZE_LARGE>(static_cast<curl_off_t>(body.size()));
    handle_.set_pointer<CURLOPT_HTTPHEADER>(to_->headers(request.gzip));
    if (once_ != request.once) go_alone(request.once);
    if (const bool large = body.size() > small_body; large_ != large) {
        large_ = large;
        watch_speed(options_, large, handle_);
    }
    tag_ = request.tag;
    in_flight_ = true;
    sends_ = 0;
    shared_ = false;
    resend_refused_ = false;
    sent_before_ = false;
    counted_before_ = 0;
    reply_.clear();
    error_.front() = '\0';
}

completion exchange::finish(CURLcode code) {
    in_flight_ = false;
    lines_.leave(*this);
    if (!reply_.answered()) return {tag_, failed(code)};
    if (shared_ && !speaks_http_2()) {
        lines_.note_mix_up();
        return {tag_, mixed_up()};
    }
    // Only proxies answer 407. One that was asked for a tunnel is not heard here; this one was to pass on plain http.
    if (reply_.status() == 407 && uses_proxy(options_)) return {tag_, refused_by_proxy()};
    return {tag_, reply_.take()};
}

bool exchange::speaks_http_2() const noexcept { return handle_.number(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0; }

bool exchange::used_shared_connection() const noexcept { return !once_ && speaks_http_2(); }

http_response exchange::failed(CURLcode code) const {
    const bool reused = sends_ > 0 && handle_.number(CURLINFO_NUM_CONNECTS) == 0;
    http_response response;
    response.failure = classify({code, sent_before_ || sending_began(), reused});
    response.error = resend_refused_ ? "each connection that it was sent over was closed before an answer came"
                                     : describe(response.failure, code, error_.data(), options_);
    return response;
}

bool exchange::sending_began() const noexcept {
    // What is counted before the request's turn went to a proxy, to ask it for a tunnel.
    if (libcurl_announces_sending && sends_ == 0) return false;
    return handle_.number(CURLINFO_REQUEST_SIZE) > counted_before_ || handle_.size(CURLINFO_SIZE_UPLOAD_T) > 0;
}

std::size_t exchange::on_header(char* text, std::size_t, std::size_t length, void* self) noexcept {
    try {
        return static_cast<exchange*>(self)->reply_.take_header({text, length}) ? length : 0;
    } catch (...) {  // out of memory: libcurl's frames must not be unwound, so the transfer fails
        return 0;
    }
}

std::size_t exchange::on_body(char* text, std::size_t, std::size_t length, void* self) noexcept {
    try {
        // Any number but the length ends the transfer; an empty piece is never cut.
        return static_cast<exchange*>(self)->reply_.take_body({text, length}) ? length : 0;
    } catch (...) {
        return 0;
    }
}

bool exchange::enter_line(int port) noexcept {
    try {
        lines_.enter(*this, port, [this](exchange& other) {
            // Its answer is there; it has only not been collected yet.
            if (other.reply_.answered()) return;
            shared_ = other.shared_ = true;
        });
        return true;
    } catch (...) {
        return false;
    }
}

/// Called whenever the request is about to go out. When a reused connection dies without an answer, or an HTTP/2 server
/// has not touched a request, libcurl sends it once more by itself, as delivery would; it is only kept from doing so
/// without end. A request that must not be sent twice is refused a second time once a byte has gone out, though on its
/// own connection libcurl has no reason to try. (Before 7.80 libcurl does not ask, and tries five times.)
int exchange::before_request(void* self, char*, char*, int, int local_port) noexcept {
    auto& me = *static_cast<exchange*>(self);
#if LIBCURL_VERSION_NUM >= 0x075000
    if (me.to_->secure() && !me.enter_line(local_port)) return CURL_PREREQFUNC_ABORT;  // no memory: it is not sent
#endif
    me.sent_before_ = me.sent_before_ || me.sending_began();
    me.counted_before_ = me.handle_.number(CURLINFO_REQUEST_SIZE);
    me.resend_refused_ = me.sent_before_ && (me.once_ || me.sends_ >= most_sends);
    ++me.sends_;
#if LIBCURL_VERSION_NUM >= 0x075000
    return me.resend_refused_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
#else
    return 0;
#endif
}

}  // namespace logferry::transport
