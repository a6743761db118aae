#include "failure.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logferry::transport {
namespace {

using ::testing::HasSubstr;

TEST(failure, is_not_sent_when_no_byte_went_out) {
    for (const CURLcode code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
                                CURLE_OPERATION_TIMEDOUT, CURLE_OUT_OF_MEMORY, CURLE_LOGIN_DENIED}) {
        EXPECT_EQ(classify({code, false, false}), http_failure::not_sent) << code;
    }
}

TEST(failure, is_a_matter_of_the_certificate_when_verification_said_so) {
    for (const CURLcode code :
         {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM}) {
        EXPECT_EQ(classify({code, false, false}), http_failure::certificate) << code;
    }
}

TEST(failure, is_ambiguous_whatever_libcurl_says_once_a_byte_went_out) {
    for (const CURLcode code : {CURLE_OPERATION_TIMEDOUT, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
                                CURLE_UNSUPPORTED_PROTOCOL, CURLE_COULDNT_CONNECT, CURLE_ABORTED_BY_CALLBACK}) {
        EXPECT_EQ(classify({code, true, false}), http_failure::ambiguous) << code;
        EXPECT_EQ(classify({code, true, true}), http_failure::ambiguous) << code;
    }
}

TEST(failure, is_closed_unused_when_a_reused_connection_took_nothing) {
    EXPECT_EQ(classify({CURLE_SEND_ERROR, false, true}), http_failure::closed_unused);
}

TEST(failure, is_ambiguous_when_libcurl_is_content_but_no_status_came) {
    EXPECT_EQ(classify({CURLE_OK, false, false}), http_failure::ambiguous);
    EXPECT_EQ(classify({CURLE_OK, true, true}), http_failure::ambiguous);
}

TEST(failure, names_the_authorities_searched_for_a_refused_certificate) {
    const std::string text =
        describe(http_failure::certificate, CURLE_PEER_FAILED_VERIFICATION, "self-signed certificate", {});
    EXPECT_THAT(text, HasSubstr("self-signed certificate"));
    EXPECT_THAT(text, HasSubstr("certificate authorities searched: "));
}

TEST(failure, names_the_configured_authorities_and_no_others) {
    http_options options;
    options.ca_file = "/etc/shop/ca.pem";
    const auto describe_with = [&] {
        return describe(http_failure::certificate, CURLE_PEER_FAILED_VERIFICATION, "unknown", options);
    };
    EXPECT_EQ(describe_with(), "unknown (certificate authorities searched: file /etc/shop/ca.pem)");
    options.ca_directory = "/etc/shop/ca";
    EXPECT_EQ(describe_with(),
              "unknown (certificate authorities searched: file /etc/shop/ca.pem, directory /etc/shop/ca)");
    options.ca_file = "";
    EXPECT_EQ(describe_with(), "unknown (certificate authorities searched: directory /etc/shop/ca)");
}

TEST(failure, with_our_own_certificate_says_nothing_of_authorities) {
    EXPECT_EQ(describe(http_failure::certificate, CURLE_SSL_CERTPROBLEM, "could not load client.pem", {}),
              "could not load client.pem");
}

TEST(failure, names_the_proxy_that_a_request_was_to_go_through) {
    http_options options;
    options.proxy = "http://proxy.shop:3128";
    EXPECT_EQ(describe(http_failure::not_sent, CURLE_COULDNT_CONNECT, "refused", options),
              "refused (through the proxy http://proxy.shop:3128)");
}

TEST(failure, does_not_repeat_a_proxy_of_the_environment_with_its_credential) {
    EXPECT_EQ(describe(http_failure::not_sent, CURLE_COULDNT_RESOLVE_PROXY,
                       "Unsupported proxy syntax in 'http://somebody:hush@:bad'", {}),
              curl_easy_strerror(CURLE_COULDNT_RESOLVE_PROXY));
}

TEST(failure, falls_back_on_the_words_for_the_code) {
    EXPECT_EQ(describe(http_failure::not_sent, CURLE_COULDNT_CONNECT, "", {}),
              curl_easy_strerror(CURLE_COULDNT_CONNECT));
    EXPECT_THAT(describe(http_failure::ambiguous, CURLE_OK, "", {}), HasSubstr("without a status"));
}

}  // namespace
}  // namespace logferry::transport
