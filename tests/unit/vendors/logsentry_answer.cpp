// LogSentry's answers. Expected values: LogSentry's "API documentation", and Laravel's manners where that is silent.
#include <logferry/vendors/logsentry.hpp>

#include "encoding.hpp"
#include "logsentry_options.hpp"

namespace logferry::test {
namespace {

TEST(logsentry_answer, the_documented_answer_is_delivery_with_its_hash) {
    const auto vendor = open(project_12());
    const auto judged = vendor->judge(answer(200, R"({ "status": "ok", "hash": "f00d" })"), 1);
    EXPECT_EQ(judged.what, verdict::delivered);
    EXPECT_EQ(judged.receipt, "f00d");
    EXPECT_EQ(vendor->judge(answer(200, R"({"status":"ok"})"), 1).what, verdict::delivered);
}

TEST(logsentry_answer, a_receipt_is_a_short_text_or_none) {
    const auto vendor = open(project_12());
    for (const auto* hash : {"null", "7", "[\"f00d\"]", "{}", "\"\""}) {
        const auto judged = vendor->judge(answer(200, R"({"status":"ok","hash":)" + std::string(hash) + "}"), 1);
        EXPECT_EQ(judged.what, verdict::delivered) << hash;
        EXPECT_EQ(judged.receipt, "") << hash;
    }
    const auto endless = R"({"status":"ok","hash":")" + std::string(60'000, 'f') + R"("})";
    EXPECT_EQ(vendor->judge(answer(200, endless), 1).receipt.size(), 200U);
}

TEST(logsentry_answer, the_token_is_not_in_the_receipt) {
    EXPECT_EQ(open(project_12())->judge(answer(200, R"({"status":"ok","hash":"of 1|abc"})"), 1).receipt, "of ***");
}

TEST(logsentry_answer, a_success_that_says_otherwise_is_none) {
    const auto judged = open(project_12())->judge(answer(200, R"({"status":"error","message":"no project"})"), 1);
    EXPECT_EQ(judged.receipt, "");
    EXPECT_EQ(judged.what, verdict::retry);
    EXPECT_EQ(judged.tries, 3U);
    EXPECT_NE(judged.detail.find("no project"), std::string::npos);
}

TEST(logsentry_answer, a_success_that_is_no_json_is_a_matter_of_configuration) {
    const auto vendor = open(project_12());
    for (const std::string body : {"<!DOCTYPE html><html></html>", "OK", "", "[1]"}) {
        const auto judged = vendor->judge(answer(200, body), 1);
        EXPECT_EQ(judged.what, verdict::paused) << body;
        EXPECT_EQ(judged.why, pause::configuration);
        EXPECT_NE(judged.detail.find("base_url"), std::string::npos);
    }
    EXPECT_EQ(open(app_shop())->judge(answer(204), 1).what, verdict::delivered);
    EXPECT_EQ(open(app_shop())->judge(answer(200, "<html>"), 1).what, verdict::paused);
}

TEST(logsentry_answer, a_redirect_means_a_refused_token) {
    for (const auto& options : {project_12(), app_shop()}) {
        const auto judged = open(options)->judge(answer(302, "<html>Redirecting to /login</html>"), 1);
        EXPECT_EQ(judged.what, verdict::paused);
        EXPECT_EQ(judged.why, pause::auth);
        EXPECT_NE(judged.detail.find("token was refused"), std::string::npos);
    }
    EXPECT_EQ(open(project_12())->judge(answer(301), 1).why, pause::configuration) << "no login page moves for good";
}

TEST(logsentry_answer, a_missing_page_names_the_flavor) {
    const auto advice = [](const logsentry& options) {
        const auto judged = open(options)->judge(answer(404, R"({"message":"Not Found"})"), 1);
        EXPECT_EQ(judged.what, verdict::paused);
        EXPECT_EQ(judged.why, pause::configuration);
        return judged.detail;
    };
    EXPECT_NE(advice(project_12()).find("try flavor event_v1"), std::string::npos);
    EXPECT_NE(advice(app_shop()).find("try flavor auditlog"), std::string::npos);
}

TEST(logsentry_answer, every_other_status_has_its_outcome) {
    const auto vendor = open(project_12());
    EXPECT_EQ(vendor->judge(answer(401, R"({"message":"Unauthenticated."})"), 1).why, pause::auth);
    EXPECT_EQ(vendor->judge(answer(403), 1).why, pause::auth);
    EXPECT_EQ(vendor->judge(answer(413), 1).what, verdict::split);
    const auto invalid = vendor->judge(answer(422, R"({"message":"The msg field is required.","errors":{}})"), 1);
    EXPECT_EQ(invalid.what, verdict::rejected);
    EXPECT_NE(invalid.detail.find("The msg field is required."), std::string::npos);
    EXPECT_EQ(vendor->judge(answer(429, "", "7"), 1).why, pause::rate) << "how long is for the delivery to read";
    EXPECT_EQ(vendor->judge(answer(500), 1).tries, 3U);
    for (const int status : {502, 503, 504}) {
        const auto judged = vendor->judge(answer(status), 1);
        EXPECT_EQ(judged.what, status == 503 ? verdict::retry : verdict::ambiguous) << status;
        EXPECT_EQ(judged.why, pause::none) << status;
        EXPECT_EQ(judged.tries, 0U) << status << ": as long as the buffer has room";
    }
}

TEST(logsentry_answer, the_token_is_in_no_detail) {
    const auto vendor = open(project_12());
    for (const int status : {200, 302, 401, 404, 422, 500}) {
        const auto judged = vendor->judge(answer(status, R"({"status":"bad","message":"token 1|abc is wrong"})"), 1);
        EXPECT_EQ(judged.detail.find("1|abc"), std::string::npos) << judged.detail;
    }
}

}  // namespace
}  // namespace logferry::test
