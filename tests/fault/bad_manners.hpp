// An application's callback and formatter as bad as they come.
#pragma once

#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include <logferry/shipper.hpp>

#include "inherited_page.hpp"

namespace logferry::fault {

/// Counts the events, and then does what its name says: "throws", "throws_int", "hangs", "logs", "drains", "closes".
class bad_callback {
public:
    explicit bad_callback(std::string name) : name_(std::move(name)) {}

    void operator()(const event& e) {
        ++inherited_page().events[static_cast<std::size_t>(e.what)];
        if (name_ == "throws") throw std::runtime_error("the application's own mistake");
        if (name_ == "throws_int") throw 42;
        const bool paused = e.what == event::kind::paused;
        while (name_ == "hangs" || (name_ == "hangs_when_paused" && paused)) ::pause();  // until the process ends
        const std::lock_guard lock(mutex_);
        const auto to = shipper_.lock();
        if (name_ == "logs" && logger_) logger_->error("from the callback");
        if (name_ == "drains" && to) to->drain(std::chrono::minutes(1));
        if (name_ == "closes" && to) to->close(std::chrono::minutes(1));
    }

    void use(std::shared_ptr<spdlog::logger> logger, const std::shared_ptr<shipper>& to) {
        const std::lock_guard lock(mutex_);
        logger_ = std::move(logger);
        shipper_ = to;
    }

private:
    const std::string name_;
    std::mutex mutex_;
    std::shared_ptr<spdlog::logger> logger_;
    std::weak_ptr<shipper> shipper_;
};

/// A pattern flag that throws for every record: an int, or a proper exception.
class failing_flag : public spdlog::custom_flag_formatter {
public:
    explicit failing_flag(bool with_int) : with_int_(with_int) {}
    void format(const spdlog::details::log_msg&, const std::tm&, spdlog::memory_buf_t&) override {
        if (with_int_) throw 42;
        throw std::runtime_error("the application's own mistake");
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<failing_flag>(with_int_);
    }

private:
    const bool with_int_;
};

[[nodiscard]] inline std::unique_ptr<spdlog::formatter> failing_formatter(bool with_int) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<failing_flag>('*', with_int).set_pattern("%*%v");
    return formatter;
}

}  // namespace logferry::fault
