#include <logferry/config.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include <config/description.hpp>
#include <config/document.hpp>
#include <config/findings.hpp>
#include <config/meaning.hpp>
#include <config/reader.hpp>
#include <config/settings.hpp>
#include <config/settings_keys.hpp>

namespace logferry::config {

namespace {

[[noreturn]] void refuse(std::string field, std::string message) {
    throw config_error(std::vector<config_problem>{{std::move(field), std::move(message)}});
}

/// `name` stands for the whole text in problems.
options read_text(std::string_view text, const std::string& name) {
    auto read_in = parse(text, name);
    findings found;
    for (auto& p : read_in.problems) found.complain(std::move(p.field), std::move(p.message));
    options result;
    if (!read_in.root.is_discarded()) result = read(read_in.root, name, found);
    if (read_in.root.is_object()) add_problems_of(result, found);
    if (!found.problems.empty()) throw config_error(std::move(found.problems));
    result.notices = std::move(found.notices);
    return result;
}

/// Nobody's file is named so, and JSON is.
bool may_be_path(std::string_view text) {
    constexpr std::string_view suspicious("{\"\n\r\t\0", 6);
    return text.size() < 4096 && text.find_first_of(suspicious) == text.npos;
}

/// One byte more than is allowed, so that it is seen. Throws `std::system_error`.
std::string contents_of(const std::string& path) {
    const auto failed = [] { return std::system_error(errno, std::generic_category()); };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (!file) throw failed();
    std::string text;
    std::array<char, 16 * 1024> piece;
    while (text.size() <= longest_document) {
        const auto got = std::fread(piece.data(), 1, piece.size(), file.get());
        text.append(piece.data(), got);
        if (got == piece.size()) continue;
        if (std::ferror(file.get()) != 0) throw failed();
        break;
    }
    return text;
}

}  // namespace

options from_json(std::string_view text) { return read_text(text, "configuration"); }

options from_file(const std::string& path) {
    // Whoever mistakes the one function for the other has credentials in here.
    if (!may_be_path(path)) refuse("configuration", "is not a file's path; from_json takes the text itself");
    const std::string name = path.empty() ? "configuration" : path;
    std::string text;
    try {
        text = contents_of(path);
    } catch (const std::system_error& failed) {
        refuse(name, "cannot be read: " + failed.code().message() + "; give the path of a file with JSON");
    }
    return read_text(text, name);
}

options from_env(const std::string& variable) {
    const char* const value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0') {
        refuse(variable.empty() ? "configuration" : variable,
               "is not set; set this environment variable to JSON, or to the path of a file with it");
    }
    const std::string_view text = value;
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin != std::string_view::npos && text[begin] == '{') return read_text(text, variable);
    const auto end = text.find_last_not_of(" \t\r\n");
    const std::string path(begin == text.npos ? "" : text.substr(begin, end + 1 - begin));
    std::string contents;
    try {
        contents = contents_of(path);
    } catch (const std::system_error& failed) {
        // Not showing it: it may be JSON with a credential, in quotes too many.
        refuse(variable, "is not JSON that begins with {, and as a file's path it cannot be read: " +
                             failed.code().message() + "; give one or the other");
    }
    return read_text(contents, path);
}

std::string settings_key_of(const std::string& path) {
    // Settings have one destination, which has no `http` of its own.
    constexpr std::string_view destination = "destinations[0].";
    const bool is_http = path.starts_with(std::string(destination) + "http.");
    const auto common = is_http ? path.substr(destination.size()) : path;
    for (const auto& vendor : all_vendors()) {
        options shape;
        shape.destinations.push_back({vendor.fresh});
        if (auto key = find_key(settings_keys(shape), common)) return *key;
    }
    return path;
}

options from_settings(const std::vector<setting>& settings) {
    findings found;
    const settings_section section(settings, found);
    findings in_tree;
    auto result = read(section.tree(), "settings", in_tree);
    add_problems_of(result, in_tree);
    for (auto& p : in_tree.problems) found.complain(section.key_of(p.field), section.by_keys(p.message));
    if (!found.problems.empty()) throw config_error(std::move(found.problems));
    for (auto& n : in_tree.notices) result.notices.push_back({section.key_of(n.field), std::move(n.message)});
    return result;
}

}  // namespace logferry::config
