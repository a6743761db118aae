// The description as a JSON Schema, draft 2020-12.
#include <limits>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <config/description.hpp>
#include <config/quantity.hpp>
#include <config/written_value.hpp>
#include <logferry/config.hpp>

namespace logferry::config {

namespace {

using nlohmann::ordered_json;

ordered_json reference(std::string_view definition) { return {{"$ref", "#/$defs/" + std::string(definition)}}; }

ordered_json text_like(std::string_view pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

ordered_json number_up_to(std::uint64_t most) { return {{"type", "integer"}, {"minimum", 0}, {"maximum", most}}; }

/// `^([Ww][Aa][Rr][Nn]|...)$`: a schema knows no other way to ignore case.
std::string pattern_of_levels(bool with_off) {
    std::string pattern;
    for (const std::string_view word :
         {"trace", "debug", "info", "information", "informational", "notice", "warn", "warning", "err", "error", "crit",
          "critical", "fatal", "alert", "emerg", "emergency", "off"}) {
        if (word == "off" && !with_off) continue;
        pattern += pattern.empty() ? "^(" : "|";
        for (const char c : word) pattern += {'[', static_cast<char>(c - 'a' + 'A'), c, ']'};
    }
    return pattern + ")$";
}

ordered_json level_names(std::size_t count) {
    auto names = ordered_json::array();
    for (std::size_t i = 0; i < count; ++i) names.push_back(to_string(static_cast<level>(i)));
    return names;
}

/// The names that are usual come first, for an editor to offer.
ordered_json any_level() {
    return {{"anyOf", {{{"enum", level_names(level_count + 1)}}, text_like(pattern_of_levels(true))}}};
}

ordered_json table_by_level(const ordered_json& of_value) {
    auto usual = ordered_json::object();
    for (const auto& name : level_names(level_count)) usual[name.get<std::string>()] = of_value;
    return {{"type", "object"},
            {"properties", std::move(usual)},
            {"patternProperties", {{pattern_of_levels(false), of_value}}},
            {"additionalProperties", false}};
}

ordered_json object_of(const option_list& members);

/// What an option's value may be.
struct value_schema {
    ordered_json operator()(bool*) const { return {{"type", "boolean"}}; }
    ordered_json operator()(std::size_t*) const { return number_up_to(largest_number); }
    ordered_json operator()(std::int64_t*) const { return number_up_to(largest_number); }
    ordered_json operator()(unsigned*) const { return number_up_to(std::numeric_limits<unsigned>::max()); }
    ordered_json operator()(const byte_count&) const { return reference("size"); }
    ordered_json operator()(std::string*) const { return {{"type", "string"}}; }
    ordered_json operator()(secret*) const { return reference("secret"); }
    ordered_json operator()(level*) const { return reference("level"); }
    ordered_json operator()(std::chrono::milliseconds*) const { return reference("duration"); }
    ordered_json operator()(std::chrono::seconds*) const { return reference("whole_seconds"); }
    ordered_json operator()(std::optional<std::chrono::milliseconds>*) const { return reference("duration"); }
    ordered_json operator()(std::vector<std::string>*) const {
        return {{"type", "array"}, {"items", {{"type", "string"}}}};
    }
    ordered_json operator()(by_level<std::string>*) const { return reference("text_by_level"); }
    ordered_json operator()(by_level<unsigned>*) const { return reference("number_by_level"); }
    ordered_json operator()(const choice& at) const { return {{"enum", at.words}}; }
    ordered_json operator()(const group& at) const { return object_of(at.members); }
    ordered_json operator()(vendor_options*) const {
        auto names = ordered_json::array();
        for (const auto& v : all_vendors()) names.push_back(v.name);
        return {{"enum", std::move(names)}};
    }
    ordered_json operator()(std::optional<http_options>*) const { return reference("http"); }
    ordered_json operator()(std::vector<destination>*) const {
        return {{"type", "array"}, {"minItems", 1}, {"items", reference("destination")}};
    }
};

ordered_json schema_of(const option& o) {
    auto described = std::visit(value_schema(), o.at);
    described["description"] = o.meaning;
    auto usual = o.required ? std::nullopt : written(o.at);
    if (usual) described["default"] = std::move(*usual);
    return described;
}

ordered_json object_of(const option_list& members) {
    ordered_json described = {{"type", "object"}, {"properties", ordered_json::object()}};
    auto required = ordered_json::array();
    for (const auto& o : members) {
        described["properties"][std::string(o.key)] = schema_of(o);
        if (o.required) required.push_back(o.key);
    }
    if (!required.empty()) described["required"] = std::move(required);
    described["additionalProperties"] = false;
    return described;
}

ordered_json definition_of(const known_vendor& known) {
    destination to;
    to.vendor = known.fresh;
    auto described = object_of(describe(to));
    described["properties"]["vendor"] = {{"const", known.name}};
    ordered_json titled = {{"title", "A destination of vendor " + std::string(known.title)}};
    titled.update(described);
    return titled;
}

/// The vendor decides what else there is. Said step by step, so that an editor's complaint is about that vendor only.
ordered_json any_destination() {
    destination to;
    ordered_json described = {{"type", "object"}, {"required", {"vendor"}}};
    described["properties"]["vendor"] = schema_of(describe(to).front());
    for (const auto& v : all_vendors()) {
        ordered_json chosen = {{"required", {"vendor"}}, {"properties", {{"vendor", {{"const", v.name}}}}}};
        described["allOf"].push_back({{"if", std::move(chosen)}, {"then", reference(v.name)}});
    }
    return described;
}

ordered_json with_description(ordered_json described, std::string_view description) {
    described["description"] = description;
    return described;
}

ordered_json definitions() {
    ordered_json all;
    all["duration"] =
        with_description(text_like(duration_pattern),
                         "A whole number with ms, s, min, h or d behind it, such as 250ms, 5s or 7d; at most 3650d.");
    all["whole_seconds"] = with_description(text_like(whole_seconds_pattern),
                                            "A duration that counts whole seconds, such as 15s or 2min.");
    all["size"] = with_description({{"anyOf", {number_up_to(largest_number), text_like(size_pattern)}}},
                                   "A number of bytes, or text such as 64KiB, 16MiB or 1GiB.");
    all["secret"] = with_description(
        {{"type", "string"}, {"minLength", 1}, {"pattern", "^(env:[A-Za-z0-9_]{1,255}$|file:.|(?!env:|file:))"}},
        "env:NAME reads an environment variable, file:PATH a file. Any other text is the credential itself.");
    all["level"] = with_description(any_level(), "A level's name; upper and lower case make no difference.");
    all["text_by_level"] =
        with_description(table_by_level({{"type", "string"}}), "Text for some levels; the others keep their defaults.");
    all["number_by_level"] = with_description(table_by_level(number_up_to(std::numeric_limits<unsigned>::max())),
                                              "A number for some levels; the others keep their defaults.");
    http_options http;
    auto own_http = object_of(describe(http));
    // What is left out is as in the document's own `http`.
    for (auto& [key, value] : own_http["properties"].items()) value.erase("default");
    all["http"] = std::move(own_http);
    all["destination"] = any_destination();
    for (const auto& v : all_vendors()) all[std::string(v.name)] = definition_of(v);
    return all;
}

}  // namespace

std::string schema() {
    options opts;
    auto whole = object_of(describe(opts));
    ordered_json described = {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "Configuration of logferry"},
        {"description", "What logferry::config::from_json takes; docs/configuration.md says more."}};
    described.update(whole);
    described["properties"]["$schema"] = {{"type", "string"}, {"description", "By which editors find this schema."}};
    described["$defs"] = definitions();
    return described.dump(2) + '\n';
}

}  // namespace logferry::config
