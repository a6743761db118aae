// Profound's answers, as "Custom Log Integration" has them.
#include "profound_request.hpp"

namespace logferry::test {
namespace {

TEST(profound_answer, the_documented_success_is_delivery) {
    const auto judged = open(with_token())
                            ->judge(answer(200, R"({"status": "accepted",
        "message": "Processing 2 log entries", "first_visit_id": "uuid-string", "errors": []})"),
                                    2);
    EXPECT_EQ(judged.what, verdict::delivered);
    EXPECT_EQ(judged.rejected_records, 0U);
    EXPECT_EQ(judged.receipt, "uuid-string");
    EXPECT_EQ(judged.detail, "");
}

TEST(profound_answer, the_documented_partial_success_counts_what_was_refused) {
    const auto judged = open(with_token())
                            ->judge(answer(200, R"({"status": "accepted",
        "message": "Processing 98 log entries", "first_visit_id": "uuid-string", "errors": [
        "Invalid log format: timestamp out of reasonable range",
        "Invalid log format: status_code must be between 100 and 599"]})"),
                                    100);
    EXPECT_EQ(judged.what, verdict::delivered);
    EXPECT_EQ(judged.rejected_records, 2U);
    EXPECT_NE(judged.detail.find("timestamp out of reasonable range"), std::string::npos);
}

TEST(profound_answer, counts_come_from_the_message_or_else_from_the_errors) {
    const auto vendor = open(with_token());
    const std::vector<std::tuple<std::string, std::size_t, std::size_t>> table = {
        {R"({"message":"Processing X log entries","errors":[]})", 5, 0},
        {R"({"message":"Processing X log entries","errors":["a","b"]})", 5, 2},
        {R"({"message":"Processing 98 log entries","errors":[]})", 5, 0},
        {R"({"message":"API v2: Processing 98 log entries","errors":[]})", 98, 0},
        {R"({"message":"API v2 took 3 of 5 entries","errors":["a","b"]})", 5, 2},
        {R"({"message":"Processing -1 log entries","errors":[]})", 5, 0},
        {R"({"message":"Processing 0 log entries","first_visit_id":null,"errors":["a"]})", 1, 1},
        {R"({"errors":["a","b","c"]})", 2, 2},
        {R"({"message":"Processing 99999999999999999999999 entries"})", 3, 0},
        {R"({"message":7,"errors":"none","first_visit_id":3})", 3, 0},
        {R"({"status":"failed"})", 3, 3},
        {"", 3, 0}};
    for (const auto& [body, records, refused] : table) {
        const auto judged = vendor->judge(answer(200, body), records);
        EXPECT_EQ(judged.what, verdict::delivered) << body;
        EXPECT_EQ(judged.rejected_records, refused) << body;
    }
}

TEST(profound_answer, of_many_errors_the_first_few_are_told) {
    json body = {{"errors", json::array()}};
    for (int i = 0; i < 100; ++i) body["errors"].push_back(numbered("error ", i));
    const auto detail = open(with_token())->judge(answer(200, body.dump()), 200).detail;
    EXPECT_NE(detail.find("error 2"), std::string::npos);
    EXPECT_EQ(detail.find("error 3"), std::string::npos);
    EXPECT_NE(detail.find("97 more"), std::string::npos);
}

TEST(profound_answer, a_web_page_with_status_200_is_a_matter_of_configuration) {
    const auto judged = open(with_token())->judge(answer(200, "\n<!DOCTYPE html>"), 3);
    EXPECT_EQ(judged.what, verdict::paused);
    EXPECT_EQ(judged.why, pause::configuration);
}

TEST(profound_answer, a_500_is_tried_again_as_nothing_was_processed) {
    const auto judged = open(with_token())->judge(answer(500, R"({"detail":"database problem"})"), 3);
    EXPECT_EQ(judged.what, verdict::retry);
    EXPECT_EQ(judged.tries, 3U);
    EXPECT_NE(judged.detail.find("database problem"), std::string::npos);
}

