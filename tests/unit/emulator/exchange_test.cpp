#include "exchange.hpp"

#include <gtest/gtest.h>

#include "unicode.hpp"

namespace logferry::emulation {
namespace {

request of_type(const std::string& type) { return {.path = "/", .headers = {{"content-type", type}}, .body = ""}; }

TEST(exchange, knows_json_by_its_media_type) {
    for (const auto* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                             "application/json;charset=UTF-8"}) {
        EXPECT_TRUE(declares_json(of_type(type))) << type;
    }
    for (const auto* type : {"", "text/json", "application/jsonp", "application/json; charset=latin1",
                             "application/x-www-form-urlencoded"}) {
        EXPECT_FALSE(declares_json(of_type(type))) << type;
    }
    EXPECT_FALSE(declares_json({}));
}

TEST(exchange, takes_the_bearer_token_as_it_is) {
    const auto carrying = [](const std::string& value) { return request{"/", {{"AUTHORIZATION", value}}, ""}; };
    EXPECT_TRUE(has_bearer(carrying("Bearer 7|x"), "7|x"));
    for (const auto* value : {"bearer 7|x", "Bearer  7|x", "Bearer 7|xy", "Bearer ", "7|x"}) {
        EXPECT_FALSE(has_bearer(carrying(value), "7|x")) << value;
    }
    EXPECT_FALSE(has_bearer({}, "7|x"));
}

TEST(exchange, counts_as_javascript_counts) {
    EXPECT_EQ(utf16_units(""), 0U);
    EXPECT_EQ(utf16_units("aé€"), 3U);
    EXPECT_EQ(utf16_units("😀"), 2U);
}

TEST(exchange, trims_as_javascript_trims) {
    EXPECT_EQ(js_trim("\u3000\uFEFF a b\u00A0\u2029"), "a b");
    EXPECT_EQ(js_trim("\u200B"), "\u200B");
    EXPECT_EQ(js_trim(" \t\r\n\v\f"), "");
    EXPECT_EQ(js_trim(""), "");
}

TEST(exchange, tells_bodies_apart_by_fingerprint) {
    EXPECT_EQ(fingerprint("a"), fingerprint("a"));
    EXPECT_NE(fingerprint("a"), fingerprint("b"));
    EXPECT_EQ(fingerprint("").size(), 16U);
}

}  // namespace
}  // namespace logferry::emulation
