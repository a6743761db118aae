// Sinks of Boost.Log that are added, flushed, removed and destroyed while eight threads log. The oracle is outside of
// what is tested: how often Boost called a sink, and what a vendor of the test's own was given.
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/log/attributes/clock.hpp>
#include <boost/log/attributes/constant.hpp>
#include <boost/log/attributes/counter.hpp>
#include <boost/log/attributes/current_thread_id.hpp>
#include <boost/log/core.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/trivial.hpp>

#include <logferry/boost_log_backend.hpp>

namespace logferry::test {
namespace {

namespace blog = boost::log;
namespace attrs = blog::attributes;

constexpr int producer_count = 8;
constexpr int cycles = 10'000;

/// Notes every record and sends none. Used by the worker's thread only, until that has ended.
class noting_vendor final : public vendor {
public:
    struct notes {
        std::vector<std::vector<bool>> seen = std::vector<std::vector<bool>>(producer_count);
        std::uint64_t records = 0;
        std::uint64_t twice = 0;
        std::uint64_t altered = 0;
    };
    explicit noting_vendor(notes& to) : notes_(to) {}

    std::string_view name() const noexcept override { return "noting"; }
    const vendor_limits& limits() const noexcept override { return limits_; }
    const http_endpoint& endpoint() const noexcept override { return endpoint_; }
    outcome judge(const http_response&, std::size_t) const override { return {}; }

    encoded encode(const record_view& record, std::chrono::steady_clock::time_point, std::string&) override {
        note(record);
        encoded result;
        result.what = encoded::result::filtered;
        return result;
    }

private:
    /// A record says who wrote it and the how manieth it is: in its message, in a field of the logger's, in one of the
    /// statement's, and in its channel.
    void note(const record_view& record) {
        ++notes_.records;
        std::int64_t producer = -1;
        std::int64_t number = -1;
        for (const auto f : record.fields) {
            if (f.key == "producer") producer = f.val.int64();
            if (f.key == "number") number = f.val.int64();
        }
        const auto text = std::to_string(producer) + " wrote number=" + std::to_string(number);
        const bool whole = producer >= 0 && producer < producer_count && number >= 0 && record.message == text &&
                           record.logger == "p" + std::to_string(producer) && record.lvl == level::warn;
        if (!whole) {
            ++notes_.altered;
            return;
        }
        auto& seen = notes_.seen[static_cast<std::size_t>(producer)];
        const auto n = static_cast<std::size_t>(number);
        if (n >= seen.size()) seen.resize(n + 1);
        notes_.twice += seen[n] ? 1 : 0;
        seen[n] = true;
    }

    notes& notes_;
    vendor_limits limits_;
    http_endpoint endpoint_{"http://127.0.0.1:9/", {}};
};

/// Counts Boost's calls, its own and those of all of its kind.
///
/// Boost's library counts references where ThreadSanitizer does not look, so it does not see that the last user is gone
/// when a sink is destroyed. It sees `own_`: whoever is done with the sink has changed it, and the destructor reads it.
class counted_sink final : public boost_log_sink {
public:
    counted_sink(const boost::shared_ptr<boost_log_backend>& backend, std::atomic<std::uint64_t>& all)
        : boost_log_sink(backend), all_(all) {}
    ~counted_sink() override { static_cast<void>(own_.load()); }
    void consume(const blog::record_view& record) override {
        boost_log_sink::consume(record);
        ++all_;
        ++own_;
    }
    [[nodiscard]] std::uint64_t calls() const { return own_; }
    void let_go() { own_ += 0; }

private:
    std::atomic<std::uint64_t>& all_;
    std::atomic<std::uint64_t> own_{0};
};

/// Takes records while there is no other sink, which Boost would print.
struct silent_backend : blog::sinks::basic_sink_backend<blog::sinks::concurrent_feeding> {
    void consume(const blog::record_view&) {}
};

void log_until(const std::atomic<bool>& stop, int producer) {
    blog::sources::severity_channel_logger<blog::trivial::severity_level> log(
        blog::keywords::severity = blog::trivial::warning, blog::keywords::channel = "p" + std::to_string(producer));
    log.add_attribute("producer", attrs::constant<int>(producer));
    log.add_attribute("TimeStamp", attrs::local_clock());
    log.add_attribute("LineID", attrs::counter<unsigned>(1));
    log.add_attribute("ThreadID", attrs::current_thread_id());
    for (int n = 0; !stop; ++n) {
        BOOST_LOG(log) << producer << " wrote " << kv("number", n);
        // With fewer processors than threads a cycle would else take several slices of time.
        std::this_thread::yield();
    }
}

TEST(boost_life, sinks_come_and_go_and_every_record_is_in_the_ledger) {
    const auto core = blog::core::get();
    core->add_sink(boost::make_shared<blog::sinks::unlocked_sink<silent_backend>>());
    noting_vendor::notes notes;
    options opts;
    opts.destinations.push_back({std::static_pointer_cast<vendor>(std::make_shared<noting_vendor>(notes))});
    opts.buffer.when_full = overflow::block;
    opts.buffer.block_for = std::chrono::hours(1);
    const auto shared = shipper::open(std::move(opts));

    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> calls{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < producer_count; ++i) threads.emplace_back([&stop, i] { log_until(stop, i); });
    threads.emplace_back([&stop, &core] {
        for (; !stop; std::this_thread::yield()) core->flush();
    });

    for (int i = 0; i < cycles; ++i) {
        // Not by make_shared: the memory of the counters is given back by the library.
        const boost::shared_ptr<counted_sink> sink(
            new counted_sink(boost::make_shared<boost_log_backend>(shared), calls));
        core->add_sink(sink);
        while (sink->calls() == 0) std::this_thread::yield();
        if (i % 3 == 0) sink->flush();
        // A formatter that writes what the message is anyway: copies of it come and go with the sinks.
        if (i % 5 == 0) sink->set_formatter(blog::expressions::stream << blog::expressions::smessage);
        core->remove_sink(sink);
        sink->let_go();
        // Whoever still logs through it is the last to hold it.
    }
    stop = true;
    for (auto& t : threads) t.join();
    core->remove_all_sinks();

    const auto book = shared->close(std::chrono::minutes(2)).destinations[0];
    EXPECT_TRUE(book.balanced());
    EXPECT_EQ(book.accepted, calls.load());
    EXPECT_EQ(book.filtered, calls.load());
    EXPECT_EQ(notes.records, calls.load());
    EXPECT_EQ(notes.twice, 0u);
    EXPECT_EQ(notes.altered, 0u);
    EXPECT_GE(notes.records, static_cast<std::uint64_t>(cycles));
    EXPECT_EQ(shared->stats().async_hops, 0u);
    EXPECT_EQ(shared->stats().unsent_attributes, 0u);
    EXPECT_EQ(shared->stats().unmapped_severities, 0u);
    RecordProperty("records", std::to_string(notes.records));
}

}  // namespace
}  // namespace logferry::test
