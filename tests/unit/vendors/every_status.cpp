// Every status for every vendor. What is expected is written down here as the vendors' documents and manners have it,
// status by status, and has nothing in common with the tables under test.
#include <map>

#include <gmock/gmock.h>

#include "encoding.hpp"

namespace logferry::test {
namespace {

/// The outcome as a short text: `paused: quota (1)`, the number being `tries`.
std::string in_words(const outcome& of) {
    static const std::map<verdict, std::string> verdicts = {
        {verdict::delivered, "delivered"}, {verdict::retry, "retry"},   {verdict::rejected, "rejected"},
        {verdict::split, "split"},         {verdict::paused, "paused"}, {verdict::ambiguous, "ambiguous"}};
    static const std::map<pause, std::string> reasons = {{pause::none, ""},
                                                         {pause::auth, ": auth"},
                                                         {pause::quota, ": quota"},
                                                         {pause::rate, ": rate"},
                                                         {pause::configuration, ": configuration"}};
    const auto tries = of.tries == 0 ? "" : " (" + std::to_string(of.tries) + ")";
    return verdicts.at(of.what) + reasons.at(of.why) + tries;
}

struct statuses {
    int first;
    int last;
    std::string meaning;
};

/// What holds where a vendor says nothing else. No status is in two lines.
const std::vector<statuses>& common() {
    static const std::vector<statuses> lines = {
        {100, 199, "retry (3)"},  // none of them is final
        {200, 299, "delivered"},
        {300, 399, "paused: configuration"},
        {400, 400, "rejected"},
        {401, 401, "paused: auth"},
        {402, 402, "paused: quota"},
        {403, 403, "paused: auth"},
        {404, 405, "paused: configuration"},
        {406, 406, "rejected"},
        {407, 407, "paused: configuration"},  // a proxy on the way
        {408, 408, "retry"},
        {409, 409, "rejected"},
        {410, 410, "paused: configuration"},
        {411, 412, "rejected"},
        {413, 413, "split"},
        {414, 420, "rejected"},
        {421, 421, "paused: configuration"},
        {422, 424, "rejected"},
        {425, 425, "retry"},
        {426, 428, "rejected"},
        {429, 429, "paused: rate"},
        {430, 499, "rejected"},
        {500, 500, "retry (3)"},
        {501, 501, "rejected"},
        {502, 502, "ambiguous"},
        {503, 503, "retry"},
        {504, 504, "ambiguous"},
        {505, 505, "rejected"},
        {506, 519, "retry (3)"},
        {520, 527, "ambiguous"},
        {528, 599, "retry (3)"},
    };
    return lines;
}

std::string common_meaning(int status) {
    std::string found;
    for (const auto& line : common()) {
        if (status < line.first || status > line.last) continue;
        EXPECT_EQ(found, "") << status << " is in two lines";
        found = line.meaning;
    }
    EXPECT_NE(found, "") << status << " is in no line";
    return found;
}

using exceptions = std::map<int, std::string>;

struct vendor_under_test {
    std::string name;
    vendor_options options;
    /// The body of a success.
    std::string taken;
    exceptions without_retry_after;
    exceptions with_retry_after;
};

std::vector<vendor_under_test> vendors_under_test() {
    const exceptions quota = {{429, "paused: quota"}};
    const exceptions monthly = {{429, "paused: quota (1)"}};
    const exceptions login = {{302, "paused: auth"}};
    logsentry event_v1{0, secret("1|abc")};
    event_v1.flavor = logsentry::api::event_v1;
    event_v1.app = "shop";
    return {
        {"logsfori", logsfori{secret("a-token")}, R"({"status": "accepted"})", quota, quota},
        {"logsh", logsh{"shop", secret("logsh.co_key")}, R"({"status":true})", monthly, {}},
        {"logsentry", logsentry{12, secret("1|abc")}, R"({ "status": "ok", "hash": "f00d" })", login, login},
        {"logsentry_event_v1", event_v1, R"({"status":"ok","hash":"f00d"})", login, login},
        {"profound",
         profound{secret("bot_token")},
         R"({"status":"accepted","message":"Processing 2 log entries","first_visit_id":"uuid-string","errors":[]})",
         {},
         {}},
        {"logwire", logwire{"https://logs.example.org", "42", secret("a-token")}, "{}", login, login},
    };
}

class every_status : public ::testing::TestWithParam<vendor_under_test> {
protected:
    void expect_all(const std::string& retry_after, const exceptions& differ) const {
        const auto vendor = open(GetParam().options);
        for (int status = 100; status <= 599; ++status) {
            const bool success = status >= 200 && status <= 299;
            const auto body = success ? GetParam().taken : R"({"message":"the server's words"})";
            const auto judged = vendor->judge(answer(status, body, retry_after), 2);
            const auto differs = differ.find(status);
            EXPECT_EQ(in_words(judged), differs == differ.end() ? common_meaning(status) : differs->second) << status;
            EXPECT_EQ(judged.rejected_records, 0U) << status;
            if (success) {
                EXPECT_EQ(judged.detail, "") << status;
            } else {
                EXPECT_THAT(judged.detail, ::testing::StartsWith("HTTP " + std::to_string(status) + ", "));
                EXPECT_THAT(judged.detail, ::testing::HasSubstr("the server's words"));
                EXPECT_EQ(judged.receipt, "") << status;
            }
        }
    }
};

TEST_P(every_status, has_its_outcome) { expect_all("", GetParam().without_retry_after); }

TEST_P(every_status, has_its_outcome_when_a_wait_is_named) { expect_all("7", GetParam().with_retry_after); }

TEST_P(every_status, has_no_say_where_no_status_came) {
    const auto vendor = open(GetParam().options);
    const std::map<http_failure, std::string> table = {{http_failure::not_sent, "retry"},
                                                       {http_failure::certificate, "paused: configuration"},
                                                       {http_failure::closed_unused, "retry"},
                                                       {http_failure::ambiguous, "ambiguous"},
                                                       {http_failure::aborted, "retry"}};
    for (const auto& [failure, meaning] : table) {
        const auto judged = vendor->judge(no_answer(failure, "the network's words"), 2);
        EXPECT_EQ(in_words(judged), meaning);
        EXPECT_THAT(judged.detail, ::testing::HasSubstr("the network's words"));
    }
}

std::string name_of(const ::testing::TestParamInfo<vendor_under_test>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(vendors, every_status, ::testing::ValuesIn(vendors_under_test()), name_of);

}  // namespace
}  // namespace logferry::test
