// Programs that end at the wrong moment for a worker that is in TLS. Run by exit_test.cpp.
//
//     ends_badly URL MANNER       the manners are the functions below
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <logferry/shipper.hpp>
#include <logferry/vendor.hpp>

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void wait_for(const std::atomic<bool>& what) {
    while (!what) std::this_thread::sleep_for(milliseconds(1));
}

/// Knows no success. `judging` is called for each failure.
class failing_vendor : public logferry::vendor {
public:
    explicit failing_vendor(
        std::string url, std::function<void()> judging = [] {})
        : judging_(std::move(judging)) {
        where_.url = std::move(url);
    }
    std::string_view name() const noexcept override { return "failing"; }
    const logferry::vendor_limits& limits() const noexcept override { return limits_; }
    const logferry::http_endpoint& endpoint() const noexcept override { return where_; }
    logferry::encoded encode(const logferry::record_view&, std::chrono::steady_clock::time_point,
                             std::string& body) override {
        body += "{}";
        return {};
    }
    logferry::outcome judge(const logferry::http_response&, std::size_t) const override {
        judging_();
        logferry::outcome again;
        again.what = logferry::outcome::verdict::retry;
        return again;
    }

private:
    logferry::vendor_limits limits_;
    logferry::http_endpoint where_;
    std::function<void()> judging_;
};

logferry::options to(std::shared_ptr<logferry::vendor> vendor, milliseconds budget) {
    logferry::options options;
    options.destinations.push_back({std::move(vendor)});
    options.close_budget = budget;
    options.delivery.backoff_min = milliseconds(1);
    options.delivery.backoff_max = milliseconds(5);
    options.on_event = [](const logferry::event&) {};
    return options;
}

void log_to(logferry::shipper& shipper) {
    logferry::record_input record;
    record.message = "last words";
    shipper.submit(record);
}

/// The shippers of these programs have static storage: they are destroyed when all is over.
std::vector<std::shared_ptr<logferry::shipper>> open_shippers;

void open_and_log(logferry::options options) {
    open_shippers.push_back(logferry::shipper::open(std::move(options)));
    log_to(*open_shippers.back());
}

/// What the program still does after OpenSSL's clean-up. Registered before there is a shipper.
void go_on_for_a_while() {
    std::atexit([] { std::this_thread::sleep_for(milliseconds(600)); });
}

/// The worker's thread takes its time to end, after its last work.
int slowly(const std::string& url) {
    using clock = std::chrono::steady_clock;
    static std::atomic<bool> called{false};
    static std::atomic<bool> gone{false};
    static clock::time_point returned;
    struct slow_end {
        ~slow_end() {
            std::this_thread::sleep_for(milliseconds(100));
            gone = true;
        }
    };
    std::atexit([] {
        // It is waited for so long, if need be. On a machine that has other things to do that may not be enough.
        const bool waited = clock::now() - returned >= seconds(1);
        if (!gone && !waited) std::_Exit(3);
    });
    auto options = to(std::make_shared<failing_vendor>(url), seconds(10));
    options.notices.push_back({"destinations", "a notice, so that the callback is called"});
    options.on_event = [](const logferry::event&) {
        static thread_local const slow_end of_the_worker{};
        static_cast<void>(&of_the_worker);
        called = true;
    };
    open_and_log(std::move(options));
    wait_for(called);
    returned = clock::now();
    return 0;
}

/// Returns when a worker is in a callback, and will be for longer than its program waits.
void hold_up_in_callback(const std::string& url) {
    static std::atomic<bool> called{false};
    auto options = to(std::make_shared<failing_vendor>(url), milliseconds(100));
    // It is called when the vendor was tried in vain a few times, so by a worker that knows OpenSSL.
    options.on_event = [](const logferry::event&) {
        called = true;
        std::this_thread::sleep_for(milliseconds(400));
    };
    open_and_log(std::move(options));
    wait_for(called);
}

/// The worker is in a callback when the program has waited long enough.
int held_up(const std::string& url) {
    go_on_for_a_while();
    hold_up_in_callback(url);
    return 0;
}

/// The same in a vendor of the application's own.
int held_up_by_vendor(const std::string& url) {
    static std::atomic<int> judged{0};
    static std::atomic<bool> asleep{false};
    go_on_for_a_while();
    const auto judging = [] {
        if (++judged != 3) return;
        asleep = true;
        std::this_thread::sleep_for(milliseconds(400));
    };
    open_and_log(to(std::make_shared<failing_vendor>(url, judging), milliseconds(100)));
    wait_for(asleep);
    return 0;
}

/// Many workers are in their first handshakes, for which each reads all certificates of the system.
int without_budget(const std::string& url) {
    go_on_for_a_while();
    for (int i = 0; i < 8; ++i) open_and_log(to(std::make_shared<failing_vendor>(url), milliseconds(0)));
    std::this_thread::sleep_for(milliseconds(50));
    return 0;
}

/// Another thread opens shippers and never stops.
int while_opening(const std::string& url) {
    go_on_for_a_while();
    static std::atomic<bool> opened{false};
    open_and_log(to(std::make_shared<failing_vendor>(url), milliseconds(20)));
    std::thread([url] {
        for (;;) {
            const auto shipper = logferry::shipper::open(to(std::make_shared<failing_vendor>(url), milliseconds(20)));
            log_to(*shipper);
            std::this_thread::sleep_for(milliseconds(3));
            opened = true;
        }
    }).detach();
    wait_for(opened);
    return 0;
}

