// The spdlog sink. Header-only, so that the application's own spdlog and fmt decide (spdlog >= 1.10, external or
// bundled fmt, or std::format).
//
//     spdlog::default_logger()->sinks().push_back(std::make_shared<logferry::spdlog_sink>(
//         logferry::logsh{"shop", logferry::secret::from_env("LOGSH_API_KEY")}));
//
// Put it on a synchronous logger: it is asynchronous by itself, and behind spdlog's own asynchronous logger it sees
// neither the logging thread's `kv` nor its `scope` fields (it notices, counts, and says so once).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/details/log_msg.h>
#include <spdlog/details/os.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>

#include <logferry/detail/of_this_thread.hpp>
#include <logferry/fields.hpp>
#include <logferry/shipper.hpp>

namespace logferry {

/// Hands spdlog's records to a shipper.
///
/// Thread rule: every member from any thread. `log` takes no lock (but for a thread's first record after
/// `set_formatter`, with `use_formatter`), never throws, and never logs through spdlog. It works on any number of
/// loggers, and any number of sinks may share a shipper.
class spdlog_sink final : public spdlog::sinks::sink {
public:
    /// A shipper of its own with one destination and the defaults. Throws `config_error`.
    explicit spdlog_sink(vendor_options vendor, destination_options where = {})
        : spdlog_sink(shipper::open(only(std::move(vendor), std::move(where)))) {}
    /// A shipper of its own. Throws `config_error`.
    explicit spdlog_sink(options opts) : spdlog_sink(shipper::open(std::move(opts))) {}
    /// Shares a shipper, which lives at least as long as the sink. Throws `config_error` for a null pointer.
    explicit spdlog_sink(std::shared_ptr<shipper> to) : shipper_(std::move(to)) {
        if (shipper_) return;
        throw config_error(
            std::vector<config_problem>{{"shipper", "is a null pointer; pass what shipper::open returned"}});
    }

    /// Where the records go; for `drain`, `close` and `stats`.
    [[nodiscard]] const std::shared_ptr<shipper>& get_shipper() const noexcept { return shipper_; }

    void log(const spdlog::details::log_msg& msg) override {
        if (!use_formatter_.load(std::memory_order_relaxed)) {
            submit(msg, view(msg.payload));
            return;
        }
        spdlog::memory_buf_t text;
        submit(msg, formatted(msg, text) ? without_newline({text.data(), text.size()}) : view(msg.payload));
    }

    /// Asks the worker to send incomplete batches now, and returns at once, so that `flush_on` costs the logging thread
    /// one eventfd write at most. To wait, use `get_shipper()->drain(deadline)`.
    void flush() override { shipper_->nudge(); }

    /// The vendor gets the bare message, because level, time and logger travel as fields. With `use_formatter(true)` it
    /// gets the text that the formatter or pattern makes, without the newline at its end.
    void use_formatter(bool yes) noexcept { use_formatter_.store(yes, std::memory_order_relaxed); }

    /// Kept, and ignored unless `use_formatter` is on.
    void set_pattern(const std::string& pattern) override {
        set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
    }
    /// Kept, and ignored unless `use_formatter` is on.
    void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
        const std::lock_guard<std::mutex> lock(formatter_mutex_);
        formatter_ = std::move(formatter);
        formatter_version_.store(next_version(), std::memory_order_release);
    }

private:
    static options only(vendor_options vendor, destination_options where) {
        options opts;
        opts.destinations.push_back(logferry::destination{std::move(vendor), std::move(where)});
        return opts;
    }

    static std::string_view view(spdlog::string_view_t text) noexcept { return {text.data(), text.size()}; }
    static std::string_view view(const char* text) noexcept {
        return text ? std::string_view(text) : std::string_view();
    }

    static std::string_view without_newline(std::string_view text) noexcept {
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
        return text;
    }

