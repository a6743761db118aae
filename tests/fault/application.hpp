// The application of the program under test: loggers with logferry's sinks, and somebody who gives orders.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

#include <logferry/spdlog_sink.hpp>

#include "bad_manners.hpp"
#include "payload.hpp"

namespace logferry::fault {

/// Whatever logs here says a last word when it goes, if the settings want that. Defined with the program's ends.
struct speaks_when_destroyed {
    ~speaks_when_destroyed();
};

class application {
public:
    /// Throws `config_error`. The settings beside those of the options: `sinks` (each with a shipper of its own),
    /// `level`, `payload` (bytes), `spread`, `raw`, `async`, `flushes`, `callback`, `formatter`.
    explicit application(const nlohmann::json& settings);

    /// Does what fault_child.cpp lists; false after the last order.
    bool obey(const std::string& order);

    /// Logs the record whose turn it is, on any thread.
    void log_next();

    /// What comes later is in no ledger.
    void note_final_ledger();

private:
    void open_one(const nlohmann::json& settings);
    [[nodiscard]] std::string text_of(std::uint64_t id) const;
    void hand_over(spdlog::logger& log, std::uint64_t id, const std::string& text);
    void log_many(std::uint64_t count, std::uint64_t threads);
    void keep_logging(std::uint64_t threads);
    void log_without_system_calls(std::uint64_t count);
    void set_secret(const std::string& text);

    /// Sums up what `figures` says of each shipper, and takes the time.
    template <typename Figures>
    void note(Figures figures);

    const std::shared_ptr<bad_callback> callback_;
    const spdlog::level::level_enum level_;
    const payload_kind payload_;
    const bool web_;
    std::vector<std::shared_ptr<shipper>> shippers_;
    std::vector<std::shared_ptr<spdlog::logger>> loggers_;
};

}  // namespace logferry::fault
