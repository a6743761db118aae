// Answers that no document foresees: web pages, nothing, 64 KiB, JSON without end, the credential said back. Whatever a
// vendor makes of them, what is told about them is short, printable and free of the credential.
#include <algorithm>

#include <text/utf8.hpp>
#include "encoding.hpp"

namespace logferry::test {
namespace {

// With what writers of JSON and of URLs escape, each in its own way.
constexpr const char* credential = "bot_k/e\"y\\|\u00e9-0123456789";
constexpr std::size_t longest_answer = std::size_t{64} * 1024;

std::vector<vendor_options> all_vendors() {
    logsentry event_v1{0, secret(credential)};
    event_v1.flavor = logsentry::api::event_v1;
    event_v1.app = "shop";
    return {logsfori{secret(credential)},      logsh{"shop", secret(credential)},
            logsentry{12, secret(credential)}, event_v1,
            profound{secret(credential)},      logwire{"https://logs.example.org", "42", secret(credential)}};
}

std::string quoted(bool ascii) { return json(credential).dump(-1, ' ', ascii); }

/// The credential as somebody may write it.
std::vector<std::string> echoes() {
    return {credential, quoted(false), quoted(true), "bot_k%2Fe%22y%5C%7C%C3%A9-0123456789",
            "bot_k%2fe%22y%5c%7c%c3%a9-0123456789"};
}

std::string nested(const std::string& open, const std::string& close, std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += "0";
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
}

std::vector<std::string> hostile_bodies() {
    std::vector<std::string> all = {
        "",
        " \r\n\t",
        "null",
        "[]",
        R"({"status":{"status":"ok"},"name":[],"message":{},"errors":{},"hash":{},"first_visit_id":[]})",
        "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>cloud</body></html>",
        std::string(longest_answer, 'x'),
        std::string(longest_answer, '\0'),
        std::string(longest_answer, '['),
        "<html>" + std::string(longest_answer - 6, ' '),
        R"({"status":"ok","hash":)" + nested("[", "]", 30'000) + "}",
        R"({"errors":)" + nested("[", "]", 30'000) + "}",
        nested(R"({"name":)", "}", 7'000),
        "\xFF\xFE\x80 \x1B[2J\x07 \xED\xA0\x80",
    };
    for (const auto& echo : echoes()) {
        all.push_back("refused: " + echo);
        all.push_back(std::string(190, 'x') + echo);  // at the edge of what is repeated
        const auto inner = echo.front() == '"' ? echo : json(echo).dump();
        all.push_back(R"({"status":)" + inner + R"(,"name":)" + inner + "}");
        all.push_back(R"({"status":"ok","hash":)" + inner + R"(,"first_visit_id":)" + inner + R"(,"errors":[)" + inner +
                      "]}");
    }
    return all;
}

void expect_harmless(const std::string& told, const std::string& body) {
    constexpr std::size_t short_enough = 1000;  // of Profound's complaints there are three
    EXPECT_LT(told.size(), short_enough);
    EXPECT_TRUE(text::valid_utf8(told));
    EXPECT_TRUE(std::none_of(told.begin(), told.end(), [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; }));
    EXPECT_EQ(told.find("0123456789"), std::string::npos) << told << " for " << body.substr(0, 300);
    EXPECT_EQ(told.find("bot_k"), std::string::npos) << told << " for " << body.substr(0, 300);
}

TEST(hostile_answer, is_judged_by_its_status_and_told_without_harm) {
    for (const auto& options : all_vendors()) {
        const auto vendor = open(options);
        for (const int status : {100, 302, 400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 503}) {
            const auto expected = vendor->judge(answer(status, "{}"), 3);
            for (const auto& body : hostile_bodies()) {
                const auto judged = vendor->judge(answer(status, body), 3);
                EXPECT_EQ(judged.what, expected.what) << vendor->name() << ' ' << status << ' ' << body.substr(0, 80);
                EXPECT_EQ(judged.why, expected.why) << vendor->name() << ' ' << status << ' ' << body.substr(0, 80);
                EXPECT_EQ(judged.receipt, "");
                expect_harmless(judged.detail, body);
            }
        }
    }
}

TEST(hostile_answer, with_a_status_of_success_is_told_without_harm) {
    for (const auto& options : all_vendors()) {
        const auto vendor = open(options);
        for (const auto& body : hostile_bodies()) {
            const auto judged = vendor->judge(answer(200, body), 3);
            EXPECT_NE(judged.what, verdict::rejected) << "a success never says that a record is bad for good";
            EXPECT_LE(judged.rejected_records, 3U);
            EXPECT_LE(judged.receipt.size(), 200U);
            expect_harmless(judged.receipt, body);
            expect_harmless(judged.detail, body);
        }
    }
}

TEST(hostile_answer, of_a_failure_is_told_without_harm) {
    for (const auto& options : all_vendors()) {
        for (const auto& body : hostile_bodies()) {
            expect_harmless(open(options)->judge(no_answer(http_failure::not_sent, body), 3).detail, body);
        }
    }
}

}  // namespace
}  // namespace logferry::test
