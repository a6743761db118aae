// One document that sets everything, and every member as somebody read it there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>

#include <unit/config/reading.hpp>

namespace logferry::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t KiB = 1024;
constexpr std::size_t MiB = 1024 * KiB;

class everything : public testing::Test {
protected:
    options read_ = from_file(std::string(LOGFERRY_TEST_DOCUMENTS) + "/good/everything.json");

    template <class Vendor>
    const Vendor& vendor_at(std::size_t index) {
        return std::get<Vendor>(read_.destinations.at(index).vendor);
    }
};

TEST_F(everything, common) {
    EXPECT_EQ(read_.service.name, "shop");
    EXPECT_EQ(read_.service.version, "1.2.3");
    EXPECT_EQ(read_.service.environment, "production");
    EXPECT_EQ(read_.dead_letters.file, "/var/log/shop/dead-letters");
    EXPECT_EQ(read_.dead_letters.max_bytes, 8 * KiB);
    EXPECT_EQ(read_.close_budget, 9s);
    EXPECT_TRUE(read_.receipts);
    EXPECT_FALSE(read_.on_event);
    EXPECT_THAT(lines_of(read_.notices), IsEmpty());
    EXPECT_EQ(read_.destinations.size(), 5U);
}

TEST_F(everything, buffer) {
    const auto& b = read_.buffer;
    EXPECT_EQ(b.size, 512 * MiB);
    EXPECT_EQ(b.segment_size, 2 * MiB);
    EXPECT_EQ(b.max_record, 65536U);
    EXPECT_EQ(b.when_full, overflow::drop_oldest);
    EXPECT_EQ(b.block_for, 250ms);
    EXPECT_EQ(b.spool, "/var/lib/shop/log-spool");
    EXPECT_TRUE(b.spool_sync);
    EXPECT_TRUE(b.spool_on_network);
    EXPECT_EQ(b.quarantine_size, 1024 * MiB);
}

TEST_F(everything, delivery) {
    const auto& d = read_.delivery;
    EXPECT_EQ(d.backoff_min, 1s);
    EXPECT_EQ(d.backoff_max, 120s);
    EXPECT_EQ(d.retry_after_max, 3600s);
    EXPECT_EQ(d.pause_min, 90s);
    EXPECT_EQ(d.pause_max, 1200s);
    EXPECT_EQ(d.max_age, 604800s);
    EXPECT_EQ(d.loss_report_every, 0s);
}

TEST_F(everything, http) {
    const auto& h = read_.http;
    EXPECT_EQ(h.connect_timeout, 3s);
    EXPECT_EQ(h.request_timeout, 20s);
    EXPECT_EQ(h.low_speed_limit, 100U);
    EXPECT_EQ(h.low_speed_time, 10s);
    EXPECT_TRUE(h.allow_insecure);
    EXPECT_EQ(h.ca_file, "/etc/shop/ca.pem");
    EXPECT_EQ(h.ca_directory, "/etc/shop/ca");
    EXPECT_EQ(h.client_certificate, "/etc/shop/client.pem");
    EXPECT_EQ(h.client_key, "/etc/shop/client.key");
    EXPECT_EQ(h.client_key_password.reveal(), "password-of-the-test");
    EXPECT_EQ(h.tls_minimum, tls_version::tls1_3);
    EXPECT_EQ(h.proxy, "http://proxy.example.org:3128");
    EXPECT_EQ(h.proxy_credential.reveal(), "password-of-the-test");
    EXPECT_FALSE(h.proxy_from_environment);
    EXPECT_EQ(h.connection_idle, 40s);
    EXPECT_EQ(h.connection_lifetime, 7200s);
}

