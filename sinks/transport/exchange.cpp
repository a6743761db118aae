#include "exchange.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <climits>

#include "failure.hpp"

namespace logferry::transport {

namespace {

// Many load balancers close an idle connection after 60 seconds; libcurl's own limit of 118 would run into that.
constexpr long idle_seconds = 50;
// A long-lived connection would hold on to an address that the vendor has taken out of service.
[[maybe_unused]] constexpr long lifetime_seconds = 3600;

/// libcurl takes a long of at most INT_MAX, and reads 0 as "no limit" or "the default", which is never meant here.
template <typename Number>
long limit(Number value) {
    return static_cast<long>(std::clamp<Number>(value, 1, INT_MAX));
}

}  // namespace

exchange::exchange(const endpoint& to, endpoint_id id, const http_options& options) : id_(id) {
    lock_down(to.secure());
    say_what(to);
    bound_time(options);
    listen();
}

exchange& exchange::of(CURL* handle) {
    char* self = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
    return *reinterpret_cast<exchange*>(self);
}

/// Nothing that a server, the environment or a file in the home directory says may move credentials elsewhere.
void exchange::lock_down(bool secure) {
    // The scheme of the configuration is the only one spoken.
#if LIBCURL_VERSION_NUM >= 0x075500
    handle_.set_pointer<CURLOPT_PROTOCOLS_STR>(secure ? "https" : "http");
    handle_.set_pointer<CURLOPT_REDIR_PROTOCOLS_STR>(secure ? "https" : "http");
#else
    handle_.set<CURLOPT_PROTOCOLS>(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP);
    handle_.set<CURLOPT_REDIR_PROTOCOLS>(0);
#endif
    // On a redirect to another host libcurl would keep headers such as X-Api-Key. So none is followed, nor could be:
    // the list of protocols for redirects may not be empty in every version, the number of redirects may be 0.
    handle_.set<CURLOPT_FOLLOWLOCATION>(0);
    handle_.set<CURLOPT_MAXREDIRS>(0);
    handle_.set<CURLOPT_SSL_VERIFYPEER>(1);
    handle_.set<CURLOPT_SSL_VERIFYHOST>(2);
    handle_.set<CURLOPT_SSLVERSION>(CURL_SSLVERSION_TLSv1_2);
    handle_.set<CURLOPT_NETRC>(CURL_NETRC_IGNORED);
    handle_.set<CURLOPT_DISALLOW_USERNAME_IN_URL>(1);
    // Empty means none, not even from http_proxy and its kin in the environment. Proxies are not supported yet.
    handle_.set_pointer<CURLOPT_PROXY>("");
    // Signals belong to the program we live in, and connections do not belong to what it executes.
    handle_.set<CURLOPT_NOSIGNAL>(1);
    handle_.set_callback<CURLOPT_OPENSOCKETFUNCTION>(&open_socket);
}

void exchange::say_what(const endpoint& to) {
    handle_.set_pointer<CURLOPT_URL>(to.url().c_str());
    handle_.set_pointer<CURLOPT_HTTPHEADER>(to.headers());
    handle_.set_pointer<CURLOPT_USERAGENT>("logferry/" LOGFERRY_VERSION);
    handle_.set<CURLOPT_POST>(1);
    if (to.secure()) {
        // HTTP/2 is negotiated within TLS, and requests wait for a connection that is being made to share it. A libcurl
        // built without HTTP/2 stays with 1.1.
        handle_.prefer<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_2TLS);
        handle_.prefer<CURLOPT_PIPEWAIT>(1);
    } else {
        handle_.set<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_1_1);
    }
}

void exchange::bound_time(const http_options& options) {
    handle_.set<CURLOPT_CONNECTTIMEOUT_MS>(limit(options.connect_timeout.count()));
    handle_.set<CURLOPT_TIMEOUT_MS>(limit(options.request_timeout.count()));
    if (options.low_speed_limit > 0) {
        handle_.set<CURLOPT_LOW_SPEED_LIMIT>(limit(options.low_speed_limit));
        handle_.set<CURLOPT_LOW_SPEED_TIME>(limit(options.low_speed_time.count()));
    }
    handle_.set<CURLOPT_TCP_NODELAY>(1);
    handle_.set<CURLOPT_TCP_KEEPALIVE>(1);
    handle_.set<CURLOPT_MAXAGE_CONN>(idle_seconds);
#if LIBCURL_VERSION_NUM >= 0x075000
    handle_.prefer<CURLOPT_MAXLIFETIME_CONN>(lifetime_seconds);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    // A thread that hangs in getaddrinfo is let go instead of joined, at a timeout as well as at the end. Before 7.87
    // libcurl joins it there, for as long as the system's resolver takes.
    handle_.prefer<CURLOPT_QUICK_EXIT>(1);
#endif
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

void exchange::load(std::string_view body, std::uint64_t tag) {
    // Without a pointer libcurl would read the body from standard input.
    handle_.set_pointer<CURLOPT_POSTFIELDS>(body.empty() ? "" : body.data());
    handle_.set_size<CURLOPT_POSTFIELDSIZE_LARGE>(static_cast<curl_off_t>(body.size()));
    tag_ = tag;
    in_flight_ = true;
    connected_ = false;
    resend_refused_ = false;
    reply_.clear();
    error_.front() = '\0';
}

curl_socket_t exchange::open_socket(void*, curlsocktype, curl_sockaddr* address) noexcept {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

completion exchange::finish(CURLcode code) {
    in_flight_ = false;
    return {tag_, reply_.answered() ? reply_.take() : failed(code)};
}

completion exchange::abandon(http_failure why, const char* text) {
    in_flight_ = false;
    http_response response;
    response.failure = why;
    response.error = text;
    return {tag_, std::move(response)};
}

http_response exchange::failed(CURLcode code) const {
    const bool reused = connected_ && handle_.number(CURLINFO_NUM_CONNECTS) == 0;
    http_response response;
    response.failure = classify({code, sending_began(), reused});
    response.error = resend_refused_ ? "the connection was closed before an answer came"
                                     : describe(response.failure, code, error_.data(), handle());
    return response;
}

bool exchange::sending_began() const noexcept {
    return handle_.number(CURLINFO_REQUEST_SIZE) > 0 || handle_.size(CURLINFO_SIZE_UPLOAD_T) > 0;
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

/// Called whenever the request is about to go out. When a reused connection dies without an answer, libcurl would send
/// the request once more by itself, even if the server had it all and may have acted on it. Whether it is sent again is
/// for delivery to decide, so a second time is refused once a byte has gone out. (Before 7.80 libcurl cannot be
/// stopped.)
///
/// The price: an HTTP/2 server that ends a connection says which requests it has not touched, and libcurl does not pass
/// that on for a reused connection. Such requests count as ambiguous too, which is never wrong but costs a retry.
int exchange::before_request(void* self, char*, char*, int, int) noexcept {
    auto& me = *static_cast<exchange*>(self);
    me.connected_ = true;
    me.resend_refused_ = me.sending_began();
#if LIBCURL_VERSION_NUM >= 0x075000
    return me.resend_refused_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
#else
    return 0;
#endif
}

}  // namespace logferry::transport
