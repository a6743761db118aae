// A program that logs through Boost.Log's trivial logger. One call sends the same records to LogsForI as well.
//
//     boost_trivial LEDGER_FILE       credential and address come from the environment, see vendors_from_env.hpp
#include <cstdio>
#include <exception>

#include <boost/log/trivial.hpp>
#include <boost/log/utility/setup/common_attributes.hpp>
#include <boost/log/utility/setup/console.hpp>

#include <logferry/boost_log_backend.hpp>

#include "ledger_file.hpp"
#include "vendors_from_env.hpp"

namespace {

void serve_orders() {
    for (int order = 1; order <= 20; ++order) {
        BOOST_LOG_TRIVIAL(info) << "order placed " << logferry::kv("order_id", order, "amount", order * 9.99);
        if (order % 5 == 0) BOOST_LOG_TRIVIAL(error) << "payment declined " << logferry::kv("order_id", order);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::fputs("usage: boost_trivial LEDGER_FILE\n", stderr);
        return 2;
    }
    // The setup that was there: a console that shows errors.
    boost::log::add_common_attributes();
    boost::log::add_console_log(std::clog)->set_filter(boost::log::trivial::severity >= boost::log::trivial::error);

    // What is new.
    const auto sink = logferry::add_boost_log_sink(example::logsfori_from_env());

    serve_orders();
    const auto ledger = sink->get_shipper()->close(std::chrono::seconds(10));
    example::write_ledger(argv[1], "boost_trivial", ledger);
    return ledger.balanced() ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "boost_trivial: %s\n", e.what());
    return 1;
}