    static logferry::level level_of(spdlog::level::level_enum lvl) noexcept {
        // Both count from trace to off.
        static_assert(static_cast<int>(logferry::level::trace) == SPDLOG_LEVEL_TRACE &&
                          static_cast<int>(logferry::level::warn) == SPDLOG_LEVEL_WARN &&
                          static_cast<int>(logferry::level::off) == SPDLOG_LEVEL_OFF,
                      "spdlog's levels have changed");
        return static_cast<logferry::level>(lvl);
    }

    void submit(const spdlog::details::log_msg& msg, std::string_view message) noexcept {
        record_input record;
        record.lvl = level_of(msg.level);
        record.time_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(msg.time.time_since_epoch()).count();
        record.thread_id = msg.thread_id;
        record.logger = view(msg.logger_name);
        record.message = message;
        if (msg.source.line > 0) {
            record.source.file = view(msg.source.filename);
            record.source.function = view(msg.source.funcname);
            record.source.line = static_cast<std::uint32_t>(msg.source.line);
        }
        if (msg.thread_id != 0 && msg.thread_id != spdlog::details::os::thread_id()) {
            record.on_logging_thread = false;
            shipper_->note_async_hop();
        }
        shipper_->submit(record);
    }

    /// spdlog's formatters keep state and are made for one thread at a time, so each thread formats with copies of its
    /// own, a few, for the sinks that it used last.
    struct thread_formatters {
        struct copy {
            std::uint64_t version = 0;
            std::unique_ptr<spdlog::formatter> formatter;
        };
        std::array<copy, 4> copies;
        std::size_t oldest = 0;
    };

    static std::uint64_t next_version() noexcept {
        static std::atomic<std::uint64_t> last{0};
        return last.fetch_add(1, std::memory_order_relaxed) + 1;
    }

    spdlog::formatter* own_copy() {
        const auto version = formatter_version_.load(std::memory_order_acquire);
        auto* const mine = version != 0 ? detail::of_this_thread<thread_formatters>() : nullptr;
        if (!mine) return nullptr;
        for (auto& c : mine->copies) {
            if (c.version == version) return c.formatter.get();
        }
        const std::lock_guard<std::mutex> lock(formatter_mutex_);
        auto& place = mine->copies[mine->oldest++ % mine->copies.size()];
        place.version = 0;
        place.formatter = formatter_->clone();
        place.version = formatter_version_.load(std::memory_order_relaxed);
        return place.formatter.get();
    }

    bool formatted(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& text) noexcept {
        try {
            auto* const formatter = own_copy();
            if (formatter) formatter->format(msg, text);
            return formatter != nullptr;
        } catch (...) {
            // A flag of the application's own threw: the record goes out with its bare message.
            return false;
        }
    }

    std::shared_ptr<shipper> shipper_;
    std::atomic<bool> use_formatter_{false};
    std::mutex formatter_mutex_;
    std::unique_ptr<spdlog::formatter> formatter_;
    // 0 until a formatter was set; unique among all sinks, so that a thread's copy is never taken for another sink's.
    std::atomic<std::uint64_t> formatter_version_{0};
};

}  // namespace logferry

/// Makes `kv` an argument of any spdlog call. Width, fill and alignment work; with a precision that cuts the text the
/// record gets no fields.
#ifdef SPDLOG_USE_STD_FORMAT
template <std::size_t N>
struct std::formatter<logferry::kv_pack<N>, char> : std::formatter<std::string_view, char> {
    template <typename Context>
    auto format(const logferry::kv_pack<N>& fields, Context& context) const {
        return std::formatter<std::string_view, char>::format(fields.render(), context);
    }
};
#else
template <std::size_t N>
struct fmt::formatter<logferry::kv_pack<N>, char> : fmt::formatter<fmt::string_view, char> {
    template <typename Context>
    auto format(const logferry::kv_pack<N>& fields, Context& context) const {
        const std::string_view text = fields.render();
        return fmt::formatter<fmt::string_view, char>::format(fmt::string_view(text.data(), text.size()), context);
    }
};
#endif
