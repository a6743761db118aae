#include <config/reader.hpp>

#include <algorithm>
#include <span>

#include <config/description.hpp>
#include <config/document.hpp>
#include <config/suggestion.hpp>
#include <config/unknown_key.hpp>
#include <config/value.hpp>

namespace logferry::config {

namespace {

using json = nlohmann::json;

word_list vendor_names() {
    word_list names;
    for (const auto& v : all_vendors()) names.push_back(v.name);
    return names;
}

class reader {
public:
    reader(options& result, findings& found) : result_(result), found_(found) {}

    /// The options of one object.
    void read_members(const json& from, std::span<const option> known, const std::string& path) {
        for (const auto& o : known) {
            const auto value = from.find(o.key);
            if (value != from.end()) {
                read_value(*value, o, path_of(path, o.key));
            } else if (o.required) {
                found_.complain(path_of(path, o.key), missing(o));
            }
        }
    }

    void refuse_unknown(const json& from, const option_list& known, const std::string& path) {
        for (const auto& [key, value] : from.items()) {
            if (found_.full()) return;
            if (!find(known, key)) found_.complain(path_of(path, key), about_unknown_key(key, known));
        }
    }

private:
    static std::string missing(const option& o) {
        if (std::holds_alternative<secret*>(o.at)) return "is missing; give \"env:NAME\" or \"file:PATH\"";
        if (std::holds_alternative<vendor_options*>(o.at)) return "is missing; choose " + alternatives(vendor_names());
        if (o.key == "destinations") return "is missing; give a list with one destination or more";
        return "is missing; it is required, give it";
    }

    void read_value(const json& from, const option& o, const std::string& path) {
        std::visit([&](const auto& at) { read_into(at, from, path); }, o.at);
    }

    template <class Place>
    void read_into(const Place& at, const json& from, const std::string& path) {
        value_reader(from, path, found_)(at);
    }
    void read_into(const group& at, const json& from, const std::string& path) { read_object(from, at.members, path); }
    void read_into(std::optional<http_options>* at, const json& from, const std::string& path) {
        auto& own = at->emplace(result_.http);
        // What belongs to the common proxy or certificate is nothing for another one.
        const auto gives = [&from](const char* key) { return from.is_object() && from.contains(key); };
        if (gives("proxy") || gives("proxy_from_environment")) {
            own.proxy.clear();
            own.proxy_credential = {};
            own.proxy_from_environment = false;
        }
        if (gives("client_certificate")) {
            own.client_key.clear();
            own.client_key_password = {};
        }
        read_object(from, describe(own), path);
    }
    void read_into(vendor_options* at, const json& from, const std::string& path) {
        if (!from.is_string()) return found_.complain(path, wrong_shape(from, "a vendor's name as text"));
        const auto& name = from.get_ref<const std::string&>();
        const auto& all = all_vendors();
        const auto found = std::find_if(all.begin(), all.end(), [&name](const auto& v) { return v.name == name; });
        if (found != all.end()) {
            *at = found->fresh;
            return;
        }
        found_.complain(path, "is not a vendor that is known; " + choose_among(vendor_names(), name));
    }
    void read_into(std::vector<destination>* at, const json& from, const std::string& path) {
        if (!from.is_array()) return found_.complain(path, wrong_shape(from, "a list of objects, [{...}]"));
        if (from.empty()) return found_.complain(path, "is empty; give at least one destination");
        // Also one that cannot be used has a place, so that the others keep their numbers.
        at->resize(from.size());
        for (std::size_t i = 0; i < from.size() && !found_.full(); ++i) {
            read_destination(from[i], (*at)[i], path_of(path, i));
        }
    }

    void read_object(const json& from, const option_list& known, const std::string& path) {
        if (!from.is_object()) return found_.complain(path, wrong_shape(from, "an object, {...}"));
        read_members(from, known, path);
        refuse_unknown(from, known, path);
    }

    void read_destination(const json& from, destination& into, const std::string& path) {
        if (!from.is_object()) return found_.complain(path, wrong_shape(from, "an object, {\"vendor\": ...}"));
        const auto before = found_.problems.size();
        const option_list vendor_alone = {describe(into).front()};
        read_members(from, vendor_alone, path);
        if (found_.problems.size() > before) {
            found_.unusable.push_back(path);
            return read_common(from, into, path);
        }
        // What is known now depends on the vendor.
        const auto known = describe(into);
        read_members(from, std::span(known).subspan<1>(), path);
        refuse_unknown(from, known, path);
    }

    /// Of a destination whose vendor is not known, which could be any.
    void read_common(const json& from, destination& into, const std::string& path) {
        const auto common = describe(into.options);
        read_members(from, common, path);
        for (const auto& [key, value] : from.items()) {
            if (found_.full()) return;
            if (is_known_somewhere(key)) continue;
            found_.complain(path_of(path, key), about_unknown_key(key, common));
        }
    }

    options& result_;
    findings& found_;
};

}  // namespace

options read(const json& root, const std::string& name, findings& found) {
    options result;
    if (!root.is_object()) {
        found.complain(name, wrong_shape(root, "an object, {\"destinations\": [...]}"));
        return result;
    }
    auto known = describe(result);
    std::string schema;
    known.push_back({"$schema", &schema, "By which editors find the schema."});
    reader reads(result, found);
    reads.read_members(root, known, {});
    reads.refuse_unknown(root, known, {});
    return result;
}

}  // namespace logferry::config
