#include "reply.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace logferry::transport {
namespace {

class reply_test : public ::testing::Test {
protected:
    void head(const std::vector<std::string>& lines) {
        for (const std::string& line : lines) ASSERT_TRUE(reply_.take_header(line + "\r\n"));
        ASSERT_TRUE(reply_.take_header("\r\n"));
    }

    reply reply_;
};

TEST_F(reply_test, takes_status_headers_and_body) {
    head({"HTTP/1.1 429 Too Many Requests", "Content-Type: application/json", "Retry-After: 120"});
    ASSERT_TRUE(reply_.take_body("{\"a\":"));
    ASSERT_TRUE(reply_.take_body("1}"));

    ASSERT_TRUE(reply_.answered());
    const http_response got = reply_.take();
    EXPECT_EQ(got.failure, http_failure::none);
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.content_type, "application/json");
    EXPECT_EQ(got.retry_after, "120");
    EXPECT_EQ(got.body, "{\"a\":1}");
}

TEST_F(reply_test, reads_the_status_line_of_http_2) {
    head({"HTTP/2 201 "});
    EXPECT_EQ(reply_.take().status, 201);
}

TEST_F(reply_test, is_not_answered_before_the_end_of_the_head) {
    ASSERT_TRUE(reply_.take_header("HTTP/1.1 200 OK\r\n"));
    ASSERT_TRUE(reply_.take_header("Content-Length: 0\r\n"));
    EXPECT_FALSE(reply_.answered());
}

TEST_F(reply_test, is_not_answered_by_interim_responses_and_forgets_their_headers) {
    head({"HTTP/1.1 103 Early Hints", "Retry-After: 7", "Content-Type: text/plain"});
    EXPECT_FALSE(reply_.answered());
    head({"HTTP/1.1 200 OK"});
    ASSERT_TRUE(reply_.answered());
    const http_response got = reply_.take();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.retry_after, "");
    EXPECT_EQ(got.content_type, "");
}

TEST_F(reply_test, knows_headers_in_any_case_and_trims_their_values) {
    head({"HTTP/1.1 503 No", "RETRY-after:\t Fri, 31 Dec 1999 23:59:59 GMT  "});
    EXPECT_EQ(reply_.take().retry_after, "Fri, 31 Dec 1999 23:59:59 GMT");
}

TEST_F(reply_test, takes_the_first_of_several_retry_after_even_if_it_is_empty) {
    head({"HTTP/1.1 503 No", "Retry-After:", "Retry-After: 5"});
    EXPECT_EQ(reply_.take().retry_after, "");
}

TEST_F(reply_test, takes_no_header_whose_name_only_begins_alike) {
    head({"HTTP/1.1 503 No", "Retry-After-All: 5", "X-Retry-After: 6"});
    EXPECT_EQ(reply_.take().retry_after, "");
}

TEST_F(reply_test, ignores_trailers) {
    head({"HTTP/1.1 503 No"});
    ASSERT_TRUE(reply_.take_body("later"));
    ASSERT_TRUE(reply_.take_header("Retry-After: 5\r\n"));
    EXPECT_EQ(reply_.take().retry_after, "");
}

TEST_F(reply_test, is_no_answer_without_a_number_for_a_status) {
    head({"HTTP/1.1 OK"});
    EXPECT_FALSE(reply_.answered());
}

TEST_F(reply_test, keeps_64_kib_of_a_body_and_cuts_it_after_4_mib) {
    head({"HTTP/1.1 200 OK"});
    const std::string piece(16 * 1024, 'x');
    for (int i = 0; i < 4 * 64; ++i) ASSERT_TRUE(reply_.take_body(piece));
    EXPECT_FALSE(reply_.take_body("x"));
    EXPECT_EQ(reply_.take().body, std::string(64 * 1024, 'x'));
}

TEST_F(reply_test, cuts_a_head_after_64_kib_over_all_interim_responses) {
    const std::string line = "X: " + std::string(1019, 'x') + "\r\n";
    for (int i = 0; i < 64; ++i) ASSERT_TRUE(reply_.take_header(line));
    EXPECT_FALSE(reply_.take_header("\r\n"));
    EXPECT_FALSE(reply_.answered());
}

TEST_F(reply_test, starts_afresh_after_clear) {
    head({"HTTP/1.1 503 No", "Retry-After: 5", "Content-Type: text/plain"});
    ASSERT_TRUE(reply_.take_body("later"));
    reply_.clear();
    EXPECT_FALSE(reply_.answered());
    head({"HTTP/1.1 200 OK"});
    const http_response got = reply_.take();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.retry_after + got.content_type + got.body, "");
}

}  // namespace
}  // namespace logferry::transport
