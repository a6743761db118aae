// Options from a file, the environment and settings.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <unit/config/reading.hpp>

namespace logferry::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto good = R"({"destinations": [{"vendor": "logsfori", "token": "env:LOGFERRY_TEST_TOKEN"}]})";

class a_file : public testing::Test {
protected:
    a_file() {
        if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error(directory_);
        path_ = directory_ + "/logferry.json";
    }
    ~a_file() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& text) {
        std::ofstream(path_, std::ios::binary) << text;
        return path_;
    }
    lines problems() {
        return problems_in([this] { static_cast<void>(from_file(path_)); });
    }

    std::string directory_ = testing::TempDir() + "logferry_config_XXXXXX";
    std::string path_;
};

TEST_F(a_file, is_read) { EXPECT_EQ(from_file(write(good)).destinations.size(), 1U); }

TEST_F(a_file, may_be_a_pipe) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    std::thread writer([this] { write(good); });
    EXPECT_EQ(from_file(path_).destinations.size(), 1U);
    writer.join();
}

TEST_F(a_file, is_named_when_it_cannot_be_read) {
    EXPECT_THAT(problems(), ElementsAre(path_ + ": cannot be read: No such file or directory; give the path of a file "
                                                "with JSON"));
    path_ = directory_;
    EXPECT_THAT(problems(), ElementsAre(path_ + ": cannot be read: Is a directory; give the path of a file with JSON"));
    path_ = "";
    EXPECT_THAT(problems(), ElementsAre("configuration: cannot be read: No such file or directory; give the path of a "
                                        "file with JSON"));
}

TEST_F(a_file, is_named_when_it_is_no_json) {
    write("{");
    EXPECT_THAT(problems(),
                ElementsAre(path_ + ": is not JSON at line 1, column 2: the text ends before the JSON does; "
                                    "a quote, a bracket or a brace is not closed"));
    write("5");
    EXPECT_THAT(problems(), ElementsAre(path_ + R"(: is a number; give an object, {"destinations": [...]})"));
    write(std::string(5 * 1024 * 1024, ' '));
    EXPECT_THAT(problems(), ElementsAre(path_ + ": is longer than 1 MiB; no configuration needs that"));
}

class the_environment : public a_file {
protected:
    static lines problems_with(const std::string& value) {
        ::setenv("LOGFERRY_TEST_CONFIG", value.c_str(), 1);
        return problems_in([] { static_cast<void>(from_env("LOGFERRY_TEST_CONFIG")); });
    }
};

TEST_F(the_environment, has_the_json_itself) {
    EXPECT_THAT(problems_with(good), IsEmpty());
    EXPECT_THAT(problems_with(std::string("\n  ") + good), IsEmpty());
    EXPECT_THAT(problems_with("{"), ElementsAre(testing::StartsWith("LOGFERRY_TEST_CONFIG: is not JSON at line 1")));
}

TEST_F(the_environment, has_a_files_path) {
    EXPECT_THAT(problems_with(write(good)), IsEmpty());
    // Which is not shown, for it may be something else.
    EXPECT_THAT(problems_with("'{\"token\": \"hunter2\"}'"),
                ElementsAre("LOGFERRY_TEST_CONFIG: is not JSON that begins with {, and as a file's path it cannot be "
                            "read: No such file or directory; give one or the other"));
}

TEST_F(the_environment, has_a_variable_of_its_own) {
    ::setenv("LOGFERRY_CONFIG", good, 1);
    EXPECT_EQ(from_env().destinations.size(), 1U);
    ::unsetenv("LOGFERRY_CONFIG");
    EXPECT_THAT(problems_in([] { static_cast<void>(from_env()); }),
                ElementsAre("LOGFERRY_CONFIG: is not set; set this environment variable to JSON, or to the path of a "
                            "file with it"));
    EXPECT_THAT(problems_with(""), ElementsAre(testing::StartsWith("LOGFERRY_TEST_CONFIG: is not set")));
}

TEST(settings, say_what_json_says) {
    const auto read = from_settings({{"Vendor", "logwire"},
                                     {"BaseUrl", "https://logwire.example.org"},
                                     {"ChannelId", "42"},
                                     {"Token", "env:LOGFERRY_TEST_TOKEN"},
                                     {"Types", R"({"info": "success"})"},
                                     {"Tags", " backend , {level},eu"},
                                     {"MinLevel", "Warning"},
                                     {"InFlight", "007"},
                                     {"BatchAge", "1s"},
                                     {"ServiceName", "shop"},
                                     {"BufferSize", "16MiB"},
                                     {"BufferMaxRecord", "2048"},
                                     {"Spool", "/var/lib/shop/spool"},
                                     {"SpoolSync", "true"},
                                     {"SpoolOnNetwork", "true"},
                                     {"DeliveryMaxAge", "7d"},
                                     {"HttpRequestTimeout", "20s"},
                                     {"HttpTlsMinimum", "tls1_3"},
                                     {"DeadLettersFile", "/var/log/shop/letters"},
                                     {"CloseBudget", "2s"},
                                     {"Receipts", "true"}});
    ASSERT_EQ(read.destinations.size(), 1U);
    const auto& to = read.destinations[0];
    const auto& vendor = std::get<logwire>(to.vendor);
    EXPECT_EQ(vendor.base_url, "https://logwire.example.org");
    EXPECT_EQ(vendor.channel_id, "42");
    EXPECT_EQ(vendor.token.reveal(), "token-of-the-test");
    EXPECT_EQ(vendor.types[2], "success");
    EXPECT_EQ(vendor.types[4], "error");
    EXPECT_THAT(vendor.tags, ElementsAre("backend", "{level}", "eu"));
    EXPECT_EQ(to.options.min_level, level::warn);
    EXPECT_EQ(to.options.in_flight, 7U);
    EXPECT_EQ(to.options.batch_age, 1s);
    EXPECT_EQ(read.service.name, "shop");
    EXPECT_EQ(read.buffer.size, 16U * 1024 * 1024);
    EXPECT_EQ(read.buffer.max_record, 2048U);
    EXPECT_EQ(read.buffer.spool, "/var/lib/shop/spool");
    EXPECT_TRUE(read.buffer.spool_sync);
    EXPECT_TRUE(read.buffer.spool_on_network);
    EXPECT_EQ(read.delivery.max_age, 168h);
    EXPECT_EQ(read.http.request_timeout, 20s);
    EXPECT_EQ(read.http.tls_minimum, tls_version::tls1_3);
    EXPECT_EQ(read.dead_letters.file, "/var/log/shop/letters");
    EXPECT_EQ(read.close_budget, 2s);
    EXPECT_TRUE(read.receipts);
}

