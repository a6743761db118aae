#include "failure.hpp"

#include <string_view>

namespace logferry::transport {

namespace {

bool is_certificate_refusal(CURLcode code) noexcept {
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:  // our own
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return true;
        default:
            return false;
    }
}

/// Where a libcurl that was told nothing looks for authorities. Either may be null.
struct built_in_authorities {
    const char* file = nullptr;
    const char* directory = nullptr;

    built_in_authorities() noexcept {
#if LIBCURL_VERSION_NUM >= 0x074600
        const curl_version_info_data* built = curl_version_info(CURLVERSION_NOW);
        if (built->age < CURLVERSION_SEVENTH) return;
        file = built->cainfo;
        directory = built->capath;
#endif
    }
};

/// "file /etc/ssl/..., directory /etc/ssl/certs"
std::string authorities_searched(const http_options& options) {
    std::string file = options.ca_file;
    std::string directory = options.ca_directory;
    if (file.empty() && directory.empty()) {
        const built_in_authorities built_in;
        if (built_in.file != nullptr) file = built_in.file;
        if (built_in.directory != nullptr) directory = built_in.directory;
    }
    std::string text;
    if (!file.empty()) text.append("file ").append(file);
    if (!directory.empty()) text.append(text.empty() ? "" : ", ").append("directory ").append(directory);
    return text.empty() ? "those of the TLS library" : text;
}

/// libcurl quotes a proxy of the environment that it cannot read, credential and all.
bool may_quote_a_credential(std::string_view details) { return details.find('@') != std::string_view::npos; }

}  // namespace

http_failure classify(const transfer_facts& facts) noexcept {
    // A success without a status is no success, and nobody knows what the server made of it.
    if (facts.sending_began || facts.code == CURLE_OK) return http_failure::ambiguous;
    if (is_certificate_refusal(facts.code)) return http_failure::certificate;
    return facts.connection_reused ? http_failure::closed_unused : http_failure::not_sent;
}

std::string describe(http_failure failure, CURLcode code, const char* details, const http_options& options) {
    const bool wordless = *details == '\0' || may_quote_a_credential(details);
    std::string text = wordless ? curl_easy_strerror(code) : details;
    if (code == CURLE_OK) text = "the transfer ended without a status";
    if (failure == http_failure::certificate && code != CURLE_SSL_CERTPROBLEM)
        text.append(" (certificate authorities searched: ").append(authorities_searched(options)).append(")");
    if (failure == http_failure::not_sent && !options.proxy.empty())
        text.append(" (through the proxy ").append(options.proxy).append(")");
    return text;
}

}  // namespace logferry::transport
