#include <transport/curl_transport.hpp>

#include <poll.h>

#include <algorithm>
#include <climits>
#include <mutex>
#include <stdexcept>
#include <string>

#include "curl_handles.hpp"
#include "endpoint.hpp"
#include "exchange.hpp"

namespace logferry::transport {

namespace {

using clock = std::chrono::steady_clock;

// More than all destinations together have in flight, so that no connection is closed for lack of room.
constexpr long kept_connections = 1024;

/// An endpoint and the exchanges made for it so far; there are as many as were ever in flight at once.
struct pool {
    explicit pool(const http_endpoint& from) : to(from) {}

    endpoint to;
    std::vector<std::unique_ptr<exchange>> all;
    std::vector<exchange*> idle;
};

clock::time_point deadline_after(std::chrono::nanoseconds wait) {
    const auto now = clock::now();
    wait = std::max(wait, std::chrono::nanoseconds::zero());
    return wait < clock::time_point::max() - now ? now + wait : clock::time_point::max();
}

/// Rounded up, for a rest of microseconds would otherwise be spun away.
int milliseconds_until(clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

class curl_transport final : public transport {
public:
    curl_transport(const http_options& options, waker& wake_up);
    ~curl_transport() override;

    endpoint_id add(const http_endpoint& endpoint) override;
    void start(endpoint_id to, std::string_view body, std::uint64_t tag) override;
    void drive(std::chrono::nanoseconds wait, std::vector<completion>& done) override;
    void abort_all() override;

private:
    exchange& borrow(endpoint_id from);
    void make_exchange(endpoint_id for_pool);
    void advance(std::vector<completion>& done);
    void collect(std::vector<completion>& done);
    [[nodiscard]] bool woken_within(int milliseconds);

    http_options options_;
    waker& wake_up_;
    multi_handle multi_;
    std::vector<std::unique_ptr<pool>> pools_;
    // Completions that wait for the next drive.
    std::vector<completion> ready_;
};

curl_transport::curl_transport(const http_options& options, waker& wake_up) : options_(options), wake_up_(wake_up) {
    multi_.set<CURLMOPT_PIPELINING>(CURLPIPE_MULTIPLEX);
    multi_.set<CURLMOPT_MAXCONNECTS>(kept_connections);
    // A transfer that waited inside libcurl for a connection would use up its timeout there.
    multi_.set<CURLMOPT_MAX_TOTAL_CONNECTIONS>(0);
    multi_.set<CURLMOPT_MAX_HOST_CONNECTIONS>(0);
#if LIBCURL_VERSION_NUM >= 0x081400
    multi_.set<CURLMOPT_QUICK_EXIT>(1);
#endif
}

curl_transport::~curl_transport() {
    for (const auto& each : pools_) {
        for (const auto& post : each->all) {
            if (post->in_flight()) curl_multi_remove_handle(multi_.get(), post->handle());
        }
    }
}

endpoint_id curl_transport::add(const http_endpoint& endpoint) {
    pools_.push_back(std::make_unique<pool>(endpoint));
    // The first exchange is made here, so that a libcurl that refuses an option says so to whoever configures.
    try {
        make_exchange(pools_.size() - 1);
    } catch (...) {
        pools_.pop_back();
        throw;
    }
    return pools_.size() - 1;
}

void curl_transport::make_exchange(endpoint_id for_pool) {
    pool& home = *pools_[for_pool];
    home.idle.reserve(home.all.size() + 1);
    home.all.push_back(std::make_unique<exchange>(home.to, for_pool, options_));
    home.idle.push_back(home.all.back().get());
}

exchange& curl_transport::borrow(endpoint_id from) {
    if (pools_[from]->idle.empty()) make_exchange(from);
    exchange& post = *pools_[from]->idle.back();
    pools_[from]->idle.pop_back();
    return post;
}

void curl_transport::start(endpoint_id to, std::string_view body, std::uint64_t tag) {
    try {
        exchange& post = borrow(to);
        post.load(body, tag);
        const CURLMcode code = curl_multi_add_handle(multi_.get(), post.handle());
        if (code == CURLM_OK) return;
        ready_.push_back(post.abandon(http_failure::not_sent, curl_multi_strerror(code)));
        pools_[to]->idle.push_back(&post);
    } catch (const std::exception& refused) {  // no memory for one more exchange
        http_response unsent;
        unsent.failure = http_failure::not_sent;
        unsent.error = refused.what();
        ready_.push_back({tag, std::move(unsent)});
    }
}

void curl_transport::drive(std::chrono::nanoseconds wait, std::vector<completion>& done) {
    const auto deadline = deadline_after(wait);
    const auto before = done.size();
    for (;;) {
        advance(done);
        if (done.size() > before) return;
        const int left = milliseconds_until(deadline);
        if (left == 0 || woken_within(left)) return;
    }
}

void curl_transport::advance(std::vector<completion>& done) {
    std::move(ready_.begin(), ready_.end(), std::back_inserter(done));
    ready_.clear();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    collect(done);
}

void curl_transport::collect(std::vector<completion>& done) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        // The message dies when its handle leaves.
        const CURLcode code = message->data.result;
        exchange& post = exchange::of(message->easy_handle);
        done.push_back(post.finish(code));
        curl_multi_remove_handle(multi_.get(), post.handle());
        pools_[post.id()]->idle.push_back(&post);
    }
}

bool curl_transport::woken_within(int milliseconds) {
    curl_waitfd own{wake_up_.fd(), CURL_WAIT_POLLIN, 0};
    if (curl_multi_poll(multi_.get(), &own, 1, milliseconds, nullptr) != CURLM_OK) {
        // Out of memory or descriptors. Without a wait of our own the worker would spin until that is over.
        pollfd alone{wake_up_.fd(), POLLIN, 0};
        ::poll(&alone, 1, std::min(milliseconds, 100));
        own.revents = alone.revents;
    }
    if (own.revents == 0) return false;
    wake_up_.clear();
    return true;
}

void curl_transport::abort_all() {
    // What ended without our noticing keeps its own result.
    collect(ready_);
    for (const auto& each : pools_) {
        for (const auto& post : each->all) {
            if (!post->in_flight()) continue;
            curl_multi_remove_handle(multi_.get(), post->handle());
            ready_.push_back(post->abandon(http_failure::aborted, "given up: the log shipper is closing"));
            each->idle.push_back(post.get());
        }
    }
}

}  // namespace

void initialise_curl() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
            throw std::runtime_error(std::string("libcurl could not be initialised: ") + curl_easy_strerror(code));
        }
    });
}

std::unique_ptr<transport> make_curl_transport(const http_options& options, waker& wake_up) {
    initialise_curl();
    return std::make_unique<curl_transport>(options, wake_up);
}

}  // namespace logferry::transport
