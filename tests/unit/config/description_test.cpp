// The description knows every option, and each can be set by JSON and by settings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <config/description.hpp>
#include <config/findings.hpp>
#include <config/reader.hpp>
#include <config/settings.hpp>
#include <config/settings_keys.hpp>
#include <config/written_value.hpp>
#include <unit/config/reading.hpp>

namespace logferry::config {
namespace {

using json = nlohmann::json;
using testing::IsEmpty;

// How many members an aggregate has: as many as it takes initialisers of any type.
struct anything {
    template <class Member>
    operator Member() const;  // NOLINT: converted to whatever the member is
};

template <class Aggregate, std::size_t... Index>
constexpr bool takes(std::index_sequence<Index...>) {
    return requires { Aggregate{((void)Index, anything{})...}; };
}

template <class Aggregate, std::size_t Guess = 40>
constexpr std::size_t members_of() {
    if constexpr (takes<Aggregate>(std::make_index_sequence<Guess>{})) {
        return Guess;
    } else {
        return members_of<Aggregate, Guess - 1>();
    }
}

template <class Aggregate>
std::size_t described() {
    Aggregate one;
    return describe(one).size();
}

TEST(the_description, counts_members_rightly) {
    struct three {
        int number;
        std::array<std::string, level_count> table;
        std::optional<http_options> http;
    };
    EXPECT_EQ(members_of<three>(), 3U);
}

// One that is forgotten in the description could not be configured, and nobody would notice.
TEST(the_description, has_every_member) {
    EXPECT_EQ(described<service_options>(), members_of<service_options>());
    EXPECT_EQ(described<buffer_options>(), members_of<buffer_options>());
    EXPECT_EQ(described<delivery_options>(), members_of<delivery_options>());
    EXPECT_EQ(described<http_options>(), members_of<http_options>());
    EXPECT_EQ(described<dead_letter_options>(), members_of<dead_letter_options>());
    EXPECT_EQ(described<destination_options>(), members_of<destination_options>());
    EXPECT_EQ(described<logsfori>(), members_of<logsfori>());
    EXPECT_EQ(described<logsh>(), members_of<logsh>());
    EXPECT_EQ(described<logsentry>(), members_of<logsentry>());
    EXPECT_EQ(described<profound>(), members_of<profound>());
    EXPECT_EQ(described<logwire>(), members_of<logwire>());
    // Without the callback, which text cannot have, and the notices, which reading makes.
    EXPECT_EQ(described<options>(), members_of<options>() - 2);
    // The application's own vendor has no options.
    EXPECT_EQ(all_vendors().size(), std::variant_size_v<vendor_options> - 1);
    EXPECT_EQ(members_of<destination>(), 2U);
}

/// What is at a place, for one place to be told from another.
struct address {
    template <class Pointed>
    const void* operator()(Pointed* at) const {
        return at;
    }
    const void* operator()(const byte_count& size) const { return size.at; }
    const void* operator()(const choice&) const { return nullptr; }
    const void* operator()(const group&) const { return nullptr; }
    // Where the chosen vendor's first option is, too.
    const void* operator()(vendor_options*) const { return nullptr; }
};

std::vector<option_list> all_lists(options& opts, std::vector<destination>& of_each_vendor) {
    std::vector<option_list> lists = {describe(opts)};
    for (const auto& o : describe(opts)) {
        if (const auto* const inner = std::get_if<group>(&o.at)) lists.push_back(inner->members);
    }
    for (const auto& v : all_vendors()) of_each_vendor.push_back({v.fresh});
    for (auto& d : of_each_vendor) lists.push_back(describe(d));
    return lists;
}

TEST(the_description, says_no_key_and_no_place_twice) {
    options opts;
    std::vector<destination> of_each_vendor;
    std::set<const void*> places;
    for (const auto& list : all_lists(opts, of_each_vendor)) {
        std::set<std::string_view> keys;
        for (const auto& o : list) {
            EXPECT_TRUE(keys.insert(o.key).second) << o.key;
            const auto* const place = std::visit(address(), o.at);
            EXPECT_TRUE(place == nullptr || places.insert(place).second) << o.key;
            EXPECT_FALSE(o.meaning.empty()) << o.key;
            EXPECT_EQ(o.meaning.find_first_of("|\n"), std::string_view::npos) << o.key;
        }
    }
}

TEST(the_description, gives_settings_no_key_twice) {
    for (const auto& v : all_vendors()) {
        options opts;
        opts.destinations.push_back({v.fresh});
        std::set<std::string> keys;
        for (const auto& k : settings_keys(opts)) EXPECT_TRUE(keys.insert(k.key).second) << v.name << ' ' << k.key;
    }
}

/// A value that is not the default's: as JSON, and as settings have it.
struct other_value {
    struct result {
        json as_json;
        std::string as_text;
    };
    static result number(std::uint64_t n) { return {n, std::to_string(n)}; }

