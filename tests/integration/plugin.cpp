// Part of a program that is loaded and unloaded again. Loaded by unloads_plugin.cpp.
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include <logferry/shipper.hpp>

namespace {

std::shared_ptr<logferry::shipper> shipper;

}  // namespace

/// Ships a record, and does not wait for it.
extern "C" void ship(const char* url, const char* token) {
    logferry::options options;
    options.destinations.push_back({logferry::logsfori{logferry::secret(token), url}});
    options.close_budget = std::chrono::seconds(30);
    options.notices.push_back({"destinations", "a notice, so that the callback is called"});
    // So that the worker has not begun when the plugin is unloaded.
    options.on_event = [](const logferry::event&) { std::this_thread::sleep_for(std::chrono::milliseconds(50)); };
    shipper = logferry::shipper::open(std::move(options));
    logferry::record_input record;
    record.message = "from a plugin";
    record.time_ns = 1'700'000'000'000'000'000;
    shipper->submit(record);
}
