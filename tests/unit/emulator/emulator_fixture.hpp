// Verbs for stories about the running emulator.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include <logferry/emulator.hpp>

#include "http_client.hpp"

namespace logferry {

using nlohmann::json;
using namespace std::chrono_literals;

/// A request that the vendor takes: the url's path after `base_url`, the body, and the headers.
struct good_request {
    std::string path;
    std::string body;
    std::vector<std::string> headers;
};

inline good_request good_request_for(const emulator& server, const std::string& vendor) {
    const auto token = server.token(vendor);
    const std::vector<std::string> bearer = {"Content-Type: application/json", "Accept: application/json",
                                             "Authorization: Bearer " + token};
    const std::map<std::string, good_request> all = {
        {"logsfori",
         {"/push-log", json{{"token", token}, {"message", "hello"}}.dump(), {"Content-Type: application/json"}}},
        {"logsh", {"/api/event", R"({"workspace":"w","event":"e","description":"d"})", bearer}},
        {"logsentry", {"/auditlog", R"({"project":1,"level":6,"msg":"m"})", bearer}},
        {"profound",
         {"/v1/logs/custom",
          R"([{"timestamp":"2024-01-11T12:00:00Z","method":"GET","host":"example.com","path":"/","status_code":200,)"
          R"("ip":"192.0.2.1","user_agent":"test"}])",
          {"Content-Type: application/json", "x-api-key: " + token}}},
        {"logwire", {"/api/v1/log/create", R"({"channel_id":"c","label":"l","body":"b","type":"error"})", bearer}},
    };
    return all.at(vendor);
}

class emulator_test : public ::testing::Test {
protected:
    http_answer send_good(const std::string& vendor) { return send_good(vendor, client_); }
    http_answer send_good(const std::string& vendor, http_client& client) const {
        const auto good = good_request_for(server_, vendor);
        return client.post(server_.base_url(vendor) + good.path, good.body, good.headers);
    }
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

    emulator server_;
    http_client client_;
};

}  // namespace logferry