TEST(settings, take_an_empty_list_only_where_it_is_written) {
    const auto with = [](const char* redact) {
        return std::vector<setting>{{"Vendor", "profound"}, {"ApiKey", "env:LOGFERRY_TEST_TOKEN"}, {"Redact", redact}};
    };
    EXPECT_THAT(std::get<profound>(from_settings(with("[]")).destinations[0].vendor).redact, IsEmpty());
    EXPECT_THAT(std::get<profound>(from_settings(with(R"(["a,b"])")).destinations[0].vendor).redact,
                ElementsAre("a,b"));
    EXPECT_THAT(problems_in_settings(with(" ")), ElementsAre(testing::StartsWith("Redact: is empty; ")));
}

TEST(settings, refuse_a_list_that_is_not_closed) {
    EXPECT_THAT(problems_in_settings({{"Vendor", "profound"}, {"ApiKey", "env:LOGFERRY_TEST_TOKEN"}, {"Redact", "["}}),
                ElementsAre(testing::StartsWith("Redact: is not JSON")));
}

TEST(settings, name_their_own_keys_in_problems) {
    EXPECT_THAT(
        problems_in_settings({{"Vendor", "logsh"},
                              {"Workspace", std::string(36, 'x')},
                              {"ApiKey", "env:LOGFERRY_TEST_UNSET"},
                              {"Icons", R"({"warn": "word", "off": "", "info": "", "info": ""})"},
                              {"InFlight", "many"},
                              {"AnyIcon", "yes"},
                              {"BufferSize", "1KiB"},
                              {"CloseBudget", "5"},
                              {"HttpProxy", "proxy:3128"},
                              {"SpoolSync", "true"},
                              {"NotifyPerMinute", "99999999999999999999999"}}),
        ElementsAre("Icons.info: is given more than once; keep one",
                    "CloseBudget: has no unit; write ms, s, min, h or d behind the number",
                    "InFlight: is text; give a whole number",
                    "ApiKey: is missing: environment variable LOGFERRY_TEST_UNSET is not set; set it, or name another",
                    "Icons.off: is not a level of records; choose trace, debug, info, warn, error or critical",
                    "AnyIcon: is text; give true or false", "NotifyPerMinute: is too large; choose at most 4294967295",
                    "BufferSize: is 1024; choose 262144 to 68719476736",
                    "SpoolSync: is set without a spool; give one or leave it out",
                    "HttpProxy: does not begin with http:// or https://; give the proxy's whole URL",
                    "Workspace: is 36 UTF-16 units long; Logsh takes at most 35",
                    testing::StartsWith("Icons.warn: is not on the list of emoji")));
}

TEST(settings, suggest_the_key_that_was_meant) {
    const auto said = [](const std::string& key) {
        const auto all =
            problems_in_settings({{"Vendor", "logsfori"}, {"Token", "env:LOGFERRY_TEST_TOKEN"}, {key, "1"}});
        return all.empty() ? std::string("nothing") : all.front();
    };
    EXPECT_EQ(said("token"), "token: is not known; did you mean Token?");
    EXPECT_EQ(said("base_url"), "base_url: is not known; did you mean BaseUrl?");
    EXPECT_EQ(said("BufferSice"), "BufferSice: is not known; did you mean BufferSize?");
    EXPECT_EQ(said("RequestTimeout"), "RequestTimeout: is not known; did you mean HttpRequestTimeout?");
    EXPECT_EQ(said("BufferSpool"), "BufferSpool: is not known; did you mean Spool?");
    EXPECT_EQ(said("Workspace"), "Workspace: is not known here; it belongs to vendor logsh");
    EXPECT_EQ(said("Colour"), "Colour: is not known; docs/configuration.md has the keys");
    EXPECT_EQ(said("Token"), "Token: is given more than once; keep one");
}

TEST(settings, need_a_vendor) {
    EXPECT_THAT(problems_in_settings({{"Workspace", "shop"}}),
                ElementsAre("Vendor: is missing; choose logsfori, logsh, logsentry, profound or logwire"));
    EXPECT_THAT(problems_in_settings({{"Vendor", "Logsh"}, {"Workspace", "shop"}}),
                ElementsAre("Vendor: is not a vendor that is known; choose logsfori, logsh, logsentry, profound or "
                            "logwire (did you mean logsh?)"));
    EXPECT_THAT(problems_in_settings({{"Vendor", "logsfori"}}),
                ElementsAre(R"(Token: is missing; give "env:NAME" or "file:PATH")"));
}

TEST(settings, notice_a_literal_credential) {
    EXPECT_THAT(lines_of(from_settings({{"Vendor", "logsfori"}, {"Token", "hunter2"}}).notices),
                ElementsAre(testing::StartsWith("Token: is a credential written into the configuration")));
}

}  // namespace
}  // namespace logferry::config