TEST(profound_answer, every_other_status_has_its_outcome) {
    const auto vendor = open(with_token());
    EXPECT_EQ(vendor->judge(answer(400), 3).what, verdict::rejected);
    EXPECT_EQ(vendor->judge(answer(422, R"({"detail":[{"loc":["body",0,"ip"]}]})"), 3).what, verdict::rejected);
    EXPECT_EQ(vendor->judge(answer(413), 3).what, verdict::split);
    EXPECT_EQ(vendor->judge(answer(401), 3).why, pause::auth);
    EXPECT_EQ(vendor->judge(answer(403), 3).why, pause::auth);
    EXPECT_EQ(vendor->judge(answer(429), 3).why, pause::rate);
    EXPECT_EQ(vendor->judge(answer(503), 3).what, verdict::retry);
    EXPECT_EQ(vendor->judge(no_answer(http_failure::ambiguous), 3).what, verdict::ambiguous);
}

TEST(profound_answer, a_refused_token_is_told_what_tokens_look_like) {
    for (const int status : {401, 403}) {
        const auto judged =
            open(profound{secret("another-key")})->judge(answer(status, R"({"detail":"Invalid API key"})"), 1);
        EXPECT_NE(judged.detail.find("begins with bot_"), std::string::npos);
        EXPECT_NE(judged.detail.find("Invalid API key"), std::string::npos);
    }
}

TEST(profound_answer, an_answer_that_was_cut_off_still_counts) {
    std::string body = R"({"status":"accepted","message":"Processing 0 log entries","first_visit_id":null,"errors":[)";
    while (body.size() < 64 * 1024) body += R"("Invalid log format: status_code must be between 100 and 599",)";
    body.resize(64 * 1024);
    const auto judged = open(with_token())->judge(answer(200, body), 1000);
    EXPECT_EQ(judged.what, verdict::delivered);
    EXPECT_EQ(judged.rejected_records, 1000U);
    EXPECT_EQ(judged.receipt, "");
    EXPECT_NE(judged.detail.find("0 of 1000"), std::string::npos);
    EXPECT_LT(judged.detail.size(), 300U);
}

TEST(profound_answer, a_receipt_is_a_short_text_or_none) {
    const auto vendor = open(with_token());
    const auto receipt = [&](const std::string& id) {
        return vendor->judge(answer(200, R"({"first_visit_id":)" + id + "}"), 1).receipt;
    };
    EXPECT_EQ(receipt(R"("0b5f7a52-6a4e-4a0e-9a52-0a6b1f3c2d1e")"), "0b5f7a52-6a4e-4a0e-9a52-0a6b1f3c2d1e");
    for (const auto* id : {"null", "7", "[]", "{}"}) EXPECT_EQ(receipt(id), "") << id;
    EXPECT_EQ(receipt('"' + std::string(60'000, 'v') + '"').size(), 200U);
}

TEST(profound_answer, nested_without_end_is_no_answer_to_walk) {
    constexpr std::size_t levels = 32'000;
    const auto body = R"({"errors":[)" + std::string(levels, '[') + std::string(levels, ']') + "]}";
    const auto judged = open(with_token())->judge(answer(200, body), 3);
    EXPECT_EQ(judged.what, verdict::delivered);
    EXPECT_EQ(judged.detail, "");
}

TEST(profound_answer, the_token_is_not_in_the_receipt) {
    const auto body = R"({"first_visit_id":"visit of bot_PROFOUND_LOG_INGESTION_TOKEN"})";
    EXPECT_EQ(open(with_token())->judge(answer(200, body), 1).receipt, "visit of ***");
}

TEST(profound_answer, the_token_is_in_no_detail) {
    const auto vendor = open(with_token());
    for (const int status : {200, 401, 422, 500}) {
        const auto judged = vendor->judge(
            answer(status,
                   R"({"errors":["bot_PROFOUND_LOG_INGESTION_TOKEN"],"detail":"bot_PROFOUND_LOG_INGESTION_TOKEN"})"),
            1);
        EXPECT_EQ(judged.detail.find("INGESTION"), std::string::npos) << judged.detail;
    }
}

}  // namespace
}  // namespace logferry::test
