#include "application.hpp"

#include <unistd.h>

#include <chrono>
#include <sstream>
#include <thread>
#include <utility>

#include <spdlog/async.h>

#include "bad_ends.hpp"
#include "child_options.hpp"
#include "forking.hpp"
#include "last_record.hpp"
#include "payload.hpp"
#include "system_calls.hpp"

namespace logferry::fault {

namespace {

using clock = std::chrono::steady_clock;
using nlohmann::json;
using std::chrono::milliseconds;

thread_local speaks_when_destroyed of_the_thread;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// How much threads log that log until the end. More than any test needs, and not more than the next program can send
/// in its time, however late the end comes.
constexpr std::uint64_t most_kept_logging = 20'000;
#else
constexpr std::uint64_t most_kept_logging = shared_page::most_records;
#endif

void add(ledger& sum, const destination_stats& book) {
    sum.accepted += book.accepted;
    sum.recovered += book.recovered;
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

void add(spool_ledger& sum, const spool_stats& book) {
    sum.in_use = sum.in_use || book.in_use;
    sum.unspooled += book.unspooled;
    sum.backlog_segments += book.backlog_segments;
    sum.adopted_slots += book.adopted_slots;
    sum.unfinished_records += book.unfinished_records;
    sum.damaged_places += book.damaged_places;
    sum.missing_segments += book.missing_segments;
    sum.quarantined_files += book.quarantined_files;
    sum.discarded_files += book.discarded_files;
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
      payload_{settings.value("payload", std::size_t{64}), settings.value("spread", std::size_t{0}),
               settings.value("raw", false)},
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
    } else if (verb == "log_without_system_calls") {
        log_without_system_calls(number());
    } else if (verb == "set_secret") {
        set_secret(word());
    } else if (verb == "drain") {
        note([deadline = milliseconds(number())](shipper& s) { return s.drain(deadline); });
    } else if (verb == "close") {
        note([budget = milliseconds(number())](shipper& s) { return s.close(budget); });
    } else if (verb == "stats") {
        note([](shipper& s) { return s.stats(); });
    } else if (verb == "fork") {
        const auto count = number();
        fork_child([&] { log_many(count, 0); }, word());
    } else if (verb == "leave_last_record") {
        const auto id = inherited_page().next_id.fetch_add(1);
        fault::leave_last_record(shippers_.front(), id, message_of(id, payload_.bytes_of(id)));
    } else if (verb == "die") {
        end_by(word());
    } else if (verb == "exit") {
        std::exit(0);
    }
    return verb != "return";
}

void application::log_next() {
    auto& page = inherited_page();
    const auto id = page.next_id.fetch_add(1);
    if (id >= shared_page::most_records) return;
    page.calls[id] = call::begun;
    hand_over(*loggers_[id % loggers_.size()], id, text_of(id));
    if (!page.over) page.calls[id] = call::returned;
}

std::string application::text_of(std::uint64_t id) const {
    const auto bytes = payload_.bytes_of(id);
    return web_ ? path_of(id, bytes) : payload_.raw ? raw_payload_of(id, bytes) : payload_of(id, bytes);
}

void application::hand_over(spdlog::logger& log, std::uint64_t id, const std::string& text) {
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
    if (threads == 0) {
        for (std::uint64_t i = 0; i < count; ++i) log_next();
        return;
    }
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
        std::thread([this, share = most_kept_logging / threads] {
            for (std::uint64_t i = 0; i < share; ++i) log_next();
            for (;;) ::pause();  // until the process ends
        }).detach();
    }
}

void application::log_without_system_calls(std::uint64_t count) {
    auto& page = inherited_page();
    const auto first = page.next_id.fetch_add(count);
    std::vector<std::string> texts;
    for (auto id = first; id < first + count; ++id) texts.push_back(text_of(id));
    std::thread([&] {
        log_next();  // what a thread's first record needs once
        forbid_system_calls();
        for (auto id = first; id < first + count; ++id) {
            page.calls[id] = call::begun;
            hand_over(*loggers_.front(), id, texts[id - first]);
            page.calls[id] = call::returned;
        }
        end_thread();
    }).join();
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
    std::array<ledger, 2> parts;
    for (const auto& each : shippers_) {
        const auto all = figures(*each);
        for (std::size_t i = 0; i < all.destinations.size(); ++i) {
            add(sum, all.destinations[i]);
            if (i < parts.size()) add(parts[i], all.destinations[i]);
        }
        add(sum.spool, all.spool);
    }
    auto& page = inherited_page();
    page.of_destination = parts;
    page.waited_ms = std::chrono::duration_cast<milliseconds>(clock::now() - start).count();
    page.books = sum;
}

}  // namespace logferry::fault
