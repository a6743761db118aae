#include "child_options.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace logferry::fault {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

class reader {
public:
    explicit reader(const json& settings) : settings_(settings) {}

    template <typename T>
    void operator()(const char* name, T& option) const {
        if (settings_.contains(name)) option = settings_.at(name).get<T>();
    }
    void operator()(const char* name, milliseconds& option) const {
        if (settings_.contains(name)) option = milliseconds(settings_.at(name).get<std::int64_t>());
    }
    void operator()(const char* name, std::chrono::seconds& option) const {
        if (settings_.contains(name)) option = std::chrono::seconds(settings_.at(name).get<std::int64_t>());
    }

private:
    const json& settings_;
};

vendor_options vendor_from(const json& settings, const char* place = "url") {
    const auto name = settings.value("vendor", "logsfori");
    const auto url = settings.at(place).get<std::string>();
    const secret token(settings.value("token", "bot_of_the_fault_tests"));
    if (name == "logsfori") return logsfori{token, url};
    if (name == "profound") {
        profound options{token, url};
        options.gzip = settings.value("gzip", false);
        return options;
    }
    if (name != "logwire") throw std::invalid_argument("no settings for " + name);
    logwire options{url, "channel", token};
    options.alert_from = level_from_string(settings.value("alert_from", "off")).value();
    options.alert_per_minute = settings.value("alert_per_minute", 1'000'000u);
    return options;
}

overflow overflow_from(const std::string& word) {
    if (word == "block") return overflow::block;
    return word == "drop_oldest" ? overflow::drop_oldest : overflow::shed;
}

void read_http(const reader& read, http_options& http) {
    http.connect_timeout = milliseconds(5'000);
    http.request_timeout = milliseconds(60'000);
    http.allow_insecure = true;  // for names that the program's own name service invents
    read("connect_timeout", http.connect_timeout);
    read("request_timeout", http.request_timeout);
    read("low_speed_limit", http.low_speed_limit);
    read("low_speed_time", http.low_speed_time);
    read("ca_file", http.ca_file);
}

void read_delivery(const reader& read, delivery_options& delivery) {
    delivery.backoff_min = milliseconds(10);
    delivery.backoff_max = milliseconds(100);
    delivery.pause_min = milliseconds(50);
    delivery.pause_max = milliseconds(200);
    delivery.loss_report_every = milliseconds(0);
    read("backoff_min", delivery.backoff_min);
    read("backoff_max", delivery.backoff_max);
    read("retry_after_max", delivery.retry_after_max);
    read("pause_min", delivery.pause_min);
    read("pause_max", delivery.pause_max);
    read("max_age", delivery.max_age);
    read("loss_report_every", delivery.loss_report_every);
}

}  // namespace

options options_from(const json& settings) {
    const reader read(settings);
    options opts;
    destination_options where;
    where.name = "vendor";
    where.in_flight = 4;
    where.batch_age = milliseconds(20);
    read("in_flight", where.in_flight);
    read("batch_records", where.batch_records);
    read("batch_bytes", where.batch_bytes);
    read("name", where.name);
    opts.destinations.push_back({vendor_from(settings), where});
    if (settings.contains("second_url")) {
        where.name = "second";
        opts.destinations.push_back({vendor_from(settings, "second_url"), where});
    }
    read_http(read, opts.http);
    read_delivery(read, opts.delivery);
    read("buffer", opts.buffer.size);
    read("segment_size", opts.buffer.segment_size);
    read("block_for", opts.buffer.block_for);
    read("spool", opts.buffer.spool);
    read("spool_sync", opts.buffer.spool_sync);
    opts.buffer.when_full = overflow_from(settings.value("overflow", "shed"));
    read("dead_letters", opts.dead_letters.file);
    read("close_budget", opts.close_budget);
    return opts;
}

}  // namespace logferry::fault
