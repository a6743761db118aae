#include <vendors/ip.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace logferry::vendors {
namespace {

bool is_address(std::string_view text) noexcept {
    char terminated[INET6_ADDRSTRLEN];
    if (text.empty() || text.size() >= sizeof terminated) return false;
    std::memcpy(terminated, text.data(), text.size());
    terminated[text.size()] = '\0';
    if (std::strlen(terminated) != text.size()) return false;
    in6_addr room{};
    return inet_pton(text.find(':') == text.npos ? AF_INET : AF_INET6, terminated, &room) == 1;
}

}  // namespace

std::string_view ip_address(std::string_view text) noexcept {
    text = text.substr(0, text.find(','));
    const auto begin = std::min(text.find_first_not_of(' '), text.size());
    text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (const auto colon = text.find(':'); colon != text.npos && text.find(':', colon + 1) == text.npos) {
        text = text.substr(0, colon);  // a single colon: an IPv4 address and its port
    }
    text = text.substr(0, text.find('%'));
    return is_address(text) ? text : std::string_view();
}

}  // namespace logferry::vendors
