#include <transport/curl_transport.hpp>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "connection_options.hpp"
#include "event_loop.hpp"
#include "exchange.hpp"
#include "gzip.hpp"
#include "pool.hpp"
#include "wakeup_descriptors.hpp"

namespace logferry::transport {

namespace {

using clock = event_loop::clock;

// More than all destinations together have in flight, so that no connection is closed for lack of room.
constexpr long kept_connections = 1024;

clock::time_point deadline_after(std::chrono::nanoseconds wait) {
    const auto now = clock::now();
    wait = std::max(wait, std::chrono::nanoseconds::zero());
    return wait < clock::time_point::max() - now ? now + wait : clock::time_point::max();
}

http_response without_answer(http_failure why, const char* text) {
    http_response response;
    response.failure = why;
    response.error = text;
    return response;
}

constexpr const char* given_up = "given up: the log shipper is closing";

class curl_transport final : public transport {
public:
    curl_transport(waker& wake_up, descriptor_list& open);
    ~curl_transport() override;

    endpoint_id add(const http_endpoint& endpoint, const http_options& options) override;
    void update(endpoint_id which, const http_endpoint& endpoint) override;
    void start(const post& request) override;
    void drive(std::chrono::nanoseconds wait, std::vector<completion>& done) override;
    void abort_all() override;

private:
    void launch(const post& request);
    void withdraw(const exchange& one) noexcept;
    void collect(std::vector<completion>& done);

    descriptor_list& open_;
    event_loop loop_;
    connection_cache apart_;
    lines lines_;
    bool sharing_ = true;
    gzip_encoder encoder_;
    std::vector<std::unique_ptr<pool>> pools_;
    // Completions that wait for the next drive.
    std::vector<completion> ready_;
};

curl_transport::curl_transport(waker& wake_up, descriptor_list& open) : open_(open), loop_(wake_up) {
    multi_handle& multi = loop_.multi();
    keep_wakeup_descriptors(multi, open_);
    multi.set<CURLMOPT_PIPELINING>(CURLPIPE_MULTIPLEX);
    multi.set<CURLMOPT_MAXCONNECTS>(kept_connections);
    // A transfer that waited inside libcurl for a connection would use up its timeout there.
    multi.set<CURLMOPT_MAX_TOTAL_CONNECTIONS>(0);
    multi.set<CURLMOPT_MAX_HOST_CONNECTIONS>(0);
#if LIBCURL_VERSION_NUM >= 0x081400
    multi.set<CURLMOPT_QUICK_EXIT>(1);
#endif
}

curl_transport::~curl_transport() {
    for (const auto& each : pools_) {
        for (const auto& one : each->all()) {
            if (one->in_flight()) withdraw(*one);
        }
    }
}

endpoint_id curl_transport::add(const http_endpoint& endpoint, const http_options& options) {
    require_usable(options);
    const endpoint_id id = pools_.size();
    pools_.push_back(std::make_unique<pool>(id, endpoint, options, apart_, lines_, open_));
    return id;
}

void curl_transport::update(endpoint_id which, const http_endpoint& endpoint) { pools_[which]->update(endpoint); }

void curl_transport::start(const post& request) {
    try {
        if (!pools_[request.to]->hold_back(request)) launch(request);
    } catch (const std::exception& refused) {  // no memory
        ready_.push_back({request.tag, without_answer(http_failure::not_sent, refused.what())});
    }
}

void curl_transport::launch(const post& request) {
    pool& home = *pools_[request.to];
    exchange* one = nullptr;
    try {
        one = &home.borrow();
        one->load(request, encoder_);
        check(curl_multi_add_handle(loop_.multi().get(), one->handle()), "start a request");
    } catch (const std::exception& refused) {
        ready_.push_back({request.tag, without_answer(http_failure::not_sent, refused.what())});
        if (one == nullptr) return;
        one->unload();
        home.give_back(*one);
    }
}

/// Closes its connection where that cannot be used again.
void curl_transport::withdraw(const exchange& one) noexcept {
    const process_gate::in_libcurl stay;
    curl_multi_remove_handle(loop_.multi().get(), one.handle());
}

void curl_transport::drive(std::chrono::nanoseconds wait, std::vector<completion>& done) {
    const auto deadline = deadline_after(wait);
    const auto before = done.size();
    for (bool last = false;;) {
        loop_.run_due();
        collect(done);
        if (done.size() > before || last) return;
        last = loop_.wait(deadline) || clock::now() >= deadline;
    }
}

void curl_transport::collect(std::vector<completion>& done) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(loop_.multi().get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        // The message dies when its handle leaves.
        const CURLcode code = message->data.result;
        exchange& one = exchange::of(message->easy_handle);
        done.push_back(one.finish(code));
        withdraw(one);
        pool& home = *pools_[one.id()];
        home.give_back(one);
        for (const post& request : home.release()) launch(request);
    }
    std::move(ready_.begin(), ready_.end(), std::back_inserter(done));
    ready_.clear();
    if (sharing_ && lines_.mixed_up()) {
        sharing_ = false;
        loop_.multi().set<CURLMOPT_PIPELINING>(CURLPIPE_NOTHING);
    }
}

void curl_transport::abort_all() {
    for (const auto& each : pools_) {
        for (const post& request : each->give_up())
            ready_.push_back({request.tag, without_answer(http_failure::aborted, given_up)});
    }
    // What ended without our noticing keeps its own result.
    std::vector<completion> ended;
    collect(ended);
    ready_ = std::move(ended);
    for (const auto& each : pools_) {
        for (const auto& one : each->all()) {
            if (!one->in_flight()) continue;
            withdraw(*one);
            ready_.push_back({one->tag(), without_answer(http_failure::aborted, given_up)});
            one->unload();
            each->give_back(*one);
        }
    }
}

}  // namespace

void initialise_curl() {
    static std::once_flag once;
    std::call_once(once, [] {
        const process_gate::in_libcurl stay;
        if (const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
            throw std::runtime_error(std::string("libcurl could not be initialised: ") + curl_easy_strerror(code));
        }
    });
}

std::unique_ptr<transport> make_curl_transport(waker& wake_up, descriptor_list& open) {
    initialise_curl();
    return std::make_unique<curl_transport>(wake_up, open);
}

}  // namespace logferry::transport
