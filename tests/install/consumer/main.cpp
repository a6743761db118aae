// As the README has it, from outside. Nobody listens on the discard port, so the record is given up, and told.
#include <spdlog/spdlog.h>

#include <cstdio>

#include <logferry/spdlog_sink.hpp>

int main() {
    logferry::logsh vendor{"shop", logferry::secret("key"), "http://127.0.0.1:9"};
    auto sink = std::make_shared<logferry::spdlog_sink>(vendor);
    spdlog::default_logger()->sinks().push_back(sink);
    logferry::scope request{{"request_id", "r-1"}};
    spdlog::error("payment failed {}", logferry::kv("order_id", 42, "amount", 9.99));
    const auto ledger = sink->get_shipper()->close(std::chrono::seconds(2));
    const auto& book = ledger.destinations.front();
    std::printf("accepted %lu, dropped %lu\n", static_cast<unsigned long>(book.accepted),
                static_cast<unsigned long>(book.dropped_total()));
    return book.balanced() && book.accepted == 1 && book.dropped_total() == 1 ? 0 : 1;
}