TEST_F(everything, destination) {
    const auto& o = read_.destinations[0].options;
    EXPECT_EQ(o.min_level, level::debug);
    EXPECT_EQ(o.name, "events");
    EXPECT_EQ(o.in_flight, 2U);
    EXPECT_EQ(o.batch_records, 1U);
    EXPECT_EQ(o.batch_bytes, 4 * KiB);
    EXPECT_EQ(o.batch_age, 100ms);
    ASSERT_TRUE(o.http);
    EXPECT_EQ(o.http->request_timeout, 5s);
    EXPECT_FALSE(o.http->allow_insecure);
    // What is not said there is as in the document's own.
    EXPECT_EQ(o.http->connect_timeout, 3s);
    EXPECT_EQ(o.http->ca_file, "/etc/shop/ca.pem");
    EXPECT_EQ(o.http->tls_minimum, tls_version::tls1_3);
    EXPECT_EQ(o.http->proxy_credential.reveal(), "password-of-the-test");
    EXPECT_EQ(o.http->connection_lifetime, 7200s);
    EXPECT_FALSE(read_.destinations[1].options.http);
    EXPECT_FALSE(read_.destinations[1].options.batch_age);
}

TEST_F(everything, logsfori) {
    const auto& v = vendor_at<logferry::logsfori>(0);
    EXPECT_EQ(v.token.reveal(), "token-of-the-test");
    EXPECT_EQ(v.base_url, "https://logsfori.example.org");
    EXPECT_EQ(v.event_name, "{logger}.event");
    EXPECT_EQ(v.transaction_id, "{field:transaction}");
    EXPECT_EQ(v.resource_id, "{field:resource}");
    EXPECT_EQ(v.execution_time, "{field:took}");
    EXPECT_THAT(v.severities, ElementsAre("info", "info", "warning", "error", "critical", "debug"));
    EXPECT_FALSE(v.record_id);
}

TEST_F(everything, logsh) {
    const auto& v = vendor_at<logferry::logsh>(1);
    EXPECT_EQ(v.workspace, "shop");
    EXPECT_EQ(v.api_key.reveal(), "token-of-the-test");
    EXPECT_EQ(v.base_url, "https://logsh.example.org");
    EXPECT_EQ(v.event, "{logger}");
    EXPECT_EQ(v.description, "{message}");
    EXPECT_EQ(v.description_limit, 200U);
    EXPECT_EQ(v.message_parts, 2U);
    EXPECT_THAT(v.icons, ElementsAre("🔥", "🔥", "🔥", "🔥", "🔥", ""));
    EXPECT_TRUE(v.any_icon);
    EXPECT_EQ(v.notify_from, level::critical);
    EXPECT_EQ(v.notify_per_minute, 3U);
    EXPECT_FALSE(v.record_id);
}

TEST_F(everything, logsentry) {
    const auto& v = vendor_at<logferry::logsentry>(2);
    EXPECT_EQ(v.project, 12);
    EXPECT_EQ(v.token.reveal(), "token-of-the-test");
    EXPECT_EQ(v.base_url, "https://logsentry.example.org/api");
    EXPECT_EQ(v.flavor, logferry::logsentry::api::event_v1);
    EXPECT_EQ(v.app, "shop");
    EXPECT_EQ(v.context_as, logferry::logsentry::shape::nested);
    EXPECT_EQ(v.user, "{field:who}");
    EXPECT_EQ(v.request, "{field:asked}");
    EXPECT_THAT(v.levels, ElementsAre(6, 6, 5, 3, 2, 0));
    EXPECT_EQ(v.severity_field, "how_bad");
    EXPECT_FALSE(v.record_id);
}

TEST_F(everything, profound) {
    const auto& v = vendor_at<logferry::profound>(3);
    EXPECT_EQ(v.api_key.reveal(), "token-of-the-test");
    EXPECT_EQ(v.base_url, "https://profound.example.org");
    EXPECT_EQ(v.host, "{field:a}");
    EXPECT_EQ(v.method, "{field:b}");
    EXPECT_EQ(v.path, "{field:c}");
    EXPECT_EQ(v.status_code, "{field:d}");
    EXPECT_EQ(v.ip, "{field:e}");
    EXPECT_EQ(v.user_agent, "{field:f}");
    EXPECT_EQ(v.query_params, "{field:g}");
    EXPECT_EQ(v.referer, "{field:h}");
    EXPECT_EQ(v.bytes_sent, "{field:i}");
    EXPECT_EQ(v.duration_ms, "{field:j}");
    EXPECT_EQ(v.duration_unit, logferry::profound::unit::microseconds);
    EXPECT_EQ(v.missing_ip, "0.0.0.0");
    EXPECT_EQ(v.missing_user_agent, "Unknown");
    EXPECT_THAT(v.redact, ElementsAre("pin", "iban"));
    EXPECT_TRUE(v.at_most_once);
    EXPECT_TRUE(v.gzip);
}

