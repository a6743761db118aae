#include "connection_options.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ascii.hpp"
#include "pem_files.hpp"
#include "wiped_text.hpp"

namespace logferry::transport {

namespace {

/// libcurl takes a long of at most INT_MAX, and reads 0 as "no limit" or "the default", which is never meant here.
template <typename Number>
long limit(Number value) {
    return static_cast<long>(std::clamp<Number>(value, 1, INT_MAX));
}

curl_socket_t open_socket(void* list, curlsocktype, curl_sockaddr* address) noexcept {
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0 || static_cast<descriptor_list*>(list)->add(fd)) return fd;
    ::close(fd);
    return CURL_SOCKET_BAD;
}

int close_socket(void* list, curl_socket_t fd) noexcept {
    static_cast<descriptor_list*>(list)->remove(fd);
    return ::close(fd);
}

/// Nothing that a server, the environment or a file in the home directory says may move credentials elsewhere.
void lock_down(easy_handle& to) {
    // On a redirect to another host libcurl would keep headers such as X-Api-Key. So none is followed, nor could be:
    // the list of protocols for redirects may not be empty in every version, the number of redirects may be 0.
    to.set<CURLOPT_FOLLOWLOCATION>(0);
    to.set<CURLOPT_MAXREDIRS>(0);
    to.set<CURLOPT_NETRC>(CURL_NETRC_IGNORED);
    to.set<CURLOPT_DISALLOW_USERNAME_IN_URL>(1);
    // Signals belong to the program we live in.
    to.set<CURLOPT_NOSIGNAL>(1);
}

const char* path_or_none(const std::string& path) { return path.empty() ? nullptr : path.c_str(); }

void set_secret(easy_handle& to, const secret& password) {
    wiped_text text(password.reveal().size());
    to.set_pointer<CURLOPT_KEYPASSWD>(text.append(password.reveal()).c_str());
}

void apply_tls(const http_options& options, easy_handle& to) {
    const long oldest = options.tls_minimum == tls_version::tls1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
    to.set<CURLOPT_SSLVERSION>(oldest);
    to.set<CURLOPT_SSL_VERIFYPEER>(1);
    to.set<CURLOPT_SSL_VERIFYHOST>(2);
    // A libcurl that cannot speak https to a proxy does not know these.
    to.prefer<CURLOPT_PROXY_SSLVERSION>(oldest);
    to.prefer<CURLOPT_PROXY_SSL_VERIFYPEER>(1);
    to.prefer<CURLOPT_PROXY_SSL_VERIFYHOST>(2);
    if (!options.ca_file.empty() || !options.ca_directory.empty()) {
        // Both, for what is not given has a default that would be trusted in addition.
        to.set_pointer<CURLOPT_CAINFO>(path_or_none(options.ca_file));
        to.set_pointer<CURLOPT_CAPATH>(path_or_none(options.ca_directory));
        if (uses_proxy(options)) {
            to.set_pointer<CURLOPT_PROXY_CAINFO>(path_or_none(options.ca_file));
            to.set_pointer<CURLOPT_PROXY_CAPATH>(path_or_none(options.ca_directory));
        }
    }
    if (!options.client_certificate.empty()) to.set_pointer<CURLOPT_SSLCERT>(options.client_certificate.c_str());
    if (!options.client_key.empty()) to.set_pointer<CURLOPT_SSLKEY>(options.client_key.c_str());
    if (!options.client_key_password.empty()) set_secret(to, options.client_key_password);
}

/// libcurl decodes percent signs in what it is given.
void append_encoded(wiped_text& text, std::string_view plain) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : plain) {
        const auto byte = static_cast<unsigned char>(c);
        const char encoded[] = {'%', digits[byte >> 4], digits[byte & 15]};
        text.append({encoded, sizeof encoded});
    }
}

void set_proxy_credential(easy_handle& to, std::string_view credential) {
    const std::size_t colon = std::min(credential.find(':'), credential.size());
    wiped_text text(3 * credential.size() + 1);
    append_encoded(text, credential.substr(0, colon));
    text.append(":");
    append_encoded(text, credential.substr(std::min(colon + 1, credential.size())));
    to.set_pointer<CURLOPT_PROXYUSERPWD>(text.c_str());
    to.set<CURLOPT_PROXYAUTH>(static_cast<long>(CURLAUTH_BASIC));
}

void apply_proxy(const http_options& options, easy_handle& to) {
    if (!options.proxy_from_environment) {
        // Empty means none, not even from the environment. Nor does the environment say for which hosts there is none.
        to.set_pointer<CURLOPT_PROXY>(options.proxy.c_str());
        to.set_pointer<CURLOPT_NOPROXY>("");
    }
    if (!options.proxy_credential.empty()) set_proxy_credential(to, options.proxy_credential.reveal());
    // Neither the vendor's headers to the proxy that is asked for a tunnel, nor its answer to the vendor's judge.
    to.set<CURLOPT_HEADEROPT>(CURLHEADER_SEPARATE);
    to.set<CURLOPT_SUPPRESS_CONNECT_HEADERS>(1);
}

void apply_limits(const http_options& options, easy_handle& to) {
    to.set<CURLOPT_CONNECTTIMEOUT_MS>(limit(options.connect_timeout.count()));
    to.set<CURLOPT_TIMEOUT_MS>(limit(options.request_timeout.count()));
    to.set<CURLOPT_TCP_NODELAY>(1);
    to.set<CURLOPT_TCP_KEEPALIVE>(1);
    to.set<CURLOPT_MAXAGE_CONN>(limit(options.connection_idle.count()));
#if LIBCURL_VERSION_NUM >= 0x075000
    to.prefer<CURLOPT_MAXLIFETIME_CONN>(limit(options.connection_lifetime.count()));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    // A thread that hangs in getaddrinfo is let go instead of joined, at a timeout as well as at the end. Before 7.87
    // libcurl joins it there, for as long as the system's resolver takes.
    to.prefer<CURLOPT_QUICK_EXIT>(1);
#endif
}

}  // namespace

void watch_speed(const http_options& options, bool on, easy_handle& to) {
    if (options.low_speed_limit == 0) return;
    to.set<CURLOPT_LOW_SPEED_LIMIT>(on ? limit(options.low_speed_limit) : 0);
    to.set<CURLOPT_LOW_SPEED_TIME>(on ? limit(options.low_speed_time.count()) : 0);
}

void require_usable(const http_options& options) {
    check_pem_files(options);
    const std::string_view proxy = options.proxy;
    if (proxy.empty()) return;
    if (!same_word(proxy.substr(0, 7), "http://") && !same_word(proxy.substr(0, 8), "https://"))
        throw std::runtime_error("proxy: it is neither http:// nor https://");
    if (proxy.find('@') != std::string_view::npos)
        throw std::runtime_error("proxy: user and password belong into proxy_credential");
}

void list_sockets(descriptor_list& open, easy_handle& to) {
    to.set_callback<CURLOPT_OPENSOCKETFUNCTION>(&open_socket);
    to.set_pointer<CURLOPT_OPENSOCKETDATA>(&open);
    to.set_callback<CURLOPT_CLOSESOCKETFUNCTION>(&close_socket);
    to.set_pointer<CURLOPT_CLOSESOCKETDATA>(&open);
}

void apply(const http_options& options, easy_handle& to) {
    lock_down(to);
    apply_tls(options, to);
    apply_proxy(options, to);
    apply_limits(options, to);
}

}  // namespace logferry::transport
