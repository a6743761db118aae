// What is said of the mistakes that people make.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <unit/config/reading.hpp>

namespace logferry::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

struct mistake {
    std::string document;
    lines said;
};

void check(const std::vector<mistake>& mistakes) {
    for (const auto& m : mistakes) EXPECT_EQ(problems_in_json(m.document), m.said) << m.document;
}

TEST(a_mistake, in_a_key) {
    check({
        {with(R"("sevice": {})"), {"sevice: is not known; did you mean service?"}},
        {with(R"("buffer": {"spol": "/x"})"), {"buffer.spol: is not known; did you mean spool?"}},
        {with(R"("buffer": {"when-full": "shed"})"), {"buffer.when-full: is not known; did you mean when_full?"}},
        {with(R"("closeBudget": "5s")"), {"closeBudget: is not known; did you mean close_budget?"}},
        {with(R"("spool": "/x")"), {"spool: is not known here; it belongs into buffer"}},
        {with(R"("min_level": "info")"), {"min_level: is not known here; it belongs into an entry of destinations"}},
        {with(R"("workspace": "shop")"),
         {"workspace: is not known here; it belongs into a destination of vendor logsh"}},
        {logsh_with(R"("receipts": true)"),
         {"destinations[0].receipts: is not known here; it belongs into the top level"}},
        {with(R"("service": {"colour": "red"})"),
         {"service.colour: is not known; choose among name, version or environment"}},
        {with(R"("receipts": true, "receipts": true)"), {"receipts: is given more than once; keep one"}},
        {with(R"("service": {"": "x"})"), {"service.\"\": is not known; choose among name, version or environment"}},
    });
}

TEST(a_mistake, in_a_destination) {
    check({
        {"{}", {"destinations: is missing; give a list with one destination or more"}},
        {R"({"destinations": []})", {"destinations: is empty; give at least one destination"}},
        {R"({"destinations": {"vendor": "logsh"}})", {"destinations: is an object; give a list of objects, [{...}]"}},
        {R"({"destinations": [{"token": "x"}]})",
         {"destinations[0].vendor: is missing; choose logsfori, logsh, logsentry, profound or logwire"}},
        {R"({"destinations": [{"vendor": "logsch", "workspace": "shop"}]})",
         {"destinations[0].vendor: is not a vendor that is known; choose logsfori, logsh, logsentry, profound or "
          "logwire "
          "(did you mean logsh?)"}},
        {R"({"destinations": [{"vendor": "logsh", "api_key": "env:LOGFERRY_TEST_TOKEN"}]})",
         {"destinations[0].workspace: is missing; it is required, give it"}},
        {R"({"destinations": [{"vendor": "logsfori"}]})",
         {R"(destinations[0].token: is missing; give "env:NAME" or "file:PATH")"}},
    });
}

TEST(a_mistake, in_a_credential) {
    check({
        {R"({"destinations": [{"vendor": "logsfori", "token": "env:LOGFERRY_TEST_UNSET"}]})",
         {"destinations[0].token: is missing: environment variable LOGFERRY_TEST_UNSET is not set; set it, or name "
          "another"}},
        {R"({"destinations": [{"vendor": "logsfori", "token": "file:/no/such/file"}]})",
         {"destinations[0].token: is missing: file /no/such/file cannot be read; set it, or name another"}},
        {R"({"destinations": [{"vendor": "logsfori", "token": "env:"}]})",
         {"destinations[0].token: names no variable; write the name, of letters, digits and _, behind env:"}},
        {R"({"destinations": [{"vendor": "logsfori", "token": "file:"}]})",
         {"destinations[0].token: names no file; write its path behind file:"}},
        {R"({"destinations": [{"vendor": "logsfori", "token": ""}]})",
         {R"(destinations[0].token: is empty; give "env:NAME" or "file:PATH")"}},
        {R"({"destinations": [{"vendor": "logsfori", "token": ["x"]}]})",
         {R"(destinations[0].token: is a list; give "env:NAME" or "file:PATH")"}},
    });
}

