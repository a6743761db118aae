// As the README has it, from outside.
#include <spdlog/spdlog.h>

#include <logferry/spdlog_sink.hpp>

#include "given_up.hpp"

int main() {
    logferry::logsh vendor{"shop", logferry::secret("key"), "http://127.0.0.1:9"};
    auto sink = std::make_shared<logferry::spdlog_sink>(vendor);
    spdlog::default_logger()->sinks().push_back(sink);
    logferry::scope request{{"request_id", "r-1"}};
    spdlog::error("payment failed {}", logferry::kv("order_id", 42, "amount", 9.99));
    return given_up(*sink->get_shipper());
}
