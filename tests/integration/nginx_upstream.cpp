// What stands behind nginx is slow, silent, or gone for a while.
#include <chrono>
#include <optional>

#include "nginx_world.hpp"
#include "support/kept_port.hpp"

namespace logferry::test {
namespace {

class nginx_upstream : public nginx_world {
protected:
    static constexpr std::size_t in_flight = 8;

    /// Each answer takes 50 ms. Prints which part of what `in_flight` requests could do at best was done.
    void deliver_slowly(const nginx_setup& setup) {
        constexpr std::size_t records = 320;
        constexpr milliseconds latency(50);
        server.fail_next("logsh", {.status = 0, .delay = latency}, records);
        const auto nginx = start(setup);
        open(trusting({logsh_behind(*nginx), {.in_flight = in_flight}}));

        const auto began = std::chrono::steady_clock::now();
        log_texts(records);
        expect_all();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        const std::chrono::duration<double> best = latency * (records / in_flight);
        EXPECT_GE(took, best) << "faster than so many requests in flight can be";
        print_figure("part of the best rate", best / took);
    }
};

TEST_F(nginx_upstream, slow_vendor_over_http_1_1) {
    auto setup = handing_on();
    setup.http2 = false;
    deliver_slowly(setup);
}

TEST_F(nginx_upstream, slow_vendor_over_one_http_2_connection) { deliver_slowly(handing_on()); }

// nginx answers 504 for a vendor that says nothing. It has the record or not: here it has not.
TEST_F(nginx_upstream, vendor_that_says_nothing_for_some_requests) {
    constexpr std::size_t silences = 5;
    auto setup = handing_on();
    setup.directives = "proxy_read_timeout 1s;";
    server.fail_next("logsh", {.status = 503, .delay = std::chrono::hours(1)}, silences);
    const auto nginx = start(setup);
    open(trusting({logsh_behind(*nginx), {.in_flight = in_flight}}));
    log_texts(100);
    static_cast<void>(settled());

    // Every other 504 is of a machine so busy that the emulator was late.
    const std::size_t timeouts = served_by(*nginx).statuses.count(504);
    ASSERT_GE(timeouts, silences);
    expect_all(timeouts - silences);
}

/// An emulator that can be stopped and started again on the same port, and what its lives took together.
class mortal_vendor {
public:
    [[nodiscard]] std::uint16_t port() const { return port_.number(); }
    [[nodiscard]] bool wait_for(std::size_t records) const { return server_->wait_for("logsh", records, seconds(30)); }
    void stop() { server_.reset(); }
    void start() { server_.emplace(keeping_account()); }
    [[nodiscard]] std::vector<std::string> taken() const {
        const std::lock_guard lock(mutex_);
        return taken_;
    }

private:
    [[nodiscard]] emulator_options keeping_account() {
        return {.port = port(), .on_request = [this](const emulated_request& request) {
                    if (request.accepted == 0) return;
                    const std::lock_guard lock(mutex_);
                    taken_.push_back(json::parse(request.body).at("description"));
                }};
    }

    mutable std::mutex mutex_;
    std::vector<std::string> taken_;
    const support::kept_port port_;
    std::optional<emulator> server_{std::in_place, keeping_account()};  // last: its threads use the rest
};

// Those whose answers were on their way when the vendor went are sent again.
TEST_F(nginx_upstream, vendor_that_is_gone_for_a_while_duplicates_at_most_8) {
    mortal_vendor vendor;
    auto setup = handing_on();
    setup.upstream = vendor.port();
    const auto nginx = start(setup);
    open(trusting({logsh_behind(*nginx), {.in_flight = in_flight}}));
    for (std::uint64_t id = 0; id < 250; ++id) log_text(id);
    ASSERT_TRUE(vendor.wait_for(1));
    vendor.stop();
    for (std::uint64_t id = 250; id < 500; ++id) log_text(id);
    EXPECT_TRUE(eventually([](const destination_stats& ledger) { return ledger.retries >= 3; }));
    EXPECT_GE(sink->get_shipper()->stats().pending(), 250u);
    vendor.start();

    EXPECT_EQ(settled().delivered, 500u);
    const audit found = compare(issued(), vendor.taken());
    EXPECT_EQ(found.lost + found.strange, 0u);
    EXPECT_LE(found.duplicates, in_flight);
    print_figure("duplicates", found.duplicates);
    EXPECT_GE(served_by(*nginx).statuses.count(502), 1u);
}

}  // namespace
}  // namespace logferry::test