TEST(a_mistake, in_a_duration_or_a_size) {
    check({
        {with(R"("close_budget": 5)"), {R"(close_budget: is a number; give text with a unit, such as "5s")"}},
        {with(R"("close_budget": "5")"), {"close_budget: has no unit; write ms, s, min, h or d behind the number"}},
        {with(R"("close_budget": "5m")"),
         {"close_budget: has a unit that is not known; write ms, s, min, h or d behind the number"}},
        {with(R"("close_budget": "1.5s")"), {"close_budget: is not a whole number; use a smaller unit"}},
        {with(R"("close_budget": "5 s")"), {"close_budget: has a blank before its unit; remove it"}},
        {with(R"("close_budget": "-5s")"), {"close_budget: is negative; give a whole number with a unit, such as 5s"}},
        {with(R"("close_budget": "3651d")"), {"close_budget: is longer than 3650d; choose less"}},
        {with(R"("http": {"connection_idle": "500ms"})"),
         {"http.connection_idle: counts whole seconds; write s, min, h or d behind the number"}},
        {with(R"("buffer": {"size": "64MB"})"),
         {"buffer.size: has a unit that is not known; write KiB, MiB or GiB (1024 bytes, 1024 KiB, 1024 MiB) behind "
          "the "
          "number, or bytes as a number"}},
        {with(R"("buffer": {"size": -1})"), {"buffer.size: is negative; choose 0 or more"}},
        {with(R"("buffer": {"size": 1e300})"), {"buffer.size: is too large; choose at most 9007199254740991"}},
        {with(R"("buffer": {"size": 1.5})"), {"buffer.size: is not a whole number; round it"}},
        {with(R"("buffer": {"size": "9999999999GiB"})"), {"buffer.size: is more than any machine has; choose less"}},
    });
}

TEST(a_mistake, in_a_value) {
    check({
        {with(R"("receipts": "yes")"), {"receipts: is text; give true or false"}},
        {with(R"("receipts": null)"), {"receipts: is null; leave the key out, or give true or false"}},
        {with(R"("service": "shop")"), {"service: is text; give an object, {...}"}},
        {with(R"("service": {"name": 5})"), {"service.name: is a number; give text"}},
        {with("\"service\": {\"name\": \"a\\u0000b\"}"), {"service.name: holds a NUL; remove it"}},
        {with(R"("buffer": {"when_full": "drop-oldest"})"),
         {"buffer.when_full: is not known; choose shed, block or drop_oldest (did you mean drop_oldest?)"}},
        {logsh_with(R"("min_level": "warnig")"),
         {"destinations[0].min_level: is not a level; choose trace, debug, info, warn, error, critical or off (did you "
          "mean warn?)"}},
        {logsh_with(R"("in_flight": "8")"), {"destinations[0].in_flight: is text; give a whole number"}},
        {logsh_with(R"("notify_per_minute": 4294967296)"),
         {"destinations[0].notify_per_minute: is too large; choose at most 4294967295"}},
        {logsh_with(R"("icons": ["a"])"),
         {R"(destinations[0].icons: is a list; give an object with levels as keys, such as {"warn": ...})"}},
        {logsh_with(R"("icons": {"off": ""})"),
         {"destinations[0].icons.off: is not a level of records; choose trace, debug, info, warn, error or critical"}},
        {logsh_with(R"("icons": {"warn": "", "warning": ""})"),
         {"destinations[0].icons.warning: is the level warn, which is given already; keep one"}},
    });
}

TEST(a_mistake, that_only_the_whole_shows) {
    check({
        {with(R"("buffer": {"size": "1KiB"})"), {"buffer.size: is 1024; choose 262144 to 68719476736"}},
        {with(R"("delivery": {"pause_min": "2h"})"),
         {"delivery.pause_max: is less than delivery.pause_min; raise the one or lower the other"}},
        {logsh_with(R"("icons": {"warn": "word"})"),
         {"destinations[0].icons.warn: is not on the list of emoji that Logsh is known to accept "
          "(docs/vendors/logsh.md); choose one of them, leave it empty, or set any_icon"}},
        {R"({"destinations": [{"vendor": "logsentry", "token": "env:LOGFERRY_TEST_TOKEN"}]})",
         {"destinations[0].project: is 0; give the project's id, a number from 1, as LogSentry shows it"}},
    });
}

TEST(a_mistake, in_json) {
    check({
        {"", {"configuration: is not JSON at line 1, column 1: there is nothing; give an object, {...}"}},
        {"{\n  \"receipts\": true,\n}",
         {"configuration: is not JSON at line 3, column 1: a comma before it is too many, or a value is missing"}},
        {"{\"receipts\": true // yes\n}",
         {"configuration: is not JSON at line 1, column 19: comments are not JSON; remove it"}},
        {"{'receipts': true}", {"configuration: is not JSON at line 1, column 2: text goes into double quotes"}},
        {"{\"receipts\" true}",
         {"configuration: is not JSON at line 1, column 13: only {...}, [...], \"text\", numbers, true, false and null "
          "are JSON"}},
        {"{\"é\": \"ü\" \"receipts\": true}",
         {"configuration: is not JSON at line 1, column 11: a comma or a colon before it is missing"}},
        {"{\"receipts\": true",
         {"configuration: is not JSON at line 1, column 18: the text ends before the JSON does; a quote, a bracket or "
          "a "
          "brace is not closed"}},
        {"{\"close_budget\": 1e999}",
         {"configuration: is not JSON at line 1, column 22: a number is too large; choose less"}},
        {"[]", {R"(configuration: is a list; give an object, {"destinations": [...]})"}},
    });
}

