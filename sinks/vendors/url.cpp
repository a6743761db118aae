#include <vendors/url.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include <text/ascii.hpp>

namespace logferry::vendors {
namespace {

using text::is_digit;
using text::is_letter;

/// Neither blank nor control byte nor anything beyond ASCII.
bool is_visible(char c) noexcept { return c > ' ' && c < '\x7F'; }

std::string lower(std::string_view mixed) {
    std::string out(mixed);
    text::make_lower(out);
    return out;
}

/// `scheme://host:port/path`, each part as it stands in the text.
struct url_parts {
    std::string scheme;
    std::string_view host;  ///< with the brackets of an IPv6 address
    std::string_view port;  ///< with the colon in front; empty when there is none
};

/// Splits an authority that holds no user part. A bracket that is never closed leaves everything in the host.
void split_authority(std::string_view authority, url_parts& parts) {
    const auto after_host = authority.starts_with('[') ? authority.find(']') : 0;
    const auto colon = after_host == std::string_view::npos ? after_host : authority.find(':', after_host);
    parts.host = authority.substr(0, colon);
    parts.port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
}

/// Where the path begins: behind the authority.
std::size_t path_begin(std::string_view url) noexcept {
    const auto scheme_end = url.find("://");
    const auto from = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
    return std::min(url.find('/', from), url.size());
}

bool valid_ipv6(const std::string& text, in6_addr& address) noexcept {
    return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool valid_name(std::string_view host) noexcept {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > 253 || host.front() == '.' || host.find("..") != std::string_view::npos)
        return false;
    return std::all_of(host.begin(), host.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

bool valid_host(std::string_view host) {
    if (!host.starts_with('[')) return valid_name(host);
    in6_addr address{};
    return host.size() > 2 && host.back() == ']' && valid_ipv6(std::string(host.substr(1, host.size() - 2)), address);
}

bool valid_port(std::string_view port) noexcept {
    if (port.empty()) return true;
    unsigned number = 0;
    const auto* end = port.data() + port.size();
    const auto [stop, error] = std::from_chars(port.data() + 1, end, number);
    return error == std::errc() && stop == end && number >= 1 && number <= 65535;
}

/// Only what can be nothing else: a name that merely resolves to loopback today is not loopback.
bool is_loopback(std::string_view host) {
    if (host.starts_with('[')) {
        in6_addr address{};
        return valid_ipv6(std::string(host.substr(1, host.size() - 2)), address) && IN6_IS_ADDR_LOOPBACK(&address);
    }
    in_addr address{};
    const std::string text = lower(host);
    if (inet_pton(AF_INET, text.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
    return text == "localhost" || text == "localhost.";
}

/// What is wrong with the characters of a URL. Nothing of it is shown: a password may be in it.
std::string character_complaint(std::string_view url) {
    if (url.empty()) return "is empty; give an address such as https://logs.example.org";
    if (!std::all_of(url.begin(), url.end(), is_visible)) {
        return "holds a blank, a control byte or a character beyond ASCII; remove it, or write it percent-encoded";
    }
    if (url.find('\\') != std::string_view::npos) return "holds a backslash; write `/`";
    if (url.find('?') != std::string_view::npos) return "has a query (`?`); give the address without it";
    if (url.find('#') != std::string_view::npos) return "has a fragment (`#`); give the address without it";
    return {};
}

std::string parse(std::string_view url, url_parts& parts) {
    if (auto complaint = character_complaint(url); !complaint.empty()) return complaint;
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return "has no scheme; begin it with https://";
    parts.scheme = lower(url.substr(0, scheme_end));
    if (parts.scheme != "https" && parts.scheme != "http") return "has an unknown scheme; begin it with https://";
    const auto from = scheme_end + 3;
    const auto authority = url.substr(from, path_begin(url) - from);
    if (authority.find('@') != std::string_view::npos) {
        return "holds a user name or a password; give the address without it, and the credential in its own option";
    }
    split_authority(authority, parts);
    if (parts.host.empty()) return "has no host; give an address such as https://logs.example.org";
    if (!valid_host(parts.host)) return "has a host that is neither a name nor an IP address; IPv6 goes in brackets";
    if (!valid_port(parts.port)) return "has a port that is not a number from 1 to 65535; correct it or leave it out";
    return {};
}

std::string secret_complaint(std::string_view text) {
    constexpr std::size_t most = 8 * 1024;
    if (text.size() > most) return "is longer than 8 KiB; check that it is the credential and not a file";
    const auto is_control = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; };
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return "holds a control byte, often a newline at the end; remove it";
    }
    if (text.front() == ' ' || text.back() == ' ') return "begins or ends with a blank; remove it";
    return {};
}

}  // namespace

std::string join_url(std::string_view base, std::string_view path) {
    while (base.ends_with('/')) base.remove_suffix(1);
    const auto base_path = base.substr(path_begin(base));
    // From the whole path down to nothing, each time up to the slash before.
    for (auto shared = path.size(); shared != 0 && shared != std::string_view::npos;
         shared = path.rfind('/', shared - 1)) {
        if (base_path.ends_with(path.substr(0, shared))) return std::string(base).append(path.substr(shared));
    }
    return std::string(base).append(path);
}

void check_base_url(std::string_view url, bool allow_insecure, const std::string& field,
                    std::vector<config_problem>& problems) {
    url_parts parts;
    auto complaint = parse(url, parts);
    if (complaint.empty() && parts.scheme == "http" && !allow_insecure && !is_loopback(parts.host)) {
        complaint = "would send the credential unencrypted to " + std::string(parts.host) +
                    "; use https://, or allow it with http.allow_insecure";
    }
    if (!complaint.empty()) problems.push_back({field, std::move(complaint)});
}

void check_secret(const secret& credential, const std::string& field, std::vector<config_problem>& problems) {
    if (credential.empty()) {
        const auto why = credential.problem().empty() ? "it was not given" : std::string(credential.problem());
        problems.push_back(
            {field, "is missing: " + why + "; use secret(\"...\"), secret::from_env(NAME) or secret::from_file(PATH)"});
    } else if (auto complaint = secret_complaint(credential.reveal()); !complaint.empty()) {
        problems.push_back({field, std::move(complaint)});
    }
}

}  // namespace logferry::vendors
