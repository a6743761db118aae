#include "curl_handles.hpp"

#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace logferry::transport {

namespace {

std::string name_of(CURLoption option) {
#if LIBCURL_VERSION_NUM >= 0x074900
    if (const curl_easyoption* known = curl_easy_option_by_id(option)) return std::string("CURLOPT_") + known->name;
#endif
    return "option " + std::to_string(static_cast<int>(option));
}

/// What makes a handle uses locks that all of libcurl shares.
template <typename Handle>
Handle* made_by(Handle* (*init)()) {
    const process_gate::in_libcurl stay;
    return init();
}

}  // namespace

void check_option(CURLoption option, CURLcode code) {
    if (code == CURLE_OK) return;
    throw std::runtime_error("libcurl refused " + name_of(option) + ": " + curl_easy_strerror(code));
}

void check(CURLMcode code, const char* what) {
    if (code == CURLM_OK) return;
    throw std::runtime_error(std::string("libcurl could not ") + what + ": " + curl_multi_strerror(code));
}

easy_handle::easy_handle() : handle_(made_by(curl_easy_init)) {
    if (!handle_) throw std::runtime_error("libcurl could not make a handle");
}

long easy_handle::number(CURLINFO what) const noexcept {
    long value = 0;
    return curl_easy_getinfo(get(), what, &value) == CURLE_OK ? value : 0;
}

curl_off_t easy_handle::size(CURLINFO what) const noexcept {
    curl_off_t value = 0;
    return curl_easy_getinfo(get(), what, &value) == CURLE_OK ? value : 0;
}

multi_handle::multi_handle() : handle_(made_by(curl_multi_init)) {
    if (!handle_) throw std::runtime_error("libcurl could not make a multi handle");
}

connection_cache::connection_cache() : handle_(made_by(curl_share_init)) {
    // Used by one thread, so no locks.
    if (!handle_ || curl_share_setopt(handle_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK) {
        throw std::runtime_error("libcurl could not make a connection cache");
    }
}

void header_list::append(const char* line) {
    curl_slist* longer = curl_slist_append(list_.get(), line);
    if (longer == nullptr) throw std::bad_alloc();
    // The list keeps its head, so the owner changes hands only for the first line.
    static_cast<void>(list_.release());
    list_.reset(longer);
}

void header_list::cleanup::operator()(curl_slist* list) const noexcept {
    for (curl_slist* each = list; each != nullptr; each = each->next)
        explicit_bzero(each->data, std::strlen(each->data));
    curl_slist_free_all(list);
}

}  // namespace logferry::transport
