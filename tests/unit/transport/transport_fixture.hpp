// The verbs in which the transport's tests are told.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <transport/curl_transport.hpp>

#include "support/raw_server.hpp"

namespace logferry::transport {

using namespace std::chrono_literals;
using support::again;
using support::always;
using support::answer;
using support::close_connection;
using support::drip;
using support::flood;
using support::hold;
using support::raw_request;
using support::raw_server;
using support::read_bytes;
using support::read_request;
using support::reset_connection;
using support::respond;
using support::script;
using support::send;

class transport_test : public ::testing::Test {
protected:
    /// Where a vendor's headers are of no interest.
    endpoint_id endpoint(const std::string& url) { return add({url, {{"Content-Type", "text/plain"}}}); }

    endpoint_id add(const http_endpoint& endpoint) { return transport_->add(endpoint, options_); }

    /// For the endpoints that are added from now on.
    void use(const http_options& options) { options_ = options; }

    void start(endpoint_id to, std::string_view body, std::uint64_t tag = 0) {
        transport_->start({.to = to, .body = body, .tag = tag});
    }

    /// Drives until so many requests have ended, in the order in which they did.
    std::vector<completion> finish(std::size_t count) {
        std::vector<completion> done;
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (done.size() < count && std::chrono::steady_clock::now() < deadline) transport_->drive(1s, done);
        EXPECT_EQ(done.size(), count);
        done.resize(count);
        return done;
    }

    /// Sends everything that can be sent, without waiting for an end.
    void drive_until(const auto& condition) {
        std::vector<completion> done;
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (!condition() && std::chrono::steady_clock::now() < deadline) transport_->drive(1ms, done);
        ASSERT_TRUE(condition());
        ASSERT_TRUE(done.empty());
    }

    http_response post(endpoint_id to, std::string_view body) {
        start(to, body);
        return finish(1).front().response;
    }

    /// For a request that must not be sent twice.
    http_response post_once(endpoint_id to, std::string_view body) {
        transport_->start({.to = to, .body = body, .once = true});
        return finish(1).front().response;
    }

    waker waker_;
    descriptor_list open_;
    http_options options_;
    std::unique_ptr<transport> transport_ = make_curl_transport(waker_, open_);
};

}  // namespace logferry::transport
