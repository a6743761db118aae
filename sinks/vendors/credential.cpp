#include <vendors/credential.hpp>

namespace logferry::vendors {

secret* credential_of(vendor_options& options) {
    return std::visit(
        [](auto& of) -> secret* {
            if constexpr (requires { of.token; }) {
                return &of.token;
            } else if constexpr (requires { of.api_key; }) {
                return &of.api_key;
            } else {
                return nullptr;
            }
        },
        options);
}

std::string_view credential_field(const vendor_options& options) {
    return std::visit(
        [](const auto& of) -> std::string_view {
            if constexpr (requires { of.token; }) {
                return "token";
            } else if constexpr (requires { of.api_key; }) {
                return "api_key";
            } else {
                return {};
            }
        },
        options);
}

}  // namespace logferry::vendors