/// A static object opens one when the others have been closed: it takes nothing, and holds nobody up.
int reopening(const std::string& url) {
    static std::string where;
    struct reopener {
        ~reopener() {
            const auto start = std::chrono::steady_clock::now();
            const auto shipper = logferry::shipper::open(to(std::make_shared<failing_vendor>(where), seconds(60)));
            log_to(*shipper);
            shipper->drain(seconds(60));
            const auto report = shipper->close();
            const auto& only = report.destinations.front();
            const auto after_close = only.dropped[static_cast<std::size_t>(logferry::drop_reason::after_close)];
            if (!report.balanced() || after_close != 1 || shipper->stats().destinations.size() != 1) std::_Exit(3);
            if (std::chrono::steady_clock::now() - start > seconds(30)) std::_Exit(4);
        }
    };
    where = url;
    static const reopener at_the_end{};
    static_cast<void>(&at_the_end);
    open_and_log(to(std::make_shared<failing_vendor>(url), milliseconds(20)));
    return 0;
}

// Not under the sanitizers of g++ 12; fork_test.hpp says why.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// Logs to the shipper that it inherited, and opens one. The child's own OpenSSL is as dead as its parent's.
void be_a_late_child(const std::string& url) {
    log_to(*open_shippers.front());
    const auto own = logferry::shipper::open(to(std::make_shared<failing_vendor>(url), milliseconds(100)));
    log_to(*own);
    std::this_thread::sleep_for(milliseconds(50));
    std::_Exit(own->close().balanced() && open_shippers.front()->close().balanced() ? 0 : 3);
}

void expect_a_late_child_to_live(const std::string& url) {
    const auto child = fork();
    if (child == 0) be_a_late_child(url);
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) std::_Exit(4);
}

/// The program forks when all has been closed, and the child logs.
int forking_after_it(const std::string& url) {
    static std::string where;
    where = url;
    std::atexit([] { expect_a_late_child_to_live(where); });
    logferry::options options = to(nullptr, milliseconds(20));
    options.destinations.front().vendor = logferry::logsfori{logferry::secret("a token"), url};
    open_and_log(std::move(options));
    std::this_thread::sleep_for(milliseconds(20));
    return 0;
}

/// A callback that the program could not wait for does.
int forking_in_a_late_callback(const std::string& url) {
    static std::string where;
    static std::atomic<bool> called{false};
    static std::atomic<bool> late{false};
    static std::atomic<bool> over{false};
    where = url;
    // Runs when the shipper has been closed, and OpenSSL has cleaned up.
    std::atexit([] {
        late = true;
        wait_for(over);
    });
    logferry::options options = to(nullptr, milliseconds(100));
    options.destinations.front().vendor = logferry::logsfori{logferry::secret("a token"), url};
    options.on_event = [](const logferry::event&) {
        if (called.exchange(true)) return;
        wait_for(late);
        expect_a_late_child_to_live(where);
        over = true;
    };
    open_and_log(std::move(options));
    wait_for(called);
    return 0;
}
#endif

/// Waits at the end for a thread that waits for a shipper. Made before there is one, so destroyed after they are
/// closed.
struct joiner {
    joiner() = default;
    joiner(const joiner&) = delete;
    joiner& operator=(const joiner&) = delete;
    ~joiner() {
        const auto start = std::chrono::steady_clock::now();
        waits.join();
        if (std::chrono::steady_clock::now() - start > seconds(20)) std::_Exit(3);
    }
    mutable std::thread waits;
};

/// Another thread closes with much time, and a static object waits for that thread.
int while_closing(const std::string& url) {
    static const joiner other_thread;
    hold_up_in_callback(url);
    other_thread.waits = std::thread([shipper = open_shippers.front()] { shipper->close(seconds(60)); });
    std::this_thread::sleep_for(milliseconds(20));
    return 0;
}

/// The worker itself ends the program, in a callback, while another thread waits for a drain.
int from_callback(const std::string& url) {
    static const joiner other_thread;
    static std::atomic<bool> joinable{false};
    auto options = to(std::make_shared<failing_vendor>(url), milliseconds(100));
    options.on_event = [](const logferry::event&) {
        wait_for(joinable);
        std::exit(0);
    };
    open_and_log(to(std::make_shared<failing_vendor>(url), milliseconds(100)));
    open_and_log(std::move(options));
    other_thread.waits = std::thread([shipper = open_shippers.back()] { shipper->drain(seconds(60)); });
    joinable = true;
    std::this_thread::sleep_for(seconds(60));
    return 5;
}

}  // namespace

int main(int argc, char** argv) {
    static const std::map<std::string_view, int (*)(const std::string&)> manners = {
        {"slowly", slowly},
        {"held_up", held_up},
        {"held_up_by_vendor", held_up_by_vendor},
        {"without_budget", without_budget},
        {"while_opening", while_opening},
        {"reopening", reopening},
        {"while_closing", while_closing},
        {"from_callback", from_callback},
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        {"forking_after_it", forking_after_it},
        {"forking_in_a_late_callback", forking_in_a_late_callback},
#endif
    };
    return argc == 3 ? manners.at(argv[2])(argv[1]) : 2;
}
