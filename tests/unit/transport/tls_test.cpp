// What happens before the first byte of a request may be sent over https.
#include <gmock/gmock.h>

#include "tls_server.hpp"
#include "transport_fixture.hpp"

namespace logferry::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class tls_test : public transport_test {};

std::string secure(const raw_server& server) { return "https://127.0.0.1:" + std::to_string(server.port()) + "/"; }

TEST_F(tls_test, self_signed_certificate_is_refused_before_anything_is_sent) {
    support::self_signed_server server;
    const auto to = transport_->add({server.url(), {{"X-Api-Key", "hush"}}});

    const http_response got = post(to, "x");

    EXPECT_EQ(got.failure, http_failure::certificate);
    EXPECT_EQ(got.status, 0);
    EXPECT_THAT(got.error, HasSubstr("certificate"));
    EXPECT_THAT(got.error, HasSubstr("certificate authorities searched: "));
    EXPECT_THAT(got.error, Not(HasSubstr("hush")));
    EXPECT_THAT(server.stop(), Not(HasSubstr("hush")));
}

TEST_F(tls_test, server_without_tls_sees_no_request) {
    raw_server plain(script{read_bytes(1), send(answer(200)), close_connection()});
    const http_response got = post(endpoint(secure(plain)), "x");
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_TRUE(plain.requests().empty());
}

TEST_F(tls_test, close_in_the_middle_of_the_handshake_is_not_sent) {
    raw_server rude(script{read_bytes(1), reset_connection()});
    EXPECT_EQ(post(endpoint(secure(rude)), "x").failure, http_failure::not_sent);
}

TEST_F(tls_test, handshake_that_hangs_is_not_sent_after_the_connect_timeout) {
    use({.connect_timeout = 100ms});
    raw_server silent(script{read_bytes(1), hold()});
    EXPECT_EQ(post(endpoint(secure(silent)), "x").failure, http_failure::not_sent);
    EXPECT_TRUE(silent.wait_for_ended(1));
}

}  // namespace
}  // namespace logferry::transport
