// Sinks that come and go while others log.
#include <atomic>
#include <stdexcept>

#include <boost/log/expressions.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/trivial.hpp>
#include <boost/log/utility/exception_handler.hpp>

#include "boost_world.hpp"
#include "support/run_program.hpp"

namespace logferry::test {
namespace {

/// Sinks live here until those who log have ended; boost_life_test.cpp among the stress tests destroys them earlier.
class boost_life : public boost_world {
protected:
    /// Threads that log until `stop`; what each has logged.
    class producers {
    public:
        explicit producers(int count) {
            for (int i = 0; i < count; ++i) {
                threads_.emplace_back([this, i] {
                    auto log = logger_with("producer", i);
                    while (!stop_) {
                        BOOST_LOG(log) << "a record";
                        ++logged_;
                    }
                });
            }
        }
        ~producers() { stop(); }
        void stop() {
            stop_ = true;
            for (auto& t : threads_) {
                if (t.joinable()) t.join();
            }
        }
        void wait_for(std::uint64_t more) const {
            for (const auto until = logged_ + more; logged_ < until;) std::this_thread::yield();
        }
        [[nodiscard]] std::uint64_t logged() const { return logged_; }

    private:
        std::atomic<bool> stop_{false};
        std::atomic<std::uint64_t> logged_{0};
        std::vector<std::thread> threads_;
    };

    /// A vendor that is not there: records are only counted.
    [[nodiscard]] options nowhere() {
        auto opts = quiet({{logsfori(), {.min_level = level::off}}});
        return opts;
    }
};

/// Takes records while there is no other sink, which Boost would print.
struct silent_backend : blog::sinks::basic_sink_backend<blog::sinks::concurrent_feeding> {
    void consume(const blog::record_view&) {}
};

TEST_F(boost_life, removed_under_load) {
    blog::core::get()->add_sink(boost::make_shared<blog::sinks::unlocked_sink<silent_backend>>());
    std::vector<boost::shared_ptr<boost_log_sink>> all;
    producers busy(3);
    for (int i = 0; i < 50; ++i) {
        bsink = add_boost_log_sink(nowhere());
        busy.wait_for(20);
        blog::core::get()->remove_sink(bsink);
        all.push_back(bsink);
    }
    busy.stop();
    for (const auto& one : all) {
        const auto book = settled(*one->get_shipper());
        EXPECT_EQ(book.accepted, book.filtered);
        EXPECT_GT(book.accepted, 0u);
    }
}

TEST_F(boost_life, all_removed_under_load) {
    // What Boost prints while there is no sink.
    testing::internal::CaptureStdout();
    // The sink that prints is made with its first record, in a way that ThreadSanitizer cannot see to be safe.
    blog::sources::logger log;
    BOOST_LOG(log) << "nobody else is there";
    producers busy(3);
    const auto shared = shipper::open(nowhere());
    std::vector<boost::shared_ptr<boost_log_sink>> all;
    for (int i = 0; i < 50; ++i) {
        all.push_back(add_boost_log_sink(shared));
        all.push_back(add_boost_log_sink(shared));
        busy.wait_for(20);
        blog::core::get()->remove_all_sinks();
    }
    busy.stop();
    testing::internal::GetCapturedStdout();
    EXPECT_TRUE(settled(*shared).balanced());
}

TEST_F(boost_life, flushed_by_many_threads) {
    bsink = add_boost_log_sink(nowhere());
    producers busy(2);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] {
            for (int n = 0; n < 500; ++n) blog::core::get()->flush();
        });
    }
    for (auto& t : threads) t.join();
    busy.stop();
    EXPECT_EQ(ledger().accepted, busy.logged());
}

TEST_F(boost_life, flush_does_not_wait_for_the_vendor) {
    server.fail_next("logsfori", {.status = 0, .delay = seconds(60)}, 100);
    add_sink_to(logsfori());
    blog::sources::logger log;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) {
        BOOST_LOG(log) << "a line, and a flush";
        blog::core::get()->flush();
    }
    // One answer alone takes a minute.
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(40));
    const auto book = bsink->get_shipper()->close(milliseconds(0)).destinations[0];
    EXPECT_EQ(book.accepted, 100u);
    EXPECT_TRUE(book.balanced());
}

TEST_F(boost_life, flush_sends_an_incomplete_batch_at_once) {
    bsink = add_boost_log_sink(quiet({{profound(), {.batch_age = std::chrono::hours(1)}}}));
    blog::sources::logger log;
    const auto visit = [&log] {
        BOOST_LOG(log) << kv("method", "GET", "host", "example.com", "path", "/", "status_code", 200, "ip", "192.0.2.1",
                             "user_agent", "test");
    };
    // The first after a pause goes at once; while its answer is out, others are collected.
    server.fail_next("profound", {.status = 0, .delay = seconds(60)});
    visit();
    ASSERT_TRUE(server.wait_for("profound", 1, seconds(60)));
    visit();
    visit();
    EXPECT_FALSE(server.wait_for("profound", 2, milliseconds(100)));
    bsink->flush();
    EXPECT_TRUE(server.wait_for("profound", 3, seconds(60)));
    bsink->get_shipper()->close(milliseconds(0));  // the first answer is not waited for
}