    result operator()(bool* at) const { return {!*at, *at ? "false" : "true"}; }
    result operator()(std::size_t* at) const { return number(*at + 3); }
    result operator()(unsigned* at) const { return number(*at + 3); }
    result operator()(std::int64_t* at) const { return number(static_cast<std::uint64_t>(*at + 3)); }
    result operator()(const byte_count& size) const { return number(*size.at + 3); }
    result operator()(std::string* at) const { return {*at + "x", *at + "x"}; }
    result operator()(secret*) const { return {"literal", "literal"}; }
    result operator()(level* at) const {
        const auto* const word = *at == level::err ? "critical" : "error";
        return {word, word};
    }
    result operator()(std::chrono::milliseconds* at) const { return text(std::to_string(at->count() + 1) + "ms"); }
    result operator()(std::chrono::seconds* at) const { return text(std::to_string(at->count() + 1) + "s"); }
    result operator()(std::optional<std::chrono::milliseconds>*) const { return text("7ms"); }
    result operator()(std::vector<std::string>*) const { return {{"one", "two"}, "one, two"}; }
    result operator()(by_level<std::string>*) const { return {{{"warn", "other"}}, R"({"warn": "other"})"}; }
    result operator()(by_level<unsigned>*) const { return {{{"warn", 77}}, R"({"warn": 77})"}; }
    result operator()(const choice& at) const { return text(std::string(at.words[at.chosen() == 0 ? 1 : 0])); }
    result operator()(const group&) const { return {}; }
    result operator()(vendor_options*) const { return {}; }
    result operator()(std::optional<http_options>*) const { return {}; }
    result operator()(std::vector<destination>*) const { return {}; }

private:
    static result text(const std::string& t) { return {t, t}; }
};

/// Every value that can be written, and the credentials too, by path.
std::vector<std::pair<std::string, std::string>> everything_in(options& opts) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& k : settings_keys(opts)) {
        const auto value = written(k.what.at);
        std::string shown = value ? value->dump() : "nothing";
        if (auto* const* const hidden = std::get_if<secret*>(&k.what.at)) shown = std::string((*hidden)->reveal());
        all.emplace_back(k.path, shown);
    }
    return all;
}

void put(json& tree, const std::string& path, const json& value) {
    const auto dot = path.find('.');
    const auto outer = path.substr(0, dot);
    if (dot == std::string::npos) {
        tree[path] = value;
    } else if (outer == "destinations[0]") {
        tree["destinations"][0][path.substr(dot + 1)] = value;
    } else {
        tree[outer][path.substr(dot + 1)] = value;
    }
}

options fresh(const known_vendor& v) {
    options opts;
    opts.destinations.push_back({v.fresh});
    return opts;
}

// One option at a time: it changes, and nothing else does.
void set_each(const known_vendor& v, bool by_settings) {
    auto usual = fresh(v);
    const auto before = everything_in(usual);
    const auto known = settings_keys(usual);
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto other = std::visit(other_value(), known[i].what.at);
        if (other.as_json.is_null()) continue;
        findings found;
        json tree = {{"destinations", json::array({{{"vendor", v.name}}})}};
        put(tree, known[i].path, other.as_json);
        if (by_settings) {
            const settings_section section({{"Vendor", std::string(v.name)}, {known[i].key, other.as_text}}, found);
            EXPECT_EQ(section.tree(), tree) << known[i].key;
            tree = section.tree();
        }
        auto read_in = read(tree, "test", found);
        auto after = everything_in(read_in);
        EXPECT_NE(after[i].second, before[i].second) << known[i].path;
        after[i] = before[i];
        EXPECT_EQ(after, before) << known[i].path;
        for (const auto& p : found.problems) EXPECT_THAT(p.message, testing::StartsWith("is missing")) << p.field;
    }
}

TEST(every_option, can_be_set_by_json) {
    for (const auto& v : all_vendors()) set_each(v, false);
}

TEST(every_option, can_be_set_by_settings) {
    for (const auto& v : all_vendors()) set_each(v, true);
}

TEST(every_option, has_a_default_that_can_be_read_again) {
    for (const auto& v : all_vendors()) {
        auto usual = fresh(v);
        json tree = {{"destinations", json::array({{{"vendor", v.name}}})}};
        for (const auto& k : settings_keys(usual)) {
            if (const auto value = written(k.what.at)) put(tree, k.path, *value);
        }
        findings found;
        auto read_in = read(tree, "test", found);
        EXPECT_EQ(everything_in(read_in), everything_in(usual));
    }
}

}  // namespace
}  // namespace logferry::config
