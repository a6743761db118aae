// Records delivered one a request to a local server, beside a bare libcurl multi loop that posts the same body with the
// same headers and the same number in flight. The two take turns in one run.
//
//     bench_deliver URL [in flight] [records]
#include <curl/curl.h>

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

double seconds_since(clock_type::time_point start) {
    return std::chrono::duration<double>(clock_type::now() - start).count();
}

/// Records a second through the shipper, from the first log call to the last confirmation.
double ship(const std::string& url, std::size_t in_flight, std::size_t records) {
    logferry::options options;
    options.destinations.push_back(
        {std::static_pointer_cast<logferry::vendor>(std::make_shared<fixed_vendor>(url, in_flight))});
    options.buffer.size = std::size_t{256} << 20;
    const auto shipper = logferry::shipper::open(std::move(options));
    logferry::record_input record;
    record.logger = "shop.checkout";
    record.message = "payment of order 4711 declined";
    const auto start = clock_type::now();
    for (std::size_t i = 0; i < records; ++i) shipper->submit(record);
    const auto ledger = shipper->drain(std::chrono::minutes(2));
    const auto took = seconds_since(start);
    if (ledger.destinations[0].delivered != records) {
        std::printf("only %lu of %zu were delivered: %s\n",
                    static_cast<unsigned long>(ledger.destinations[0].delivered), records,
                    ledger.destinations[0].last_error.c_str());
        std::exit(1);
    }
    return static_cast<double>(records) / took;
}

std::size_t discard(char*, std::size_t, std::size_t size, void*) { return size; }

/// Requests a second through nothing but libcurl.
double bare(const std::string& url, std::size_t in_flight, std::size_t records) {
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
        curl_multi_add_handle(multi.get(), easy);
    }
    const auto start = clock_type::now();
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
    const auto took = seconds_since(start);
    for (auto* easy : handles) {
        curl_multi_remove_handle(multi.get(), easy);
        curl_easy_cleanup(easy);
    }
    curl_slist_free_all(headers);
    return static_cast<double>(records) / took;
}

double median(std::vector<double> samples) {
    std::sort(samples.begin(), samples.end());
    return samples[samples.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::string url = argv[1];
    const std::size_t in_flight = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 8;
    const std::size_t records = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 100'000;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int round = 0; round < 6; ++round) {
        const auto a = bare(url, in_flight, records);
        const auto b = ship(url, in_flight, records);
        if (round == 0) continue;  // warms the server up
        theirs.push_back(a);
        ours.push_back(b);
    }
    std::printf("%zu in flight  bare libcurl %8.0f/s  logferry %8.0f/s  ratio %.3f\n", in_flight, median(theirs),
                median(ours), median(ours) / median(theirs));
}
