// Whom logferry speaks to over TLS, in what protocol, and what happens to the records while it refuses to.
#include <gmock/gmock.h>

#include "nginx_world.hpp"

namespace logferry::test {
namespace {

class nginx_tls : public nginx_world {
protected:
    /// Logs until `came_true`: by then nothing may have been sent.
    void expect_records_kept(const nginx_server& nginx, options opts,
                             const std::function<bool(const destination_stats&)>& came_true) {
        open(std::move(opts));
        log_texts(records);
        EXPECT_TRUE(eventually(came_true));
        EXPECT_EQ(sink->get_shipper()->stats().pending(), records);
        EXPECT_EQ(server.requests("logsh"), 0u);
        EXPECT_THAT(nginx.requests(), IsEmpty());
    }

    /// A server that shows `certificate` is not sent anything, and gets everything once it shows a good one. Gives what
    /// the application was told.
    std::string told_about(const std::string& certificate) {
        auto setup = handing_on();
        setup.certificate = certificate;
        const auto nginx = start(setup);
        expect_records_kept(*nginx, trusting(logsh_behind(*nginx)),
                            [this](const destination_stats&) { return !events(event::kind::paused).empty(); });
        mend(*nginx);
        EXPECT_THAT(events(event::kind::resumed), SizeIs(1));
        const auto told = events(event::kind::paused);
        EXPECT_THAT(told, SizeIs(1));
        return told.empty() ? "" : told.front();
    }

    [[nodiscard]] nginx_setup asking_for_certificates() const {
        auto setup = handing_on();
        setup.directives = "ssl_verify_client on; ssl_client_certificate " + path("ca.pem") + ";";
        return setup;
    }

    void mend(nginx_server& nginx) {
        auto good = handing_on();
        good.directives = "ssl_protocols TLSv1.2 TLSv1.3;";
        nginx.reload(good);
        expect_all();
    }

    static constexpr std::size_t records = 100;
};

TEST_F(nginx_tls, authority_in_a_file_records_share_one_http_2_connection) {
    const auto nginx = start(handing_on());
    open(trusting(logsh_behind(*nginx)));
    log_texts(records);
    expect_all();

    const served by = served_by(*nginx);
    EXPECT_EQ(by.statuses.count(201), records);
    EXPECT_EQ(by.protocols, std::set<std::string>{"HTTP/2.0"});
    EXPECT_THAT(by.connections, SizeIs(1));
}

TEST_F(nginx_tls, authority_in_a_directory) {
    const auto nginx = start(handing_on());
    options opts = trusting(logsh_behind(*nginx));
    opts.http.ca_file.clear();
    opts.http.ca_directory = path("ca");
    open(std::move(opts));
    log_texts(records);
    expect_all();
}

TEST_F(nginx_tls, server_without_http_2_gets_http_1_1_over_as_many_connections_as_requests_in_flight) {
    auto setup = handing_on();
    setup.http2 = false;
    const auto nginx = start(setup);
    open(trusting({logsh_behind(*nginx), {.in_flight = 3}}));
    log_texts(records);
    expect_all();

    const served by = served_by(*nginx);
    EXPECT_EQ(by.statuses.count(201), records);
    EXPECT_EQ(by.protocols, std::set<std::string>{"HTTP/1.1"});
    EXPECT_LE(by.connections.size(), 3u);
}

TEST_F(nginx_tls, certificate_that_has_expired) {
    const std::string told = told_about("expired");
    EXPECT_THAT(told, HasSubstr("cannot be used as configured"));
    EXPECT_THAT(told, HasSubstr("expired"));
    EXPECT_THAT(told, HasSubstr("records are kept"));
}

TEST_F(nginx_tls, certificate_signed_by_itself) {
    const std::string told = told_about("self");
    EXPECT_THAT(told, HasSubstr("cannot be used as configured"));
    EXPECT_THAT(told, HasSubstr("searched: file " + path("ca.pem")));
}

TEST_F(nginx_tls, certificate_for_another_host) {
    const std::string told = told_about("elsewhere");
    EXPECT_THAT(told, HasSubstr("cannot be used as configured"));
    EXPECT_THAT(told, HasSubstr("127.0.0.1"));
}

TEST_F(nginx_tls, certificate_of_an_unknown_authority) {
    const std::string told = told_about("unknown");
    EXPECT_THAT(told, HasSubstr("cannot be used as configured"));
    EXPECT_THAT(told, HasSubstr("searched: file " + path("ca.pem")));
}

// A handshake that fails for want of a common version cannot be told from one that a balancer cuts short, and so is
// tried again like any connection that failed.
TEST_F(nginx_tls, server_that_speaks_only_tls_1_1) {
    auto setup = handing_on();
    setup.directives = "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;";
    const auto nginx = start(setup);
    expect_records_kept(*nginx, trusting(logsh_behind(*nginx)), [](const auto& s) { return s.retries > 0; });
    EXPECT_THAT(sink->get_shipper()->stats().destinations[0].last_error, HasSubstr("protocol"));
    EXPECT_THAT(events(event::kind::paused), IsEmpty());
    mend(*nginx);
}

TEST_F(nginx_tls, server_that_speaks_only_tls_1_2_and_an_application_that_wants_1_3) {
    auto setup = handing_on();
    setup.directives = "ssl_protocols TLSv1.2;";
    const auto nginx = start(setup);
    options opts = trusting(logsh_behind(*nginx));
    opts.http.tls_minimum = tls_version::tls1_3;
    expect_records_kept(*nginx, std::move(opts), [](const auto& s) { return s.retries > 0; });
    EXPECT_THAT(sink->get_shipper()->stats().destinations[0].last_error, HasSubstr("protocol"));
    mend(*nginx);
}

TEST_F(nginx_tls, client_certificate_that_the_server_asks_for) {
    const auto nginx = start(asking_for_certificates());
    options opts = trusting(logsh_behind(*nginx));
    opts.http.client_certificate = path("client.pem");
    opts.http.client_key = path("client.key");
    open(std::move(opts));
    log_texts(records);
    expect_all();
}

// nginx answers 400, as a vendor does to a bad record. Soon so many in a row are no longer taken for that, and only one
// more is tried after each rest.
TEST_F(nginx_tls, client_certificate_that_is_missing_costs_a_few_records_before_the_others_wait) {
    const auto nginx = start(asking_for_certificates());
    options opts = trusting({logsh_behind(*nginx), {.in_flight = 1}});
    opts.delivery.pause_min = opts.delivery.pause_max = seconds(1);
    open(std::move(opts));
    log_texts(records);
    EXPECT_TRUE(eventually([this](const destination_stats&) { return !events(event::kind::paused).empty(); }));
    EXPECT_THAT(events(event::kind::paused).front(), HasSubstr("SSL certificate"));
    EXPECT_EQ(server.requests("logsh"), 0u);

    nginx->reload(handing_on());
    const destination_stats ledger = settled();
    print_figure("rejected", ledger.rejected);
    EXPECT_EQ(ledger.delivered + ledger.rejected, records);
    EXPECT_GT(ledger.delivered, records / 2);
    const audit found = compare(issued(), texts());
    EXPECT_EQ(found.lost, ledger.rejected);
    EXPECT_EQ(found.strange + found.duplicates, 0u);
}

}  // namespace
}  // namespace logferry::test
