// What a log call costs the caller beside time: no lock, no memory. Counted in `consume`, after the first record.
#include <dlfcn.h>
#include <pthread.h>

#include <cstddef>
#include <cstdlib>
#include <ctime>

#include <boost/log/attributes.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/log/trivial.hpp>
#include <boost/uuid/uuid.hpp>

#include "boost_world.hpp"

namespace {

/// By the running thread while it counts them.
thread_local bool counting = false;
thread_local int allocations = 0;
thread_local int locks = 0;

template <typename Function>
Function* next_one(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// The C library's own functions, and a count. Boost's locks, the standard library's and ours end here; those of the C
// library itself, such as the one that guards the time zone, do not, which is why the zone is asked for by name below.
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* malloc(std::size_t size) {
    allocations += counting ? 1 : 0;
    return __libc_malloc(size);
}
#define LOGFERRY_COUNT_LOCK(function, type)                        \
    extern "C" int function(type* lock) noexcept {                 \
        static auto* const real = next_one<int(type*)>(#function); \
        locks += counting ? 1 : 0;                                 \
        return real(lock);                                         \
    }
LOGFERRY_COUNT_LOCK(pthread_mutex_lock, pthread_mutex_t)
LOGFERRY_COUNT_LOCK(pthread_mutex_trylock, pthread_mutex_t)
LOGFERRY_COUNT_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
LOGFERRY_COUNT_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
LOGFERRY_COUNT_LOCK(pthread_rwlock_tryrdlock, pthread_rwlock_t)
extern "C" tm* localtime_r(const time_t* time, tm* result) noexcept {
    static auto* const real = next_one<tm*(const time_t*, tm*)>("localtime_r");
    locks += counting ? 1 : 0;
    return real(time, result);
}

namespace logferry::test {
namespace {

namespace attrs = blog::attributes;
using std::chrono::system_clock;

/// Hands the records on to a backend, and counts what that costs.
class counting_backend
    : public blog::sinks::basic_sink_backend<
          blog::sinks::combine_requirements<blog::sinks::concurrent_feeding, blog::sinks::flushing>::type> {
public:
    explicit counting_backend(const boost::shared_ptr<boost_log_backend>& to) : to_(to) {}
    void consume(const blog::record_view& record) {
        // Boost makes its list of the values when they are first looked at.
        static_cast<void>(record.attribute_values().size());
        counting = true;
        to_->consume(record);
        counting = false;
    }
    void flush() { to_->flush(); }

private:
    boost::shared_ptr<boost_log_backend> to_;
};

class boost_path : public boost_world {
protected:
    void SetUp() override {
        auto opts = quiet({{logsfori(), {.min_level = level::off}}});
        backend = boost::make_shared<boost_log_backend>(std::move(opts));
        blog::core::get()->add_sink(boost::make_shared<blog::sinks::unlocked_sink<counting_backend>>(
            boost::make_shared<counting_backend>(backend)));
    }

    /// The zone's offset is asked for anew in each.
    static std::int64_t quarter_hour(std::int64_t seconds) { return seconds / (15 * 60); }

    /// Of 1000 records, after a first one.
    template <typename Log>
    void expect_nothing(Log call) {
        // By the clock that may be behind the other, as the backend has times of both.
        const auto first = quarter_hour(std::time(nullptr));
        call();
        allocations = locks = 0;
        for (int i = 0; i < 1000; ++i) call();
        EXPECT_EQ(allocations, 0);
        const auto last = quarter_hour(system_clock::to_time_t(system_clock::now()));
        constexpr int most_offsets = 4;
        EXPECT_LE(locks, most_offsets * (last - first));
        const auto book = backend->get_shipper()->drain(seconds(30)).destinations[0];
        EXPECT_EQ(book.accepted, 1001u);
    }

    boost::shared_ptr<boost_log_backend> backend;
    blog::sources::severity_channel_logger<blog::trivial::severity_level> log{blog::keywords::channel = "shop"};
};

TEST_F(boost_path, a_plain_record) {
    expect_nothing([this] { BOOST_LOG_SEV(log, blog::trivial::warning) << "the stock is low"; });
}

TEST_F(boost_path, a_record_with_all_common_types) {
    log.add_attribute("TimeStamp", attrs::local_clock());
    log.add_attribute("LineID", attrs::counter<unsigned>(1));
    log.add_attribute("ProcessID", attrs::current_process_id());
    log.add_attribute("ThreadID", attrs::current_thread_id());
    log.add_attribute("Scope", attrs::named_scope());
    log.add_attribute("Uptime", attrs::timer());
    log.add_attribute("text", attrs::constant<std::string>("visa"));
    log.add_attribute("view", attrs::constant<std::string_view>("visa"));
    log.add_attribute("literal", attrs::constant<blog::string_literal>("visa"));
    log.add_attribute("wide", attrs::constant<std::wstring>(L"visa \u20AC"));
    log.add_attribute("number", attrs::constant<double>(9.99));
    log.add_attribute("truth", attrs::constant<bool>(true));
    log.add_attribute("time", attrs::constant<system_clock::time_point>(system_clock::now()));
    log.add_attribute("ptime", attrs::utc_clock());
    log.add_attribute("duration", attrs::constant<std::chrono::microseconds>(std::chrono::microseconds(1500)));
    log.add_attribute("id", attrs::constant<boost::uuids::uuid>(boost::uuids::uuid{}));
    log.add_attribute("list", attrs::constant<std::vector<int>>(std::vector<int>{1, 2, 3}));
    log.add_attribute("File", attrs::constant<std::string>("src/cart.cpp"));
    log.add_attribute("Line", attrs::constant<int>(42));
    BOOST_LOG_NAMED_SCOPE("checkout");
    setenv("TZ", "XST-05:30", 1);
    tzset();
    expect_nothing(
        [this] { BOOST_LOG_SEV(log, blog::trivial::error) << "paid " << kv("order_id", 42, "card", "visa"); });
    EXPECT_EQ(backend->get_shipper()->stats().unsent_attributes, 0u);
    unsetenv("TZ");
    tzset();
}

TEST_F(boost_path, a_formatted_record) {
    backend->set_formatter(boost::log::formatter(
        [](const blog::record_view&, blog::formatting_ostream& out) { out << "dressed " << 42; }));
    expect_nothing([this] { BOOST_LOG_SEV(log, blog::trivial::info) << "bare"; });
}

TEST_F(boost_path, a_type_that_nobody_knows) {
    struct opaque {};
    log.add_attribute("a", attrs::constant<opaque>(opaque{}));
    expect_nothing([this] { BOOST_LOG_SEV(log, blog::trivial::info) << "odd"; });
}

TEST_F(boost_path, the_counting_itself) {
    counting = true;
    std::free(std::malloc(static_cast<std::size_t>(backend.use_count())));
    std::mutex mutex;
    mutex.lock();
    mutex.unlock();
    counting = false;
    EXPECT_EQ(std::exchange(allocations, 0), 1);
    EXPECT_EQ(std::exchange(locks, 0), 1);
}

}  // namespace
}  // namespace logferry::test
