// Options that cannot work: every problem is listed at once, each with the path of its option.
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <logferry/shipper.hpp>
#include <shipper/checked_options.hpp>

namespace logferry::shipping {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// Nobody listens on the discard port, and nothing is sent before a record comes.
options good_options() {
    options opts;
    opts.destinations = {{logsh{"Shop", secret("logsh.co_one"), "https://127.0.0.1:9"}},
                         {logsfori{secret("two"), "https://127.0.0.1:9"}}};
    opts.on_event = [](const event&) {};
    return opts;
}

/// `field: message` of each problem.
std::vector<std::string> lines_of(const config_error& error) {
    std::vector<std::string> lines;
    for (const auto& p : error.problems()) {
        lines.push_back(p.field + ": " + p.message);
        EXPECT_THAT(std::string(error.what()), HasSubstr(lines.back()));
    }
    return lines;
}
std::vector<std::string> lines_about(const options& opts) {
    try {
        const checked_options checked(opts);
        return {};
    } catch (const config_error& error) {
        return lines_of(error);
    }
}
std::vector<std::string> problems_at_opening(const options& opts) {
    try {
        shipper::open(opts)->close(seconds(1));
        return {};
    } catch (const config_error& error) {
        return lines_of(error);
    }
}

TEST(checked_options, take_the_defaults) { EXPECT_THAT(lines_about(good_options()), IsEmpty()); }

TEST(checked_options, take_a_proxy_with_its_credential_beside_it) {
    auto opts = good_options();
    opts.http.proxy = "http://127.0.0.1:3128";
    opts.http.proxy_credential = secret("user:password");
    EXPECT_THAT(lines_about(opts), IsEmpty());
    opts = good_options();
    opts.http.proxy_from_environment = true;
    EXPECT_THAT(lines_about(opts), IsEmpty());
}

TEST(checked_options, refuse_a_proxy_with_user_and_password_in_it) {
    auto opts = good_options();
    opts.http.proxy = "http://user:hunter2@127.0.0.1:3128";
    EXPECT_THAT(lines_about(opts), ElementsAre(AllOf(StartsWith("http.proxy: "), HasSubstr("proxy_credential"),
                                                     Not(HasSubstr("hunter2")))));
}

TEST(checked_options, refuse_a_proxy_of_another_kind) {
    for (const auto* proxy : {"socks5://127.0.0.1:1080", "127.0.0.1:3128", "httpx://127.0.0.1"}) {
        auto opts = good_options();
        opts.http.proxy = proxy;
        EXPECT_THAT(lines_about(opts), ElementsAre(StartsWith("http.proxy: "))) << proxy;
    }
}

TEST(checked_options, refuse_two_ways_to_a_proxy) {
    auto opts = good_options();
    opts.http.proxy = "http://127.0.0.1:3128";
    opts.http.proxy_from_environment = true;
    EXPECT_THAT(lines_about(opts), ElementsAre(AllOf(StartsWith("http.proxy: "), HasSubstr("proxy_from_environment"))));
}

TEST(checked_options, refuse_a_proxy_credential_without_a_proxy) {
    auto opts = good_options();
    opts.http.proxy_credential = secret("user:hunter2");
    EXPECT_THAT(lines_about(opts),
                ElementsAre(AllOf(StartsWith("http.proxy_credential: "), Not(HasSubstr("hunter2")))));
}

TEST(checked_options, refuse_a_key_without_a_certificate) {
    auto opts = good_options();
    opts.http.client_key = "key.pem";
    EXPECT_THAT(lines_about(opts), ElementsAre(StartsWith("http.client_key: ")));
    opts.http.client_key.clear();
    opts.http.client_key_password = secret("hush");
    EXPECT_THAT(lines_about(opts),
                ElementsAre(AllOf(StartsWith("http.client_key_password: "), Not(HasSubstr("hush")))));
}

TEST(checked_options, say_which_secret_could_not_be_had) {
    auto opts = good_options();
    opts.http.proxy = "http://127.0.0.1:3128";
    opts.http.proxy_credential = secret::from_env("LOGFERRY_TEST_NO_SUCH_VARIABLE");
    opts.http.client_certificate = "certificate.pem";
    opts.http.client_key_password = secret::from_file("/no/such/file");
    EXPECT_THAT(lines_about(opts),
                ElementsAre(AllOf(StartsWith("http.proxy_credential: "), HasSubstr("LOGFERRY_TEST_NO_SUCH_VARIABLE")),
                            AllOf(StartsWith("http.client_key_password: "), HasSubstr("/no/such/file"))));
}

TEST(checked_options, refuse_durations_of_zero_that_would_mean_no_limit) {
    auto opts = good_options();
    opts.http.connect_timeout = milliseconds(0);
    opts.http.request_timeout = milliseconds(0);
    opts.http.low_speed_time = seconds(0);
    opts.http.connection_idle = seconds(0);
    opts.http.connection_lifetime = seconds(0);
    opts.delivery.backoff_min = milliseconds(0);
    opts.delivery.pause_min = milliseconds(0);
    EXPECT_THAT(lines_about(opts),
                ElementsAre(StartsWith("delivery.backoff_min: "), StartsWith("delivery.pause_min: "),
                            StartsWith("http.connect_timeout: "), StartsWith("http.request_timeout: "),
                            StartsWith("http.low_speed_time: "), StartsWith("http.connection_idle: "),
                            StartsWith("http.connection_lifetime: ")));
}

TEST(checked_options, take_any_low_speed_time_when_the_check_is_off) {
    auto opts = good_options();
    opts.http.low_speed_limit = 0;
    opts.http.low_speed_time = seconds(0);
    EXPECT_THAT(lines_about(opts), IsEmpty());
}

TEST(checked_options, take_zero_where_it_means_never_and_refuse_less) {
    auto opts = good_options();
    opts.delivery.loss_report_every = milliseconds(0);
    opts.delivery.max_age = milliseconds(0);
    EXPECT_THAT(lines_about(opts), IsEmpty());
    opts.delivery.loss_report_every = milliseconds(-1);
    opts.delivery.max_age = milliseconds(-1);
    opts.delivery.retry_after_max = milliseconds(-1);
    EXPECT_THAT(lines_about(opts),
                ElementsAre(StartsWith("delivery.retry_after_max: "), StartsWith("delivery.max_age: "),
                            StartsWith("delivery.loss_report_every: ")));
}

TEST(checked_options, refuse_a_longest_wait_that_is_shorter_than_the_first) {
    auto opts = good_options();
    opts.delivery.backoff_max = opts.delivery.backoff_min - milliseconds(1);
    opts.delivery.pause_max = opts.delivery.pause_min - milliseconds(1);
    EXPECT_THAT(lines_about(opts),
                ElementsAre(StartsWith("delivery.backoff_max: "), StartsWith("delivery.pause_max: ")));
}

TEST(checked_options, refuse_a_dead_letter_file_that_holds_nothing) {
    auto opts = good_options();
    opts.dead_letters.max_bytes = 4095;
    EXPECT_THAT(lines_about(opts), ElementsAre(AllOf(StartsWith("dead_letters.max_bytes: "), HasSubstr("4096"))));
    opts.dead_letters.max_bytes = 4096;
    EXPECT_THAT(lines_about(opts), IsEmpty());
}

TEST(checked_options, refuse_a_dead_letter_file_whose_name_ends_early) {
    auto opts = good_options();
    opts.dead_letters.file = std::string("letters\0.json", 13);
    EXPECT_THAT(lines_about(opts), ElementsAre(StartsWith("dead_letters.file: ")));
}

TEST(checked_options, name_the_destination_whose_own_http_options_are_wrong) {
    auto opts = good_options();
    opts.destinations[1].options.http = http_options{};
    opts.destinations[1].options.http->connect_timeout = milliseconds(0);
    opts.destinations[1].options.http->proxy = "http://a:b@127.0.0.1";
    opts.destinations[1].options.http->client_key = "key.pem";
    EXPECT_THAT(lines_about(opts), ElementsAre(StartsWith("destinations[1].http.connect_timeout: "),
                                               StartsWith("destinations[1].http.proxy: "),
                                               StartsWith("destinations[1].http.client_key: ")));
}

TEST(checked_options, refuse_what_concerns_a_spool_without_one) {
    auto opts = good_options();
    opts.buffer.spool_sync = true;
    opts.buffer.spool_on_network = true;
    EXPECT_THAT(lines_about(opts),
                ElementsAre(StartsWith("buffer.spool_sync: "), StartsWith("buffer.spool_on_network: ")));
    opts.buffer.spool = "/var/lib/shop/log-spool";
    EXPECT_THAT(lines_about(opts), IsEmpty());
}

TEST(checked_options, take_two_destinations_of_one_vendor) {
    auto opts = good_options();
    opts.destinations[1] = opts.destinations[0];
    EXPECT_THAT(lines_about(opts), IsEmpty());
    opts.destinations[1].options.name = "logsh";
    EXPECT_THAT(lines_about(opts), ElementsAre(AllOf(StartsWith("destinations[1].name: "), HasSubstr("must differ"))));
}

TEST(checked_options, want_names_for_two_destinations_of_one_vendor_with_a_spool) {
    auto opts = good_options();
    opts.buffer.spool = "/var/lib/shop/log-spool";
    opts.destinations.push_back(opts.destinations[0]);
    EXPECT_THAT(lines_about(opts), ElementsAre(AllOf(StartsWith("destinations[2].name: "), HasSubstr("give names"))));
    opts.destinations[2].options.name = "second";
    EXPECT_THAT(lines_about(opts), IsEmpty());
    opts.destinations[0].options.name = "first";
    opts.destinations[2].options.name = "";
    EXPECT_THAT(lines_about(opts), IsEmpty());
}

TEST(checked_options, refuse_a_name_that_is_too_long_to_be_told_apart) {
    auto opts = good_options();
    opts.destinations[1].options.name = std::string(255, 'n');
    EXPECT_THAT(lines_about(opts), IsEmpty());
    opts.destinations[1].options.name += 'n';
    EXPECT_THAT(lines_about(opts),
                ElementsAre(AllOf(StartsWith("destinations[1].name: "), HasSubstr("256"), HasSubstr("255"))));
}

TEST(checked_options, list_the_problems_of_everything_at_once) {
    auto opts = good_options();
    opts.http.client_key = "key.pem";
    opts.delivery.pause_min = milliseconds(0);
    opts.dead_letters.max_bytes = 0;
    opts.destinations[0].vendor = logsh{"Shop", secret(), "https://127.0.0.1:9"};
    opts.destinations[1].options.http = http_options{};
    opts.destinations[1].options.http->request_timeout = milliseconds(-5);
    const auto problems = problems_at_opening(opts);
    for (const auto* path : {"http.client_key", "delivery.pause_min", "dead_letters.max_bytes",
                             "destinations[0].api_key", "destinations[1].http.request_timeout"}) {
        EXPECT_THAT(problems, Contains(StartsWith(std::string(path) + ": ")));
    }
    EXPECT_EQ(problems.size(), 5u);
}

TEST(checked_options, are_checked_also_where_the_vendor_is_not_right) {
    auto opts = good_options();
    opts.destinations[0].vendor = logsh{"Shop", secret(), "https://127.0.0.1:9"};
    opts.destinations[0].options.in_flight = 1000;
    opts.destinations[0].options.batch_age = std::chrono::milliseconds(-1);
    opts.destinations[0].options.name = std::string(300, 'n');
    EXPECT_THAT(lines_about(opts),
                ElementsAre(StartsWith("destinations[0].in_flight: "), StartsWith("destinations[0].batch_age: "),
                            StartsWith("destinations[0].name: "), StartsWith("destinations[0].api_key: ")));
}

TEST(checked_options, look_at_no_more_destinations_than_there_may_be) {
    auto opts = good_options();
    opts.destinations.resize(20'000, opts.destinations[0]);
    EXPECT_THAT(lines_about(opts), ElementsAre(AllOf(StartsWith("destinations: "), HasSubstr("200"))));
}

// ---- files, which only the opening of a shipper looks at ----

TEST(opening, says_which_certificate_file_cannot_be_read_and_why) {
    auto opts = good_options();
    opts.destinations[1].options.http = http_options{};
    opts.destinations[1].options.http->ca_file = "/no/such/authorities.pem";
    EXPECT_THAT(problems_at_opening(opts),
                ElementsAre("destinations[1].http.ca_file: /no/such/authorities.pem cannot be read: No such file or "
                            "directory; give another, or leave it out"));
}

TEST(opening, says_so_of_each_destination) {
    auto opts = good_options();
    opts.http.ca_directory = "/no/such/directory";
    EXPECT_THAT(problems_at_opening(opts),
                ElementsAre(StartsWith("destinations[0].http.ca_directory: "),
                            AllOf(StartsWith("destinations[1].http"), HasSubstr("/no/such/directory"))));
}

TEST(opening, says_that_a_file_holds_no_certificate_or_no_key) {
    auto path = testing::TempDir() + "not_a_certificate_XXXXXX";
    const int file = ::mkstemp(path.data());
    ASSERT_GE(file, 0);
    ::close(file);
    std::ofstream(path) << "certainly not\n";
    auto opts = good_options();
    opts.destinations.pop_back();
    opts.http.ca_file = path;
    EXPECT_THAT(problems_at_opening(opts), ElementsAre(AllOf(HasSubstr("ca_file: " + path), HasSubstr("certificate"))));
    opts.http.ca_file = "";
    opts.http.client_certificate = path;
    EXPECT_THAT(problems_at_opening(opts), ElementsAre(HasSubstr("client_certificate: " + path)));
    std::remove(path.c_str());
}

}  // namespace
}  // namespace logferry::shipping
