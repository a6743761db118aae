// What reading a configuration noticed is told when a shipper opens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include <logferry/shipper.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/engine.hpp>
#include <transport/curl_transport.hpp>
#include <unit/config/reading.hpp>

namespace logferry::config {
namespace {

using testing::ElementsAre;

// Nobody listens on the discard port, and nothing is sent.
TEST(notices, are_told_once_each) {
    auto opts = from_json(R"({"destinations": [
        {"vendor": "logsfori", "token": "hunter2", "base_url": "https://127.0.0.1:9"},
        {"vendor": "logsh", "workspace": "shop", "api_key": "env:LOGFERRY_TEST_TOKEN", "base_url": "https://127.0.0.1:9"},
        {"vendor": "logsentry", "project": 1, "token": "hunter3", "base_url": "https://127.0.0.1:9"},
        {"vendor": "profound", "api_key": "hunter4", "base_url": "https://127.0.0.1:9"}]})");
    std::vector<std::string> told;
    opts.on_event = [&told](const event& what) {
        EXPECT_EQ(what.what, event::kind::notice);
        EXPECT_EQ(what.destination, "");
        EXPECT_EQ(what.text.find("hunter"), std::string_view::npos);
        told.emplace_back(what.text.substr(0, what.text.find(' ')));
    };
    // The worker, which tells them, is gone when this is over.
    shipper::open(opts)->close(std::chrono::seconds(30));
    EXPECT_THAT(told, ElementsAre("destinations[0].token:", "destinations[2].token:", "destinations[3].api_key:"));
}

std::size_t told_by_engine(shipping::opener by) {
    auto opts = from_json(
        R"({"destinations": [{"vendor": "logsfori", "token": "hunter2", "base_url": "https://127.0.0.1:9"}]})");
    std::size_t told = 0;
    opts.on_event = [&told](const event&) { ++told; };
    shipping::engine works(shipping::checked_options(opts, by), opts);
    works.begin_close(std::chrono::milliseconds(0));
    works.run();
    return told;
}

TEST(notices, are_told_by_a_program_and_not_again_by_its_forked_child) {
    transport::initialise_curl();
    EXPECT_EQ(told_by_engine(shipping::opener::program), 1U);
    EXPECT_EQ(told_by_engine(shipping::opener::forked_child), 0U);
}

}  // namespace
}  // namespace logferry::config
