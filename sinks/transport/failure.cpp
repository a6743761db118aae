#include "failure.hpp"

namespace logferry::transport {

namespace {

bool is_certificate_refusal(CURLcode code) noexcept {
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return true;
        default:
            return false;
    }
}

/// "file /etc/ssl/..., directory /etc/ssl/certs": where this libcurl looks for authorities.
std::string authorities_searched(CURL* handle) {
    const char* file = nullptr;
    const char* directory = nullptr;
#if LIBCURL_VERSION_NUM >= 0x075400
    curl_easy_getinfo(handle, CURLINFO_CAINFO, &file);
    curl_easy_getinfo(handle, CURLINFO_CAPATH, &directory);
#elif LIBCURL_VERSION_NUM >= 0x074600
    static_cast<void>(handle);
    const curl_version_info_data* built = curl_version_info(CURLVERSION_NOW);
    if (built->age >= CURLVERSION_SEVENTH) {
        file = built->cainfo;
        directory = built->capath;
    }
#else
    static_cast<void>(handle);
#endif
    std::string text;
    if (file != nullptr) text.append("file ").append(file);
    if (directory != nullptr) text.append(text.empty() ? "" : ", ").append("directory ").append(directory);
    return text.empty() ? "those of the TLS library" : text;
}

}  // namespace

http_failure classify(const transfer_facts& facts) noexcept {
    // A success without a status is no success, and nobody knows what the server made of it.
    if (facts.sending_began || facts.code == CURLE_OK) return http_failure::ambiguous;
    if (is_certificate_refusal(facts.code)) return http_failure::certificate;
    return facts.connection_reused ? http_failure::closed_unused : http_failure::not_sent;
}

std::string describe(http_failure failure, CURLcode code, const char* details, CURL* handle) {
    std::string text = *details != '\0' ? details : curl_easy_strerror(code);
    if (code == CURLE_OK) text = "the transfer ended without a status";
    if (failure == http_failure::certificate) {
        text.append(" (certificate authorities searched: ").append(authorities_searched(handle)).append(")");
    }
    return text;
}

}  // namespace logferry::transport
