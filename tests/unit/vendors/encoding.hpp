// More verbs for tests of a vendor's encode and judge, for those that make a vendor for each record.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/vendor.hpp>
#include <support/vendor_fixture.hpp>

namespace logferry::test {

using json = nlohmann::json;
using verdict = outcome::verdict;
using pause = outcome::pause;

/// What is wrong with the options: `field: message` for each problem.
inline std::vector<std::string> problems_of(const vendor_options& options) {
    std::vector<std::string> lines;
    for (const auto& p : problems_with(options)) {
        lines.push_back(p.field.substr(std::string_view("destinations[0].").size()) + ": " + p.message);
    }
    return lines;
}

inline std::shared_ptr<vendor> open(const vendor_options& options, const service_options& service = {}) {
    std::vector<config_problem> problems;
    auto made = vendors::make_vendor(options, {service, false, ""}, problems);
    for (const auto& p : problems) ADD_FAILURE() << p.field << ": " << p.message;
    return made;
}

/// One record as the vendor would get it.
struct sent {
    encoded result;
    std::string text;
    json body;
};

inline sent send(vendor& to, record_builder& record, std::chrono::steady_clock::time_point now = {}) {
    sent out;
    out.result = to.encode(record.view(), now, out.text);
    if (out.result.what == encoded::result::ok) {
        out.body = json::parse(out.text, nullptr, false);
        EXPECT_TRUE(out.body.is_object()) << out.text.substr(0, 400);
    } else {
        EXPECT_EQ(out.text, "");
    }
    return out;
}

inline std::string header(const vendor& of, std::string_view name) {
    for (const auto& h : of.endpoint().headers) {
        if (h.name == name) return h.value;
    }
    return "(none)";
}

/// `k7` and the like.
inline std::string numbered(std::string_view name, int number) {
    return std::string(name).append(std::to_string(number));
}

inline std::vector<std::string> keys_of(const json& object) {
    std::vector<std::string> keys;
    for (const auto& item : object.items()) keys.push_back(item.key());
    return keys;
}

}  // namespace logferry::test
