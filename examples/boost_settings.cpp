// A Boost.Log program whose sinks are a matter of its settings file. One registration call is all it knows of logferry;
// `examples/boost_settings.ini` names the vendors.
//
//     boost_settings SETTINGS_FILE LEDGER_FILE
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>

#include <boost/log/core.hpp>
#include <boost/log/trivial.hpp>
#include <boost/log/utility/setup/common_attributes.hpp>
#include <boost/log/utility/setup/filter_parser.hpp>
#include <boost/log/utility/setup/from_stream.hpp>

#include <logferry/boost_log_factory.hpp>

#include "ledger_file.hpp"

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::fputs("usage: boost_settings SETTINGS_FILE LEDGER_FILE\n", stderr);
        return 2;
    }
    boost::log::add_common_attributes();
    // So that filters in the file can say `%Severity% >= warning`; this is Boost's own.
    boost::log::register_simple_filter_factory<boost::log::trivial::severity_level>("Severity");
    const auto shippers = logferry::register_boost_log_factory();
    std::ifstream settings(argv[1]);
    if (!settings) throw std::runtime_error("the settings file cannot be read");
    boost::log::init_from_stream(settings);

    for (int request = 0; request < 30; ++request) {
        BOOST_LOG_TRIVIAL(info) << "request " << request << " answered";
        if (request % 10 == 9) BOOST_LOG_TRIVIAL(warning) << "request " << request << " was slow";
    }

    // The file calls the shipper of its sections `main`.
    const auto shipper = shippers->find("main");
    if (!shipper) throw std::runtime_error("no section of the settings has Shipper=main");
    boost::log::core::get()->remove_all_sinks();
    const auto ledger = shipper->close(std::chrono::seconds(10));
    example::write_ledger(argv[2], "boost_settings", ledger);
    return ledger.balanced() ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "boost_settings: %s\n", e.what());
    return 1;
}
