// A name service that does not answer, or knows nobody. This program answers getaddrinfo for libcurl, so it decides how
// long that takes.
#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include <gmock/gmock.h>

#include "transport_fixture.hpp"

namespace {

/// Holds everybody who asks for a name under "hangs.invalid" until it is told to let go, or gives up: whoever joins
/// such a thread is found out rather than held for ever.
class hanging_name_service {
public:
    int ask() {
        std::unique_lock lock(mutex_);
        ++asked_;
        changed_.notify_all();
        changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !hanging_; });
        ++answered_;
        changed_.notify_all();
        return EAI_AGAIN;
    }
    void hang() {
        const std::lock_guard lock(mutex_);
        hanging_ = true;
        asked_ = answered_ = 0;
    }
    bool asked() {
        const std::lock_guard lock(mutex_);
        return asked_ > 0;
    }
    bool answered() {
        const std::lock_guard lock(mutex_);
        return answered_ > 0;
    }
    /// Lets everybody go and waits until they are.
    void let_go() {
        std::unique_lock lock(mutex_);
        hanging_ = false;
        changed_.notify_all();
        changed_.wait(lock, [this] { return answered_ == asked_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool hanging_ = false;
    int asked_ = 0;
    int answered_ = 0;
};

// Never destroyed: a resolver thread may outlive main.
hanging_name_service& name_service() {
    static auto* const service = new hanging_name_service;
    return *service;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    if (node != nullptr && std::strstr(node, "hangs.invalid") != nullptr) return name_service().ask();
    if (node != nullptr && std::strstr(node, "nobody.invalid") != nullptr) return EAI_NONAME;
    using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, service, hints, result);
}

namespace logferry::transport {
namespace {

class resolver_test : public transport_test {
protected:
    void SetUp() override { name_service().hang(); }
    void TearDown() override { name_service().let_go(); }

    void start_one_that_hangs(std::uint64_t tag = 0) {
        start(endpoint("http://hangs.invalid/"), "x", tag);
        drive_until([] { return name_service().asked(); });
    }
};

// In each of these the resolver is still hanging when we go on; joining it would last until it has answered.

TEST_F(resolver_test, does_not_hold_up_the_destructor) {
    start_one_that_hangs();
    transport_.reset();
    EXPECT_FALSE(name_service().answered());
}

TEST_F(resolver_test, does_not_hold_up_aborting) {
    start_one_that_hangs();
    transport_->abort_all();
    EXPECT_EQ(finish(1)[0].response.failure, http_failure::aborted);
    EXPECT_FALSE(name_service().answered());
}

TEST_F(resolver_test, is_given_up_after_the_connect_timeout_as_not_sent) {
    use({.connect_timeout = 100ms});
    start(endpoint("http://hangs.invalid/"), "x");
    EXPECT_EQ(finish(1)[0].response.failure, http_failure::not_sent);
    EXPECT_FALSE(name_service().answered());
}

TEST_F(resolver_test, costs_another_endpoint_nothing) {
    raw_server lively(always(answer(200)));
    start_one_that_hangs(1);
    start(endpoint(lively.url()), "x", 2);
    const auto done = finish(1);
    EXPECT_EQ(done[0].tag, 2u);
    EXPECT_EQ(done[0].response.status, 200);
    EXPECT_FALSE(name_service().answered());
}

TEST_F(resolver_test, that_knows_no_such_host_has_sent_nothing) {
    start(endpoint("http://nobody.invalid/"), "x");
    const auto got = finish(1)[0].response;
    EXPECT_EQ(got.status, 0);
    EXPECT_EQ(got.failure, http_failure::not_sent);
    EXPECT_THAT(got.error, testing::HasSubstr("nobody.invalid"));
}

TEST_F(resolver_test, is_woken_from_a_drive_that_waits_for_it) {
    start_one_that_hangs();
    waker_.wake();
    std::vector<completion> done;
    transport_->drive(1h, done);
    EXPECT_TRUE(done.empty());
}

}  // namespace
}  // namespace logferry::transport
