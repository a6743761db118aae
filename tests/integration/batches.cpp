// How many records a request holds, over a real connection: the emulator refuses more than the vendor's document
// allows.
#include <atomic>
#include <future>
#include <utility>

#include "world.hpp"

namespace logferry::test {
namespace {

/// An emulator whose first answer waits until the test lets it go, so that all that follows is there at once.
class batches : public testing::Test {
protected:
    ~batches() override { release(); }

    void wait_for_first_request() { arrived_.get_future().wait(); }
    void release() {
        if (!std::exchange(released_, true)) held_.set_value();
    }

    static void submit_request(shipper& to, int number) {
        const auto path = "/products/" + std::to_string(number);
        const std::vector<field> fields = {{"method", "GET"},      {"host", "shop.example"}, {"path", path},
                                           {"status_code", 200},   {"ip", "192.0.2.1"},      {"user_agent", "test"},
                                           {"bytes_sent", number}, {"duration_ms", 1}};
        record_input record;
        record.time_ns = 1'742'379'826'000'000'000;
        record.message = "GET";
        record.fields = fields.data();
        record.field_count = fields.size();
        EXPECT_TRUE(to.submit(record));
    }

    /// Entries in each request, in order of arrival.
    [[nodiscard]] std::vector<std::size_t> entries() const {
        std::vector<std::size_t> sizes;
        for (const auto& request : server.received("profound")) {
            EXPECT_EQ(request.problem, "");
            sizes.push_back(json::parse(request.body).size());
        }
        return sizes;
    }

private:
    void hold_first() {
        if (first_.exchange(false)) arrived_.set_value();
        go_.wait();
    }

    std::promise<void> arrived_;
    std::promise<void> held_;
    std::shared_future<void> go_ = held_.get_future().share();
    std::atomic<bool> first_{true};
    bool released_ = false;

protected:
    emulator server{
        {.on_request = [this](const emulated_request&) { hold_first(); }}};  // last: its threads use the rest
};

TEST_F(batches, a_thousand_and_one_access_log_entries_go_in_two_requests) {
    options opts;
    opts.destinations = {{profound{secret(server.token("profound")), server.base_url("profound")},
                          {.in_flight = 1, .batch_records = 1000}}};
    const auto shipper = shipper::open(std::move(opts));
    submit_request(*shipper, 0);  // goes at once, and occupies the only request in flight
    wait_for_first_request();
    for (int i = 1; i <= 1001; ++i) submit_request(*shipper, i);
    release();
    const auto stats = shipper->drain(seconds(30));
    EXPECT_EQ(stats.destinations[0].delivered, 1002U) << stats.destinations[0].last_error;
    EXPECT_TRUE(stats.balanced());
    EXPECT_EQ(entries(), (std::vector<std::size_t>{1, 1000, 1}));
}

}  // namespace
}  // namespace logferry::test
