// Records delivered one a request to a local server, beside a bare libcurl multi loop that posts the same body with the
// same headers and the same number in flight. The two take turns in one run. For both: records a second, and processor
// time a record.
//
//     bench_deliver URL [in flight] [records] [CA file]
#include <curl/curl.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <logferry/shipper.hpp>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr const char* body =
    R"({"workspace":"shop","event":"shop.checkout","description":"payment of order 4711 declined","icon":"x","notify":false})";
const logferry::http_endpoint target(const std::string& url) {
    return {url, {{"Content-Type", "application/json"}, {"Accept", "application/json"}, {"Authorization", "Bearer t"}}};
}

/// Sends the fixed body for every record, so that both sides put the same bytes on the wire.
class fixed_vendor final : public logferry::vendor {
public:
    fixed_vendor(const std::string& url, std::size_t in_flight) : endpoint_(target(url)) {
        limits_.in_flight = in_flight;
    }
    std::string_view name() const noexcept override { return "fixed"; }
    const logferry::vendor_limits& limits() const noexcept override { return limits_; }
    const logferry::http_endpoint& endpoint() const noexcept override { return endpoint_; }
    logferry::encoded encode(const logferry::record_view&, clock_type::time_point, std::string& out) override {
        out += body;
        return {};
    }
    logferry::outcome judge(const logferry::http_response& response, std::size_t) const override {
        logferry::outcome o;
        o.what = response.status == 202 ? logferry::outcome::verdict::delivered : logferry::outcome::verdict::retry;
        return o;
    }

private:
    logferry::vendor_limits limits_;
    logferry::http_endpoint endpoint_;
};

/// Where to, and how.
struct setup {
    std::string url;
    std::size_t in_flight = 8;
    std::size_t records = 100'000;
    std::string ca_file;
};

/// What one run cost.
struct cost {
    double per_second = 0;
    double microseconds = 0;  ///< of processor time for each record
};

double processor_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Takes the time of a run.
class stopwatch {
public:
    [[nodiscard]] cost of(std::size_t records) const {
        const auto took = std::chrono::duration<double>(clock_type::now() - start_).count();
        const auto n = static_cast<double>(records);
        return {n / took, (processor_seconds() - used_) * 1e6 / n};
    }

private:
    clock_type::time_point start_ = clock_type::now();
    double used_ = processor_seconds();
};

/// Through the shipper, from the first log call to the last confirmation.
cost ship(const setup& how) {
    logferry::options options;
    options.http.ca_file = how.ca_file;
    options.destinations.push_back(
        {std::static_pointer_cast<logferry::vendor>(std::make_shared<fixed_vendor>(how.url, how.in_flight))});
    options.buffer.size = std::size_t{256} << 20;
    const auto shipper = logferry::shipper::open(std::move(options));
    logferry::record_input record;
    record.logger = "shop.checkout";
    record.message = "payment of order 4711 declined";
    const stopwatch watch;
    for (std::size_t i = 0; i < how.records; ++i) shipper->submit(record);
    const auto ledger = shipper->drain(std::chrono::minutes(2));
    const auto result = watch.of(how.records);
    if (ledger.destinations[0].delivered != how.records) {
        std::printf("only %lu of %zu were delivered: %s\n",
                    static_cast<unsigned long>(ledger.destinations[0].delivered), how.records,
                    ledger.destinations[0].last_error.c_str());
        std::exit(1);
    }
    return result;
}

std::size_t discard(char*, std::size_t, std::size_t size, void*) { return size; }

/// Through nothing but libcurl.
cost bare(const setup& how) {
    const auto& [url, in_flight, records, ca_file] = how;
    const std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi(curl_multi_init(), curl_multi_cleanup);
    curl_slist* headers = nullptr;
    for (const auto& h : target(url).headers) headers = curl_slist_append(headers, (h.name + ": " + h.value).c_str());
    headers = curl_slist_append(headers, "Expect:");
    std::vector<CURL*> handles;
    for (std::size_t i = 0; i < in_flight; ++i) {
        auto* easy = handles.emplace_back(curl_easy_init());
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
        if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
        curl_multi_add_handle(multi.get(), easy);
    }
    const stopwatch watch;
    std::size_t started = in_flight;
    std::size_t done = 0;
    while (done < records) {
        int running = 0;
        curl_multi_perform(multi.get(), &running);
        int left = 0;
        while (const auto* message = curl_multi_info_read(multi.get(), &left)) {
            if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK) std::exit(1);
            auto* easy = message->easy_handle;
            ++done;
            curl_multi_remove_handle(multi.get(), easy);
            if (started < records) {
                curl_multi_add_handle(multi.get(), easy);
                ++started;
            }
        }
        if (done < records) curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
    }
    const auto result = watch.of(records);
    for (auto* easy : handles) {
        curl_multi_remove_handle(multi.get(), easy);
        curl_easy_cleanup(easy);
    }
    curl_slist_free_all(headers);
    return result;
}

double median(const std::vector<cost>& samples, double cost::*what) {
    std::vector<double> values;
    for (const auto& s : samples) values.push_back(s.*what);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    setup how;
    how.url = argv[1];
    if (argc > 2) how.in_flight = std::strtoul(argv[2], nullptr, 10);
    if (argc > 3) how.records = std::strtoul(argv[3], nullptr, 10);
    if (argc > 4) how.ca_file = argv[4];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    std::vector<cost> ours;
    std::vector<cost> theirs;
    for (int round = 0; round < 6; ++round) {
        const auto a = bare(how);
        const auto b = ship(how);
        if (round == 0) continue;  // warms the server up
        theirs.push_back(a);
        ours.push_back(b);
    }
    const auto rate = median(ours, &cost::per_second);
    const auto bare_rate = median(theirs, &cost::per_second);
    std::printf("%3zu in flight  bare libcurl %8.0f/s %5.1f us  logferry %8.0f/s %5.1f us  ratio %.3f\n", how.in_flight,
                bare_rate, median(theirs, &cost::microseconds), rate, median(ours, &cost::microseconds),
                rate / bare_rate);
}
