#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <variant>

#include <config/description.hpp>
#include <config/meaning.hpp>

namespace logferry::config {

namespace {

constexpr std::string_view destinations = "destinations[";

bool is_within(std::string_view path, std::string_view outer) {
    if (!path.starts_with(outer)) return false;
    return path.size() == outer.size() || path[outer.size()] == '.' || path[outer.size()] == '[';
}

bool is_table_by_level(const option& o) {
    return std::holds_alternative<by_level<std::string>*>(o.at) || std::holds_alternative<by_level<unsigned>*>(o.at);
}

/// The number that `text` begins with; as large as can be when there is none.
std::size_t index_in(std::string_view text) {
    auto index = std::string_view::npos;
    std::from_chars(text.data(), text.data() + text.size(), index);
    return index;
}

/// `destinations[0].icons.warn` for `destinations[0].icons[3]`; everything else as it is.
std::string as_in_document(const std::string& path, options& opts) {
    if (!path.starts_with(destinations)) return path;
    const auto which = index_in(std::string_view(path).substr(destinations.size()));
    const auto dot = path.find('.');
    const auto bracket = path.find('[', std::min(dot, path.size()));
    if (which >= opts.destinations.size() || bracket == std::string::npos) return path;
    const auto known = describe(opts.destinations[which]);
    const auto* const table = find(known, std::string_view(path).substr(dot + 1, bracket - dot - 1));
    const auto lvl = index_in(std::string_view(path).substr(bracket + 1));
    if (table == nullptr || !is_table_by_level(*table) || lvl >= level_count) return path;
    return path.substr(0, bracket) + '.' + std::string(to_string(static_cast<level>(lvl)));
}

/// What the destination's own `http` has only because the document's has it.
bool is_inherited(const config_problem& p, const std::vector<config_problem>& all) {
    const auto http = p.field.find("].http.");
    if (!p.field.starts_with(destinations) || http == std::string::npos) return false;
    const auto common = p.field.substr(http + 2);
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& other) { return other.field == common && other.message == p.message; });
}

bool is_known(const std::string& path, const findings& found) {
    const auto covers = [&path](const std::string& outer) { return is_within(path, outer); };
    return std::any_of(found.unusable.begin(), found.unusable.end(), covers) ||
           std::any_of(found.problems.begin(), found.problems.end(), [&](const auto& p) { return covers(p.field); });
}

}  // namespace

void add_problems_of(options& opts, findings& found) {
    const auto meant = problems_of(opts);
    std::vector<config_problem> more;
    for (const auto& p : meant) {
        auto path = as_in_document(p.field, opts);
        if (!is_known(path, found) && !is_inherited(p, meant)) more.push_back({std::move(path), p.message});
    }
    for (auto& p : more) found.complain(std::move(p.field), std::move(p.message));
}

}  // namespace logferry::config
