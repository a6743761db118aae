#include <shipper/absolute_paths.hpp>

#include <filesystem>
#include <string>
#include <system_error>

namespace logferry::shipping {

namespace {

void make_absolute(std::string& path) {
    if (path.empty()) return;
    std::error_code failed;
    auto absolute = std::filesystem::absolute(path, failed).string();
    // Where the program is can be unknown, or gone. Then the path stays, for whoever opens it to complain about.
    if (!failed) path = std::move(absolute);
}

void make_absolute(http_options& http) {
    make_absolute(http.ca_file);
    make_absolute(http.ca_directory);
    make_absolute(http.client_certificate);
    make_absolute(http.client_key);
}

}  // namespace

options with_absolute_paths(options given) {
    make_absolute(given.buffer.spool);
    make_absolute(given.dead_letters.file);
    make_absolute(given.http);
    for (auto& each : given.destinations) {
        if (each.options.http) make_absolute(*each.options.http);
    }
    return given;
}

}  // namespace logferry::shipping
