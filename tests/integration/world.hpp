// A program's world for one test: the emulator, and what was received there, read back as JSON.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <logferry/emulator.hpp>
#include <logferry/spdlog_sink.hpp>

namespace logferry::test {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

class world : public testing::Test {
    // Before the sink, which tells of something up to its end.
    std::mutex events_mutex_;
    std::vector<std::pair<event::kind, std::string>> events_;

protected:
    // Options as an application writes them, pointed at the emulator.
    [[nodiscard]] secret token(const std::string& vendor) const { return secret(server.token(vendor)); }
    [[nodiscard]] logferry::logsfori logsfori() const { return {token("logsfori"), server.base_url("logsfori")}; }
    [[nodiscard]] logferry::logsh logsh() const { return {"Shop", token("logsh"), server.base_url("logsh")}; }
    [[nodiscard]] logferry::logsentry logsentry() const {
        return {12, token("logsentry"), server.base_url("logsentry")};
    }
    [[nodiscard]] logferry::profound profound() const { return {token("profound"), server.base_url("profound")}; }
    [[nodiscard]] logferry::logwire logwire() const {
        return {server.base_url("logwire"), "channel", token("logwire")};
    }
    [[nodiscard]] std::vector<destination> all_vendors() const {
        return {{logsfori()}, {logsh()}, {logsentry()}, {profound()}, {logwire()}};
    }

    /// Options that remember events instead of printing them.
    [[nodiscard]] options quiet(std::vector<destination> destinations) {
        options opts;
        opts.destinations = std::move(destinations);
        opts.on_event = [this](const event& e) {
            const std::lock_guard lock(events_mutex_);
            events_.emplace_back(e.what, std::string(e.destination) + ": " + std::string(e.text));
        };
        return opts;
    }
    [[nodiscard]] std::vector<std::string> events(event::kind what) {
        const std::lock_guard lock(events_mutex_);
        std::vector<std::string> texts;
        for (const auto& [kind, text] : events_) {
            if (kind == what) texts.push_back(text);
        }
        return texts;
    }
    /// The same, once there is one; after half a minute without one, none.
    [[nodiscard]] std::vector<std::string> awaited_events(event::kind what) {
        const auto deadline = std::chrono::steady_clock::now() + seconds(30);
        while (events(what).empty() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        return events(what);
    }

    /// A logger with a sink to one vendor, and the sink, which waits so long at most when it is destroyed.
    std::shared_ptr<spdlog::logger> logger_to(vendor_options vendor,
                                              milliseconds close_budget = options().close_budget) {
        auto opts = quiet({{std::move(vendor)}});
        opts.close_budget = close_budget;
        sink = std::make_shared<spdlog_sink>(std::move(opts));
        auto log = std::make_shared<spdlog::logger>("shop", sink);
        log->set_level(spdlog::level::trace);
        return log;
    }

    /// The ledger once everything is settled; fails the test if that takes too long or does not balance.
    destination_stats settled(shipper& of, std::size_t index = 0) {
        const auto stats = of.drain(seconds(100));
        EXPECT_EQ(stats.pending(), 0u) << stats.destinations[index].last_error;
        EXPECT_TRUE(stats.balanced());
        return stats.destinations[index];
    }
    destination_stats settled() { return settled(*sink->get_shipper()); }

    /// The bodies of the requests that the emulator took, in order of arrival.
    [[nodiscard]] std::vector<json> bodies(const std::string& vendor) const {
        std::vector<json> result;
        for (const auto& request : server.received(vendor)) {
            EXPECT_EQ(request.problem, "") << request.body;
            result.push_back(json::parse(request.body));
        }
        return result;
    }
    [[nodiscard]] json only_body(const std::string& vendor) const {
        const auto all = bodies(vendor);
        EXPECT_EQ(all.size(), 1u);
        return all.empty() ? json() : all.front();
    }

    emulator server;
    std::shared_ptr<spdlog_sink> sink;
};

}  // namespace logferry::test