TEST_F(everything, logwire) {
    const auto& v = vendor_at<logferry::logwire>(4);
    EXPECT_EQ(v.base_url, "https://logwire.example.org");
    EXPECT_EQ(v.channel_id, "42");
    EXPECT_EQ(v.token.reveal(), "token-of-the-test");
    EXPECT_EQ(v.reference, "{field:session}");
    EXPECT_EQ(v.label, "{logger}");
    EXPECT_EQ(v.body, "{message}");
    EXPECT_EQ(v.type, "{field:kind}");
    EXPECT_THAT(v.types, ElementsAre("action", "action", "success", "error", "page_view", "information"));
    EXPECT_EQ(v.alert_from, level::err);
    EXPECT_EQ(v.alert_per_minute, 4U);
    EXPECT_THAT(v.tags, ElementsAre("backend", "{level}"));
    EXPECT_EQ(v.custom_references, logferry::logwire::references::pairs);
    EXPECT_FALSE(v.record_id);
}

TEST(words, of_every_enumeration) {
    const auto chosen = [](const std::string& members) { return from_json(with(members)); };
    EXPECT_EQ(chosen(R"("buffer": {"when_full": "shed"})").buffer.when_full, overflow::shed);
    EXPECT_EQ(chosen(R"("buffer": {"when_full": "block"})").buffer.when_full, overflow::block);
    EXPECT_EQ(chosen(R"("buffer": {"when_full": "drop_oldest"})").buffer.when_full, overflow::drop_oldest);
    EXPECT_EQ(chosen(R"("http": {"tls_minimum": "tls1_2"})").http.tls_minimum, tls_version::tls1_2);
    EXPECT_EQ(chosen(R"("http": {"tls_minimum": "tls1_3"})").http.tls_minimum, tls_version::tls1_3);
    for (const auto& [word, unit] : {std::pair("milliseconds", logferry::profound::unit::milliseconds),
                                     std::pair("microseconds", logferry::profound::unit::microseconds),
                                     std::pair("seconds", logferry::profound::unit::seconds)}) {
        const auto read = from_settings({{"Vendor", "profound"},
                                         {"ApiKey", "env:LOGFERRY_TEST_TOKEN"},
                                         {"DurationMs", "{field:took}"},
                                         {"DurationUnit", word}});
        EXPECT_EQ(std::get<logferry::profound>(read.destinations[0].vendor).duration_unit, unit);
    }
}

TEST(tables_by_level, keep_what_is_not_said) {
    const auto read = from_json(logsh_with(R"("icons": {"WARNING": "🔥", "fatal": ""})"));
    EXPECT_THAT(std::get<logsh>(read.destinations[0].vendor).icons, ElementsAre("🔍", "🐛", "ℹ️", "🔥", "❌", ""));
}

TEST(the_page, has_an_example_that_works) {
    std::ifstream page(std::string(LOGFERRY_DOCS) + "/configuration.md");
    const std::string text((std::istreambuf_iterator<char>(page)), std::istreambuf_iterator<char>());
    const auto begin = text.find("```json\n");
    ASSERT_NE(begin, std::string::npos);
    const auto example = text.substr(begin + 8, text.find("```", begin + 8) - begin - 8);
    ::setenv("LOGSH_API_KEY", "logsh.co_example", 1);
    ::setenv("LOGSFORI_TOKEN", "example", 1);
    const auto read = from_json(example);
    EXPECT_EQ(read.service.name, "shop");
    ASSERT_EQ(read.destinations.size(), 2U);
    EXPECT_EQ(std::get<logsh>(read.destinations[0].vendor).workspace, "shop");
    EXPECT_EQ(std::get<logsfori>(read.destinations[1].vendor).token.reveal(), "example");
}

}  // namespace
}  // namespace logferry::config
