// A program that logs through spdlog in one part and through Boost.Log in another. One shipper, configured by a JSON
// file, takes both: one buffer, one thread, one ledger.
//
//     both_frameworks CONFIG_FILE LEDGER_FILE
#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>
#include <memory>

#include <boost/log/core.hpp>
#include <boost/log/trivial.hpp>

#include <logferry/boost_log_backend.hpp>
#include <logferry/config.hpp>
#include <logferry/spdlog_sink.hpp>

#include "ledger_file.hpp"

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::fputs("usage: both_frameworks CONFIG_FILE LEDGER_FILE\n", stderr);
        return 2;
    }
    const auto shipper = logferry::shipper::open(logferry::config::from_file(argv[1]));
    spdlog::default_logger()->sinks() = {std::make_shared<logferry::spdlog_sink>(shipper)};
    logferry::add_boost_log_sink(shipper);

    // Fields of a scope go with the records of both.
    const logferry::scope request{{"request_id", "r-7"}};
    for (int order = 1; order <= 10; ++order) {
        spdlog::info("order placed {}", logferry::kv("order_id", order));
        BOOST_LOG_TRIVIAL(info) << "stock counted " << logferry::kv("order_id", order, "left", 100 - order);
    }

    boost::log::core::get()->remove_all_sinks();
    const auto ledger = shipper->close(std::chrono::seconds(10));
    example::write_ledger(argv[2], "both_frameworks", ledger);
    return ledger.balanced() ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "both_frameworks: %s\n", e.what());
    return 1;
}
