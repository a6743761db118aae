#include <unit/config/documents.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <config/description.hpp>
#include <config/settings_keys.hpp>
#include <config/written_value.hpp>

namespace logferry::config {

namespace {

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

struct kind_of {
    std::string operator()(bool*) const { return "true or false"; }
    std::string operator()(std::size_t*) const { return "number"; }
    std::string operator()(unsigned*) const { return "number"; }
    std::string operator()(std::int64_t*) const { return "number"; }
    std::string operator()(const byte_count&) const { return "size"; }
    std::string operator()(std::string*) const { return "text"; }
    std::string operator()(secret*) const { return "credential"; }
    std::string operator()(level*) const { return "level"; }
    std::string operator()(std::chrono::milliseconds*) const { return "duration"; }
    std::string operator()(std::chrono::seconds*) const { return "duration, whole seconds"; }
    std::string operator()(std::optional<std::chrono::milliseconds>*) const { return "duration"; }
    std::string operator()(std::vector<std::string>*) const { return "list of text"; }
    std::string operator()(by_level<std::string>*) const { return "text by level"; }
    std::string operator()(by_level<unsigned>*) const { return "number by level"; }
    std::string operator()(const choice& at) const {
        std::string words;
        for (const auto word : at.words) words += (words.empty() ? "" : ", ") + code(word);
        return words;
    }
    std::string operator()(const group&) const { return "object"; }
    std::string operator()(vendor_options*) const { return "a vendor's name"; }
    std::string operator()(std::optional<http_options>*) const { return "object, as `http`"; }
    std::string operator()(std::vector<destination>*) const { return "list of objects"; }
};

std::string usual(const option& o) {
    if (o.required) return "required";
    const auto value = written(o.at);
    return value && *value != "" ? code(value->is_string() ? value->get<std::string>() : value->dump()) : "";
}

std::string row(const option& o, const std::string& settings_key) {
    return "| " + code(o.key) + " | " + (settings_key.empty() ? "" : code(settings_key)) + " | " +
           std::visit(kind_of(), o.at) + " | " + usual(o) + " | " + std::string(o.meaning) + " |\n";
}

struct table {
    std::string name;
    std::string rows = "| key | in settings | value | default | |\n|---|---|---|---|---|\n";
};

std::string key_in_settings(const std::vector<settings_key>& known, const std::string& path) {
    for (const auto& k : known) {
        if (k.path == path) return k.key;
    }
    return {};
}

table table_of(const std::string& name, const option_list& members, const std::vector<settings_key>& known,
               const std::string& path) {
    table made{name};
    for (const auto& o : members) made.rows += row(o, key_in_settings(known, path + std::string(o.key)));
    return made;
}

std::vector<table> all_tables() {
    options opts;
    opts.destinations.resize(1);
    const auto known = settings_keys(opts);
    const auto top = describe(opts);
    std::vector<table> tables = {table_of("top", top, known, {})};
    for (const auto& o : top) {
        const std::string key(o.key);
        if (const auto* const inner = std::get_if<group>(&o.at)) {
            tables.push_back(table_of(key, inner->members, known, key + '.'));
        }
    }
    auto& to = opts.destinations.front();
    auto common = describe(to.options);
    common.insert(common.begin(), describe(to).front());
    tables.push_back(table_of("destination", common, known, "destinations[0]."));
    for (const auto& v : all_vendors()) {
        to.vendor = v.fresh;
        const auto own = settings_keys(opts);
        tables.push_back(table_of(std::string(v.name), describe(to.vendor), own, "destinations[0]."));
    }
    return tables;
}

}  // namespace

std::string with_tables(std::string page) {
    for (const auto& t : all_tables()) {
        const auto opening = "<!-- begin " + t.name + " -->\n";
        const auto begin = page.find(opening);
        const auto end = page.find("<!-- end " + t.name + " -->");
        if (begin == std::string::npos || end == std::string::npos || end < begin) {
            throw std::runtime_error("docs/configuration.md has no place for the table " + t.name);
        }
        const auto from = begin + opening.size();
        page.replace(from, end - from, "\n" + t.rows + "\n");
    }
    return page;
}

std::string contents_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error(path + " cannot be read");
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace logferry::config
