#include "pem_files.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include <transport/transport.hpp>

#include "wiped_text.hpp"

namespace logferry::transport {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view certificate = "CERTIFICATE-----";
constexpr std::string_view private_key = "PRIVATE KEY-----";

[[noreturn]] void refuse(std::string_view option, const std::string& path, const std::string& reason) {
    throw unusable_option(option, path + " " + reason);
}

std::string cannot_be_read(int error) { return "cannot be read: " + std::generic_category().message(error); }

/// PEM titles are "-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----", "-----BEGIN RSA PRIVATE
/// KEY-----" and the like, each on a line of its own.
bool is_title(std::string_view line, std::string_view ending) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    return line.starts_with("-----BEGIN ") && line.ends_with(ending);
}

/// Checks that the file has a PEM block with such a title.
void require(std::string_view option, const std::string& path, std::string_view title, const char* what) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) refuse(option, path, cannot_be_read(errno));
    // One line at a time, and each is wiped: there may be a key among them.
    for (std::string line; std::getline(in, line); explicit_bzero(line.data(), line.size())) {
        if (is_title(line, title)) return;
    }
    // A directory opens but does not read.
    if (in.bad()) refuse(option, path, cannot_be_read(fs::is_directory(path) ? EISDIR : EIO));
    refuse(option, path, std::string("holds no ") + what + " in PEM form");
}

/// "5ed36f99.0": a hash of the authority's name and a number.
bool is_rehashed(const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return name.size() > 9 && name[8] == '.' && std::all_of(name.begin(), name.begin() + 8, hexadecimal);
}

void require_rehashed(std::string_view option, const std::string& path) {
    std::error_code error;
    const fs::directory_iterator entries(path, error);
    if (error) refuse(option, path, cannot_be_read(error.value()));
    if (std::none_of(begin(entries), end(entries), is_rehashed))
        refuse(option, path, "holds no certificate under the name of its hash; `openssl rehash` makes these names");
}

}  // namespace

void check_pem_files(const http_options& options) {
    if (!options.ca_file.empty()) require("ca_file", options.ca_file, certificate, "certificate");
    if (!options.ca_directory.empty()) require_rehashed("ca_directory", options.ca_directory);
    if (!options.client_certificate.empty()) {
        require("client_certificate", options.client_certificate, certificate, "certificate");
        if (options.client_key.empty()) require("client_certificate", options.client_certificate, private_key, "key");
    }
    if (!options.client_key.empty()) require("client_key", options.client_key, private_key, "key");
}

}  // namespace logferry::transport
