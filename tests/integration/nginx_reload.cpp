// A server that ends its connections under load: HTTP/2's GOAWAY, and what it does to those on their way.
#include <atomic>
#include <thread>

#include "nginx_world.hpp"

namespace logferry::test {
namespace {

class nginx_reload : public nginx_world {
protected:
    static constexpr std::size_t in_flight = 32;
    static constexpr std::size_t loggers = 4;
    static constexpr int reloads = 20;

    /// Threads that log for as long as the object lives, in turn with those that are delivered: they wait for room.
    class load {
    public:
        template <typename Log>
        explicit load(Log log) {
            for (std::size_t i = 0; i < loggers; ++i) {
                threads_.emplace_back([this, i, log] {
                    for (std::uint64_t id = i; !stop_; id += loggers) log(id);
                });
            }
        }
        ~load() {
            stop_ = true;
            for (auto& each : threads_) each.join();
        }
        load(const load&) = delete;
        load& operator=(const load&) = delete;

    private:
        std::atomic<bool> stop_{false};
        std::vector<std::thread> threads_;
    };

    [[nodiscard]] options busy(logferry::logsh vendor) {
        options opts = trusting({std::move(vendor), {.in_flight = in_flight}});
        opts.buffer.size = 256 * 1024;
        return opts;
    }

    /// Reloads again and again, each time with records on their way.
    void reload_under_load(nginx_server& nginx, std::size_t records_between) {
        for (int i = 0; i < reloads; ++i) {
            ASSERT_TRUE(server.wait_for("logsh", server.accepted("logsh") + records_between, seconds(30)));
            nginx.reload(handing_on());
        }
    }
};

TEST_F(nginx_reload, twenty_reloads_duplicates_at_most_640) {
    const auto nginx = start(handing_on());
    open(busy(logsh_behind(*nginx)));
    {
        const load running([this](std::uint64_t id) { log_text(id); });
        reload_under_load(*nginx, 50);
    }
    expect_all(reloads * in_flight);
    print_figure("retries", sink->get_shipper()->stats().destinations[0].retries);
    EXPECT_GT(served_by(*nginx).connections.size(), reloads / 2u) << "reloads that ended no connection";
}

TEST_F(nginx_reload, connections_that_end_after_fifty_requests_duplicates_at_most_40) {
    auto setup = handing_on();
    setup.directives = "keepalive_requests 50;";
    const auto nginx = start(setup);
    open(busy(logsh_behind(*nginx)));
    log_texts(2000);
    expect_all(2000 / 50);
    print_figure("retries", sink->get_shipper()->stats().destinations[0].retries);
    EXPECT_GE(served_by(*nginx).connections.size(), 2000u / 50u);
}

// Such a record goes over a connection of its own, which no other request endangers. One that nginx accepts and closes
// unserved, in the moment of a reload, is given up: nobody can tell that it was not served.
TEST_F(nginx_reload, record_that_notifies_is_never_sent_twice) {
    const auto nginx = start(handing_on());
    logferry::logsh vendor = logsh_behind(*nginx);
    vendor.notify_from = level::err;
    vendor.notify_per_minute = 1'000'000;
    open(busy(std::move(vendor)));
    {
        const load running([this](std::uint64_t id) {
            log_text(id, id / loggers % 4 == 0 ? spdlog::level::err : spdlog::level::info);
        });
        reload_under_load(*nginx, 50);
    }

    const destination_stats ledger = settled();
    const auto unclear = ledger.dropped[static_cast<std::size_t>(drop_reason::ambiguous)];
    print_figure("given up as ambiguous", unclear);
    EXPECT_EQ(ledger.delivered + unclear, ledger.accepted) << ledger.last_error;

    std::vector<std::string> notified;
    std::vector<std::string> others;
    for (const json& body : bodies("logsh"))
        (body.value("notify", false) ? notified : others).push_back(body.at("description"));
    EXPECT_EQ(compare(issued(), notified).duplicates, 0u);
    EXPECT_LE(compare(issued(), others).duplicates, reloads * in_flight);

    others.insert(others.end(), notified.begin(), notified.end());
    const audit all = compare(issued(), others);
    EXPECT_EQ(all.strange, 0u);
    EXPECT_LE(all.lost, unclear);
    print_figure("issued", all.issued);
    print_figure("notified", notified.size());
    // Each on a connection of its own, which nothing else used.
    EXPECT_EQ(served_by(*nginx).over_http_1, notified.size());
}

}  // namespace
}  // namespace logferry::test
