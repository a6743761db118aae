// A program with severities of its own and a channel for each of its parts, as Boost.Log programs often have them. The
// table says which level each severity is; attributes become fields, and two are left out or renamed.
//
//     boost_channels LEDGER_FILE       credentials and addresses come from the environment, see vendors_from_env.hpp
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/log/attributes/scoped_attribute.hpp>
#include <boost/log/core.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/utility/manipulators/add_value.hpp>
#include <boost/log/utility/setup/common_attributes.hpp>

#include <logferry/boost_log_backend.hpp>

#include "ledger_file.hpp"
#include "vendors_from_env.hpp"

namespace {

enum class severity { chatter, normal, notable, failing, alarm };

using logger = boost::log::sources::severity_channel_logger_mt<severity, std::string>;

void serve_customer(logger& log, int customer) {
    // Every record of this thread and scope carries it.
    BOOST_LOG_SCOPED_THREAD_ATTR("Customer", boost::log::attributes::constant<int>(customer));
    for (int visit = 0; visit < 10; ++visit) {
        BOOST_LOG_SEV(log, severity::chatter) << "page rendered";
        BOOST_LOG_SEV(log, severity::normal)
            << boost::log::add_value("Milliseconds", 12.5 + visit) << "request answered";
    }
    BOOST_LOG_SEV(log, severity::notable) << boost::log::add_value("SessionSecret", "s3cr3t") << "customer left";
}

logferry::boost_log_mapping how_records_are_mapped() {
    using logferry::level;
    return logferry::boost_log_mapping()
        .severity<severity>({{severity::chatter, level::debug},
                             {severity::normal, level::info},
                             {severity::notable, level::warn},
                             {severity::failing, level::err},
                             {severity::alarm, level::critical}})
        .rename("Customer", "user_id")
        .rename("Milliseconds", "execution_time")
        .exclude({"SessionSecret"});
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::fputs("usage: boost_channels LEDGER_FILE\n", stderr);
        return 2;
    }
    boost::log::add_common_attributes();

    // Everything goes to all vendors, but Logsh gets nothing below info.
    logferry::options options;
    options.destinations = example::vendors_from_env();
    options.destinations[1].options.min_level = logferry::level::info;
    const auto sink = logferry::add_boost_log_sink(std::move(options), how_records_are_mapped());
    // A filter as on any sink of Boost.Log.
    sink->set_filter(boost::log::expressions::attr<std::string>("Channel") != "noise");

    logger shop(boost::log::keywords::channel = "shop");
    logger noise(boost::log::keywords::channel = "noise");
    std::vector<std::thread> customers;
    for (int i = 1; i <= 4; ++i) customers.emplace_back([&shop, i] { serve_customer(shop, i); });
    for (auto& customer : customers) customer.join();
    BOOST_LOG_SEV(noise, severity::normal) << "nobody hears this";
    BOOST_LOG_SEV(shop, severity::alarm) << "the shop burns";

    const auto shipper = sink->get_shipper();
    boost::log::core::get()->remove_sink(sink);
    const auto ledger = shipper->close(std::chrono::seconds(10));
    example::write_ledger(argv[1], "boost_channels", ledger);
    return ledger.balanced() ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "boost_channels: %s\n", e.what());
    return 1;
}
