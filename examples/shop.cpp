// A small shop that logs from several threads through spdlog. It had a console logger; one sink line sends the same
// records to five vendors as well.
//
//     shop LEDGER_FILE       credentials and addresses come from the environment, see vendors_from_env.hpp
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <logferry/spdlog_sink.hpp>

#include "ledger_file.hpp"
#include "vendors_from_env.hpp"

namespace {

constexpr int customers = 4;
constexpr int visits = 25;

/// One line of access log for each request that the shop answers: these fields are what Profound takes.
void log_access(spdlog::logger& access, const char* path, int status, int bytes, double ms) {
    access.info("GET {} {} {}", path, status,
                logferry::kv("http.request.method", "GET", "server.address", "shop.example", "url.path", path,
                             "http.response.status_code", status, "client.address", "192.0.2.17", "user_agent.original",
                             "Mozilla/5.0 (X11; Linux x86_64)", "http.request.header.referer",
                             "https://www.example/search", "http.response.body.size", bytes, "duration_ms", ms));
}

void buy(spdlog::logger& log, int order, std::minstd_rand& chance) {
    const double amount = static_cast<double>(chance() % 10'000) / 100.0;
    log.info("order placed {}", logferry::kv("order_id", order, "amount", amount, "currency", "EUR"));
    if (chance() % 5 == 0) {
        log.error("payment declined {}", logferry::kv("order_id", order, "reason", "card expired"));
    } else if (chance() % 5 == 0) {
        log.warn("payment slow {}", logferry::kv("order_id", order, "execution_time", 1843.5));
    }
}

void serve_customer(int customer) {
    const auto log = spdlog::get("shop");
    const auto access = spdlog::get("access");
    std::minstd_rand chance(static_cast<unsigned>(customer));
    const std::string session = "s-" + std::to_string(1000 + customer);
    // Everything that this thread logs while `scope` lives carries these two fields.
    const logferry::scope scope{{"session", session}, {"customer", customer}};
    for (int visit = 0; visit < visits; ++visit) {
        log_access(*access, visit % 3 == 0 ? "/" : "/products/42", visit % 7 == 6 ? 404 : 200, 5120 + visit, 12.5);
        if (visit % 3 == 2) buy(*log, customer * 1000 + visit, chance);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::fputs("usage: shop LEDGER_FILE\n", stderr);
        return 2;
    }
    // The setup that was there: a console that shows warnings and errors.
    auto console = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
    console->set_level(spdlog::level::warn);
    auto shop = std::make_shared<spdlog::logger>("shop", console);
    auto access = std::make_shared<spdlog::logger>("access", console);
    spdlog::register_logger(shop);
    spdlog::register_logger(access);

    // What is new. Several vendors share one buffer and one thread.
    logferry::options options;
    options.destinations = example::vendors_from_env();
    options.service = {.name = "shop", .version = "1.4.0", .environment = "example"};
    const auto shipper = logferry::shipper::open(std::move(options));
    const auto sink = std::make_shared<logferry::spdlog_sink>(shipper);
    shop->sinks().push_back(sink);
    access->sinks().push_back(sink);

    std::vector<std::thread> threads;
    for (int customer = 1; customer <= customers; ++customer) threads.emplace_back(serve_customer, customer);
    for (auto& thread : threads) thread.join();
    shop->critical("the shop closes: \xF0\x9F\x91\x8B and some bytes that are no text: \xFF\xFE");

    const auto ledger = shipper->close(std::chrono::seconds(10));
    example::write_ledger(argv[1], "shop", ledger);
    return ledger.balanced() ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "shop: %s\n", e.what());
    return 1;
}
