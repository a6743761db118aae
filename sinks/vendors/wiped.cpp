#include <vendors/wiped.hpp>

#include <cstring>
#include <utility>

namespace logferry::vendors {
namespace {

/// explicit_bzero, because the optimiser removes a plain memset of memory about to be freed.
void wipe(std::string& text) noexcept { explicit_bzero(text.data(), text.size()); }

}  // namespace

wiped_text::~wiped_text() { wipe(text_); }

std::string& wiped_text::make_room(std::size_t size) {
    wipe(text_);
    text_.clear();
    text_.reserve(size);
    return text_;
}

json_endpoint::json_endpoint(std::string url)
    // Without `Accept` Laravel answers a refused token with a redirect to its login page.
    : endpoint_{std::move(url), {{"Content-Type", "application/json"}, {"Accept", "application/json"}}} {}

json_endpoint::json_endpoint(std::string url, const credential_header& credential) : json_endpoint(std::move(url)) {
    auto& header = endpoint_.headers.emplace_back();
    header.name = credential.name;
    header.value.reserve(credential.scheme.size() + credential.credential.size());
    header.value.append(credential.scheme).append(credential.credential);
}

json_endpoint::~json_endpoint() {
    for (auto& header : endpoint_.headers) wipe(header.value);
}

}  // namespace logferry::vendors
