// A world in which nginx stands between the program and the emulator, as TLS and HTTP/2 do before a real vendor.
#pragma once

#include <gmock/gmock.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <mutex>
#include <set>

#include "fault/payload.hpp"
#include "support/nginx_server.hpp"
#include "world.hpp"

namespace logferry::test {

using support::nginx_server;
using support::nginx_setup;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// All that nginx answered.
struct served {
    std::set<std::string> protocols;
    std::size_t over_http_1 = 0;
    std::set<std::string> connections;
    std::multiset<int> statuses;
};
/// Ends `nginx`, for only then it has told of everything.
[[nodiscard]] served served_by(nginx_server& nginx);

/// What a vendor has of what a program logged.
struct audit {
    std::size_t issued = 0;
    std::size_t lost = 0;
    /// Nobody logged them: unknown, or altered on their way.
    std::size_t strange = 0;
    std::size_t duplicates = 0;
};
[[nodiscard]] audit compare(const std::set<std::string>& issued, const std::vector<std::string>& arrived);

class nginx_world : public world {
protected:
    static void SetUpTestSuite() { certificates_ = std::make_unique<support::test_certificates>(); }
    static void TearDownTestSuite() { certificates_.reset(); }
    [[nodiscard]] static std::string path(const std::string& name) { return certificates_->path(name); }

    /// The setup of an nginx that hands all requests on to the emulator.
    [[nodiscard]] nginx_setup handing_on() const { return {.upstream = server.port()}; }
    [[nodiscard]] static std::unique_ptr<nginx_server> start(const nginx_setup& setup) {
        return std::make_unique<nginx_server>(*certificates_, setup);
    }

    [[nodiscard]] logferry::logsh logsh_behind(const nginx_server& nginx) const;
    [[nodiscard]] logferry::profound profound_behind(const nginx_server& nginx) const;

    /// Options of an application that trusts the test's authority, tries again soon, waits for room in the buffer, and
    /// tells the vendor of no losses.
    [[nodiscard]] options trusting(destination to);
    [[nodiscard]] options trusting(vendor_options vendor) { return trusting(destination{std::move(vendor)}); }
    /// Opens `sink`.
    void open(options opts) { sink = std::make_shared<spdlog_sink>(std::move(opts)); }

    /// Logs records with texts of their own. Any thread.
    void log_text(std::uint64_t id, spdlog::level::level_enum lvl = spdlog::level::info);
    void log_texts(std::size_t count);
    /// Logs entries of an access log with paths of their own.
    void log_requests(std::size_t count);
    /// Waits, half a minute at most, for something that the worker is about to do.
    [[nodiscard]] bool eventually(const std::function<bool(const destination_stats&)>& came_true);

    /// Waits until all that was logged is settled; fails the test unless all of it is delivered, nothing else, and
    /// at most `duplicates` of it twice. Prints the figures.
    void expect_all(std::size_t duplicates = 0);

    /// The texts that the emulator took, in order of arrival.
    [[nodiscard]] std::vector<std::string> texts() const;
    /// What was issued.
    [[nodiscard]] std::set<std::string> issued() const;

private:
    void note(std::string text);

    static inline std::unique_ptr<support::test_certificates> certificates_;

    mutable std::mutex issued_mutex_;
    std::set<std::string> issued_;
};

/// Prints a figure beside the test, which no assertion is about.
template <typename T>
void print_figure(const std::string& name, const T& figure) {
    std::ostringstream text;
    text << figure;
    testing::Test::RecordProperty(name, text.str());
    std::cout << "             " << name << ": " << text.str() << '\n';
}

}  // namespace logferry::test
