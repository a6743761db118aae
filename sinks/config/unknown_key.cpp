#include <algorithm>
#include <vector>

#include <config/suggestion.hpp>
#include <config/unknown_key.hpp>

namespace logferry::config {

namespace {

/// Of a place in the document: its name in a sentence, and the keys that it knows.
struct known_place {
    std::string name;
    word_list keys;
};

word_list keys_of(const option_list& all) {
    word_list keys;
    for (const auto& o : all) keys.push_back(o.key);
    return keys;
}

std::vector<known_place> make_places() {
    options opts;
    destination_options common;
    const auto top = describe(opts);
    std::vector<known_place> places = {{"the top level", keys_of(top)}};
    for (const auto& o : top) {
        if (const auto* const inner = std::get_if<group>(&o.at)) {
            places.push_back({std::string(o.key), keys_of(inner->members)});
        }
    }
    auto of_all = keys_of(describe(common));
    of_all.push_back("vendor");
    places.push_back({"an entry of destinations", std::move(of_all)});
    for (auto known : all_vendors()) {
        places.push_back({"a destination of vendor " + std::string(known.name), keys_of(describe(known.fresh))});
    }
    return places;
}

word_list places_of(std::string_view key) {
    static const auto places = make_places();
    word_list names;
    for (const auto& p : places) {
        if (std::find(p.keys.begin(), p.keys.end(), key) != p.keys.end()) names.push_back(p.name);
    }
    return names;
}

}  // namespace

std::string about_unknown_key(std::string_view key, const option_list& known_here) {
    if (const auto elsewhere = places_of(key); !elsewhere.empty()) {
        return "is not known here; it belongs into " + alternatives(elsewhere);
    }
    const auto known = keys_of(known_here);
    if (const auto meant = nearest(key, known)) return "is not known; did you mean " + std::string(*meant) + "?";
    return "is not known; choose among " + alternatives(known);
}

bool is_known_somewhere(std::string_view key) { return !places_of(key).empty(); }

}  // namespace logferry::config