TEST_F(boost_life, a_filter_that_throws_is_boosts_business) {
    add_sink_to(logsfori());
    bsink->set_filter([](const blog::attribute_value_set&) -> bool { throw std::runtime_error("no"); });
    blog::sources::logger log;
    EXPECT_THROW(BOOST_LOG(log) << "thrown", std::runtime_error);
    int handled = 0;
    bsink->set_exception_handler([&handled] { ++handled; });
    EXPECT_NO_THROW(BOOST_LOG(log) << "handled");
    EXPECT_EQ(handled, 1);
    bsink->set_exception_handler(blog::make_exception_suppressor());
    EXPECT_NO_THROW(BOOST_LOG(log) << "suppressed");
    bsink->reset_filter();
    BOOST_LOG(log) << "through";
    EXPECT_EQ(last()["message"], "through");
    EXPECT_EQ(ledger().accepted, 1u);
}

TEST_F(boost_life, another_sink_that_throws_costs_this_one_nothing) {
    struct rude : blog::sinks::basic_sink_backend<blog::sinks::concurrent_feeding> {
        void consume(const blog::record_view&) { throw std::runtime_error("no"); }
    };
    add_sink_to(logsfori());
    blog::core::get()->add_sink(boost::make_shared<blog::sinks::unlocked_sink<rude>>());
    blog::core::get()->set_exception_handler(blog::make_exception_suppressor());
    blog::sources::logger log;
    for (int i = 0; i < 10; ++i) BOOST_LOG(log) << "a record";
    EXPECT_EQ(ledger().delivered, 10u);
}

// Boost's queue is in its library, where ThreadSanitizer does not look.
#ifndef __SANITIZE_THREAD__
TEST_F(boost_life, behind_boosts_other_frontends) {
    const auto backend = boost::make_shared<boost_log_backend>(quiet({{logsfori()}}));
    const auto locked = boost::make_shared<blog::sinks::synchronous_sink<boost_log_backend>>(backend);
    blog::core::get()->add_sink(locked);
    blog::sources::logger log = logger_with("a", 1);
    BOOST_LOG(log) << "through a lock";
    blog::core::get()->flush();
    blog::core::get()->remove_sink(locked);
    const auto queued = boost::make_shared<blog::sinks::asynchronous_sink<boost_log_backend>>(backend);
    blog::core::get()->add_sink(queued);
    BOOST_LOG_NAMED_SCOPE("cart");
    log.add_attribute("Scope", blog::attributes::named_scope());
    BOOST_LOG(log) << "through a queue";
    ASSERT_TRUE(server.wait_for("logsfori", 2, seconds(30)));
    blog::core::get()->remove_sink(queued);
    queued->stop();
    const auto all = bodies("logsfori");
    EXPECT_EQ(all[0]["message"], "through a lock");
    EXPECT_EQ(all[1]["message"], "through a queue");
    EXPECT_EQ(all[1]["extra"]["a"], 1);
    EXPECT_EQ(all[1]["extra"]["scope"], json::parse(R"(["cart"])"));
    backend->get_shipper()->close();
}
#endif

TEST_F(boost_life, what_a_callback_logs_is_dropped_and_counted) {
    std::atomic<int> calls{0};
    options opts;
    opts.destinations.push_back({logsfori()});
    opts.on_event = [&](const event&) {
        ++calls;
        blog::sources::logger log;
        BOOST_LOG(log) << "this must not come back";
    };
    server.fail_next("logsfori", {.status = 403, .body = R"({"status": "Invalid token"})"});
    opts.delivery.pause_min = milliseconds(50);
    bsink = add_boost_log_sink(std::move(opts));
    blog::sources::logger log;
    BOOST_LOG(log) << "refused at first";
    const auto book = ledger();
    EXPECT_EQ(book.delivered, 1u);
    EXPECT_GE(calls.load(), 1);
    EXPECT_EQ(book.dropped[static_cast<std::size_t>(drop_reason::reentrant)], static_cast<std::uint64_t>(calls.load()));
    EXPECT_EQ(server.accepted("logsfori"), 1u);
    bsink->get_shipper()->close();
}

TEST_F(boost_life, after_close_records_are_counted_as_dropped) {
    add_sink_to(logsfori());
    bsink->get_shipper()->close();
    blog::sources::logger log;
    BOOST_LOG(log) << "too late";
    const auto book = stats().destinations[0];
    EXPECT_EQ(book.dropped[static_cast<std::size_t>(drop_reason::after_close)], 1u);
    EXPECT_TRUE(book.balanced());
}

TEST_F(boost_life, an_end_without_removal_loses_nothing) {
    // How the program ends is the question; what libcrypto keeps to the end of a process that never cleans libcurl up
    // is not ours to count.
    EXPECT_EQ(support::run_program({LOGFERRY_BOOST_ENDS_AT_EXIT, server.base_url("logsfori"), server.token("logsfori")},
                                   "detect_leaks=0"),
              0);
    ASSERT_GE(server.accepted("logsfori"), 1u);
    EXPECT_EQ(bodies("logsfori").front()["message"], "last words");
}

}  // namespace
}  // namespace logferry::test
