// Verbs for stories about one vendor's function: what is sent, and what comes of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "vendor_apis.hpp"

namespace logferry::emulation {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class vendor_test : public ::testing::Test {
protected:
    vendor_test(reply (*answer)(const request&, const rules&), std::string path) : answer_(answer) {
        incoming_.path = std::move(path);
        set_header("Content-Type", "application/json");
    }

    void set_header(const std::string& name, const std::string& value) {
        drop_header(name);
        incoming_.headers.emplace_back(name, value);
    }
    void drop_header(const std::string& name) {
        std::erase_if(incoming_.headers, [&](const auto& header) { return header.first == name; });
    }

    reply send(const std::string& body) {
        incoming_.body = body;
        return answer_(incoming_, rules_);
    }
    reply send(const json& body) { return send(body.dump()); }

    void expect_accepted(const json& body) {
        const auto got = send(body);
        EXPECT_EQ(got.accepted, 1U) << got.body << " for " << body.dump();
        EXPECT_THAT(got.problem, IsEmpty());
    }

    /// Refused as a whole, with a reason that names the cause.
    void expect_refused(const std::string& body, int status, const std::string& reason) {
        const auto got = send(body);
        EXPECT_EQ(got.status, status) << body;
        EXPECT_EQ(got.accepted, 0U) << body;
        EXPECT_THAT(got.problem, HasSubstr(reason)) << body;
    }
    void expect_refused(const json& body, int status, const std::string& reason) {
        expect_refused(body.dump(), status, reason);
    }

    request incoming_;
    rules rules_{.token = "the-token"};

private:
    reply (*answer_)(const request&, const rules&);
};

/// `count` times U+1F600, which JavaScript counts as two each.
inline std::string grins(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "\U0001F600";
    return text;
}

/// `base` with one field replaced or added.
inline json with(json base, const std::string& field, json value) {
    base[field] = std::move(value);
    return base;
}

/// `base` with one field taken out.
inline json without(json base, const std::string& field) {
    base.erase(field);
    return base;
}

}  // namespace logferry::emulation