// Nothing is found only when the first mistake is mended, and nothing is said twice.
TEST(all_mistakes, are_told_at_once) {
    const auto said = problems_in_json(R"({
        "close_budget": "5",
        "spol": 1,
        "buffer": {"size": "1KiB"},
        "destinations": [
            {"vendor": "logsch", "api_key": 5, "min_level": "x"},
            5,
            {"vendor": "logsentry", "token": "env:LOGFERRY_TEST_UNSET", "levels": {"info": 9}}
        ]})");
    EXPECT_THAT(said,
                ElementsAre(testing::StartsWith("close_budget: has no unit"),
                            testing::StartsWith("destinations[0].vendor: is not a vendor"),
                            testing::StartsWith("destinations[0].min_level: is not a level"),
                            testing::StartsWith("destinations[1]: is a number"),
                            testing::StartsWith("destinations[2].token: is missing: environment variable"),
                            testing::StartsWith("spol: is not known"), testing::StartsWith("buffer.size: is 1024"),
                            testing::StartsWith("destinations[2].project: is 0"),
                            testing::StartsWith("destinations[2].levels.info: is 9")));
}

TEST(all_mistakes, of_inherited_options_are_told_once) {
    EXPECT_THAT(problems_in_json(R"({"http": {"request_timeout": "0s"}, "destinations": [
                    {"vendor": "logsfori", "token": "env:LOGFERRY_TEST_TOKEN", "http": {"connect_timeout": "0s"}}]})"),
                ElementsAre("http.request_timeout: is 0 ms; choose more than 0",
                            "destinations[0].http.connect_timeout: is 0 ms; choose more than 0"));
}

TEST(all_mistakes, are_no_more_than_can_be_read) {
    std::string many;
    for (int i = 0; i < 50'000; ++i) many += ", \"key" + std::to_string(i) + "\": 0";
    EXPECT_EQ(problems_in_json(with(many.substr(2))).size(), 100U);
}

TEST(a_document, has_bounds) {
    std::string deep(40, '[');
    EXPECT_THAT(problems_in_json(with("\"service\": " + deep + std::string(40, ']'))),
                ElementsAre("configuration: is nested more than 32 deep; no option is"));
    EXPECT_THAT(problems_in_json(std::string(1024 * 1024 + 1, ' ')),
                ElementsAre("configuration: is longer than 1 MiB; no configuration needs that"));
    EXPECT_THAT(problems_in_json(with(R"("receipts": false)") + std::string(1000 * 1024, ' ')), IsEmpty());
}

std::vector<std::filesystem::path> documents(const std::string& kind) {
    std::vector<std::filesystem::path> paths;
    for (const auto& file : std::filesystem::directory_iterator(std::string(LOGFERRY_TEST_DOCUMENTS) + "/" + kind)) {
        paths.push_back(file.path());
    }
    EXPECT_GT(paths.size(), 10U);
    return paths;
}

TEST(the_corpus, has_documents_that_can_be_used) {
    for (const auto& path : documents("good")) {
        EXPECT_THAT(problems_in([&path] { static_cast<void>(from_file(path)); }), IsEmpty()) << path;
    }
}

TEST(the_corpus, has_documents_that_cannot) {
    for (const auto& path : documents("bad")) {
        EXPECT_THAT(problems_in([&path] { static_cast<void>(from_file(path)); }), Not(IsEmpty())) << path;
    }
}

TEST(a_number, is_whole_however_it_is_written) {
    EXPECT_EQ(from_json(logsh_with(R"("in_flight": 4.0)")).destinations[0].options.in_flight, 4U);
    EXPECT_EQ(from_json(logsh_with(R"("in_flight": 2e1)")).destinations[0].options.in_flight, 20U);
    EXPECT_EQ(from_json(logsh_with(R"("in_flight": -0)")).destinations[0].options.in_flight, 0U);
}

TEST(a_literal_credential, works_and_is_noticed) {
    const auto read = from_json(R"({"destinations": [{"vendor": "logsfori", "token": "hunter2"}]})");
    EXPECT_EQ(std::get<logsfori>(read.destinations[0].vendor).token.reveal(), "hunter2");
    EXPECT_THAT(
        lines_of(read.notices),
        ElementsAre("destinations[0].token: is a credential written into the configuration; better keep it in a "
                    "variable or a file, and give \"env:NAME\" or \"file:PATH\""));
}

}  // namespace
}  // namespace logferry::config
