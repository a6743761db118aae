#include "application.hpp"

#include <chrono>
#include <sstream>
#include <thread>
#include <utility>

#include <spdlog/async.h>

#include "child_options.hpp"
#include "payload.hpp"

namespace logferry::fault {

namespace {

using clock = std::chrono::steady_clock;
using nlohmann::json;
using std::chrono::milliseconds;

thread_local speaks_when_destroyed of_the_thread;

void add(ledger& sum, const destination_stats& book) {
    sum.accepted += book.accepted;
    sum.delivered += book.delivered;
    sum.pending += book.pending;
    sum.filtered += book.filtered;
    sum.rejected += book.rejected;
    for (std::size_t i = 0; i < drop_reason_count; ++i) sum.dropped[i] += book.dropped[i];
    sum.clipped += book.clipped;
    sum.dead_lettered += book.dead_lettered;
    sum.requests += book.requests;
    sum.retries += book.retries;
    sum.loss_reports += book.loss_reports;
    sum.in_flight_limit += book.in_flight_limit;
    sum.balanced = sum.balanced && book.balanced();
    if (!book.last_error.empty()) book.last_error.copy(sum.last_error.data(), sum.last_error.size() - 1);
}

void raise(std::atomic<std::uint64_t>& longest, std::uint64_t to) {
    auto known = longest.load();
    while (to > known && !longest.compare_exchange_weak(known, to)) {
    }
}

std::shared_ptr<spdlog::logger> logger_to(const spdlog::sink_ptr& sink, bool async) {
    if (!async) return std::make_shared<spdlog::logger>("app", sink);
    spdlog::init_thread_pool(8192, 1);
    return std::make_shared<spdlog::async_logger>("app", sink, spdlog::thread_pool());
}

}  // namespace

application::application(const json& settings)
    : callback_(std::make_shared<bad_callback>(settings.value("callback", ""))),
      level_(spdlog::level::from_str(settings.value("level", "info"))),
      payload_(settings.value("payload", std::size_t{64})),
      raw_(settings.value("raw", false)),
      web_(settings.value("vendor", "") == "profound") {
    for (int i = 0; i < settings.value("sinks", 1); ++i) open_one(settings);
}

void application::open_one(const json& settings) {
    auto opts = options_from(settings);
    opts.on_event = [callback = callback_](const event& e) { (*callback)(e); };
    const auto sink = std::make_shared<spdlog_sink>(std::move(opts));
    if (const auto word = settings.value("formatter", ""); !word.empty()) {
        sink->set_formatter(failing_formatter(word == "throws_int"));
        sink->use_formatter(true);
    }
    shippers_.push_back(sink->get_shipper());
    loggers_.push_back(logger_to(sink, settings.value("async", false)));
    if (settings.value("flushes", false)) loggers_.back()->flush_on(spdlog::level::err);
    callback_->use(loggers_.back(), shippers_.back());
}

bool application::obey(const std::string& order) {
    std::istringstream words(order);
    const auto word = [&words] {
        std::string next;
        words >> next;
        return next;
    };
    const auto number = [&word] { return std::stoull(word()); };

    const auto verb = word();
    if (verb == "log") {
        const auto count = number();
        log_many(count, number());
    } else if (verb == "keep_logging") {
        keep_logging(number());
    } else if (verb == "set_secret") {
        set_secret(word());
    } else if (verb == "drain") {
        note([deadline = milliseconds(number())](shipper& s) { return s.drain(deadline); });
    } else if (verb == "close") {
        note([budget = milliseconds(number())](shipper& s) { return s.close(budget); });
    } else if (verb == "stats") {
        note([](shipper& s) { return s.stats(); });
    } else if (verb == "exit") {
        std::exit(0);
    }
    return verb != "return";
}

void application::log_next() {
    auto& page = inherited_page();
    const auto id = next_.fetch_add(1);
    if (id >= shared_page::most_records) return;
    page.calls[id] = call::begun;
    hand_over(*loggers_[id % loggers_.size()], id);
    if (!page.over) page.calls[id] = call::returned;
}

void application::hand_over(spdlog::logger& log, std::uint64_t id) {
    const auto text = web_ ? path_of(id, payload_) : raw_ ? raw_payload_of(id, payload_) : payload_of(id, payload_);
    const auto start = clock::now();
    if (web_) {
        log.log(level_, "{}",
                kv("method", "GET", "host", "shop.example", "path", text, "status_code", 200, "ip", "192.0.2.1",
                   "user_agent", "fault"));
    } else {
        log.log(level_, "{} {}", text, kv("id", id));
    }
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - start);
    raise(inherited_page().longest_call_ns, static_cast<std::uint64_t>(took.count()));
}

void application::log_many(std::uint64_t count, std::uint64_t threads) {
    std::vector<std::thread> running;
    for (std::uint64_t t = 0; t < threads; ++t) {
        const auto share = count / threads + (t < count % threads);
        running.emplace_back([this, share] {
            static_cast<void>(&of_the_thread);
            for (std::uint64_t i = 0; i < share; ++i) log_next();
        });
    }
    for (auto& each : running) each.join();
}

void application::keep_logging(std::uint64_t threads) {
    for (std::uint64_t t = 0; t < threads; ++t) {
        std::thread([this] {
            for (;;) log_next();
        }).detach();
    }
}

void application::set_secret(const std::string& text) {
    for (const auto& each : shippers_) each->set_secret("vendor", secret(text));
}

void application::note_final_ledger() {
    inherited_page().over = true;
    note([](shipper& s) { return s.stats(); });
}

template <typename Figures>
void application::note(Figures figures) {
    const auto start = clock::now();
    ledger sum;
    for (const auto& each : shippers_) {
        for (const auto& book : figures(*each).destinations) add(sum, book);
    }
    auto& page = inherited_page();
    page.waited_ms = std::chrono::duration_cast<milliseconds>(clock::now() - start).count();
    page.books = sum;
}

}  // namespace logferry::fault
