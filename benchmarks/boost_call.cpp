// What a log call costs with Boost.Log: an `unlocked_sink` with an empty backend, an `asynchronous_sink` with one, and
// logferry's sink, with 0, 5 and 20 attributes beside severity and message; and a backend that only looks at the
// values, for an empty one never has Boost make them. The variants take turns in one run, and what each adds to the
// first is compared.
//
// The vendor behind logferry's sink reads every record and filters it (filtering_vendor.hpp). A run in which a record
// was dropped counts for nothing and fails.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/log/attributes/clock.hpp>
#include <boost/log/attributes/constant.hpp>
#include <boost/log/attributes/counter.hpp>
#include <boost/log/attributes/current_process_id.hpp>
#include <boost/log/attributes/current_thread_id.hpp>
#include <boost/log/core.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/unlocked_frontend.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_logger.hpp>
#include <boost/log/trivial.hpp>

#include <logferry/boost_log_backend.hpp>

#include "bursts.hpp"
#include "filtering_vendor.hpp"

namespace {

namespace attrs = boost::log::attributes;
namespace sinks = boost::log::sinks;
using boost::log::trivial::info;
using logger = boost::log::sources::severity_logger<boost::log::trivial::severity_level>;

/// Does nothing, from any number of threads.
struct empty_backend : sinks::basic_sink_backend<sinks::concurrent_feeding> {
    void consume(const boost::log::record_view&) {}
};

/// Looks at each value, as every backend must that wants one. Boost makes most of them only then, so this is what its
/// part costs in what a sink adds to the empty one.
struct looking_backend : sinks::basic_sink_backend<sinks::concurrent_feeding> {
    void consume(const boost::log::record_view& record) {
        std::size_t values = 0;
        for (const auto& [name, value] : record.attribute_values()) values += value ? 1 : 0;
        seen.store(values, std::memory_order_relaxed);
    }
    std::atomic<std::size_t> seen{0};
};

/// Counts, so that one knows when the queue in front of it has been worked off.
struct counting_backend : sinks::basic_sink_backend<sinks::synchronized_feeding> {
    void consume(const boost::log::record_view&) { seen.store(seen.load() + 1); }
    std::atomic<std::uint64_t> seen{0};
};

/// A logger with so many attributes: the four that Boost calls common, a text, and then constants of several types.
logger with_attributes(int count) {
    const std::vector<boost::log::attribute> first = {attrs::local_clock(), attrs::counter<unsigned>(1),
                                                      attrs::current_process_id(), attrs::current_thread_id(),
                                                      attrs::constant<std::string>("r-7f3a91c2")};
    const std::vector<std::string> names = {"TimeStamp", "LineID", "ProcessID", "ThreadID", "RequestID"};
    logger log;
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto name = at < names.size() ? names[at] : "Attribute" + std::to_string(i);
        if (at < first.size()) {
            log.add_attribute(name, first[at]);
        } else if (i % 3 == 0) {
            log.add_attribute(name, attrs::constant<int>(i));
        } else if (i % 3 == 1) {
            log.add_attribute(name, attrs::constant<double>(i * 0.5));
        } else {
            log.add_attribute(name, attrs::constant<std::string>("value " + std::to_string(i)));
        }
    }
    return log;
}

/// Bursts with this sink alone in the core.
auto runs(boost::shared_ptr<sinks::sink> sink, int attributes) {
    return [sink = std::move(sink), attributes](int threads) {
        const auto core = boost::log::core::get();
        core->add_sink(sink);
        const auto make_call = [attributes] {
            return [log = with_attributes(attributes)](int i) mutable {
                BOOST_LOG_SEV(log, info) << "request " << i << " took " << 12.5 << " ms, status " << 200;
            };
        };
        const auto cost = bench::run_burst(make_call, threads);
        core->remove_sink(sink);
        return cost;
    };
}

bench::variant asynchronous(int attributes) {
    using frontend = sinks::asynchronous_sink<counting_backend>;
    auto backend = boost::make_shared<counting_backend>();
    auto sink = boost::make_shared<frontend>(backend);
    auto run = runs(sink, attributes);
    auto expected = std::make_shared<std::uint64_t>(0);
    return {"asynchronous_sink",
            [run, expected](int threads) {
                *expected += static_cast<std::uint64_t>(bench::burst / threads * threads);
                return run(threads);
            },
            [backend, expected] {
                while (backend->seen.load() < *expected) std::this_thread::yield();
            }};
}

bench::variant ferry(int attributes) {
    const auto shipper = logferry::shipper::open(bench::filtering());
    auto backend = boost::make_shared<logferry::boost_log_backend>(shipper);
    return {"logferry", runs(boost::make_shared<logferry::boost_log_sink>(backend), attributes),
            [shipper] { shipper->drain(std::chrono::seconds(10)); }, shipper};
}

void measure(int threads, int attributes) {
    std::vector<bench::variant> variants;
    variants.push_back(
        {"unlocked_sink", runs(boost::make_shared<sinks::unlocked_sink<empty_backend>>(), attributes), [] {}});
    variants.push_back(asynchronous(attributes));
    variants.push_back(ferry(attributes));
    variants.push_back({"only looks at the values",
                        runs(boost::make_shared<sinks::unlocked_sink<looking_backend>>(), attributes), [] {}});
    bench::compare(variants, threads, std::to_string(attributes) + " attributes  ", "asynchronous_sink");
}

}  // namespace

int main() {
    for (const int threads : {1, 4}) {
        for (const int attributes : {0, 5, 20}) measure(threads, attributes);
    }
}
