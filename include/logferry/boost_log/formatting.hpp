// A sink's formatter, if it has one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <locale>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <boost/log/core/record_view.hpp>
#include <boost/log/expressions/formatter.hpp>
#include <boost/log/utility/formatting_ostream.hpp>

#include <logferry/detail/of_this_thread.hpp>

namespace logferry::detail::boost_log {

/// Boost's formatters keep state and are made for one thread at a time, so each thread formats with copies of its own,
/// a few, for the sinks that it used last.
///
/// Thread rule: every member from any thread. `format` takes a lock for a thread's first record after a change.
class formatting {
public:
    void set(const boost::log::formatter& formatter) { exchange(formatter, true); }
    void reset() { exchange(boost::log::formatter(), false); }
    void imbue(const std::locale& locale) {
        const std::lock_guard<std::mutex> lock(mutex_);
        locale_ = locale;
        change_version();
    }
    [[nodiscard]] std::locale getloc() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return locale_;
    }

    /// True when there is one.
    [[nodiscard]] bool active() const noexcept { return version_.load(std::memory_order_acquire) != 0; }

    /// The record as the formatter writes it, without the newlines at its end. Nothing when it cannot: the formatter
    /// threw, or it logs itself and is at work already. Valid until this thread formats again.
    [[nodiscard]] std::optional<std::string_view> format(const boost::log::record_view& record) noexcept {
        try {
            auto* const mine = own_copy();
            if (!mine || mine->busy) return std::nullopt;
            const working at_it(*mine);
            mine->formatter(record, mine->stream);
            mine->stream.flush();
            return without_newline(mine->text);
        } catch (...) {
            return std::nullopt;
        }
    }

private:
    /// The old one ends outside of the lock, for the end of what it holds may log.
    void exchange(boost::log::formatter formatter, bool set) {
        const std::lock_guard<std::mutex> lock(mutex_);
        formatter_.swap(formatter);
        set_ = set;
        change_version();
    }

    struct copy {
        std::uint64_t version = 0;
        bool busy = false;
        std::string text;
        boost::log::formatting_ostream stream;
        boost::log::formatter formatter;
    };
    struct copies {
        std::array<copy, 4> all;
        std::size_t oldest = 0;
    };

    /// An error of one record is not the next one's. Flags and locale that a formatter leaves in the stream stay, as
    /// with Boost's own sinks.
    class working {
    public:
        explicit working(copy& c) : copy_(c) {
            copy_.busy = true;
            copy_.text.clear();
        }
        ~working() {
            copy_.busy = false;
            copy_.stream.clear();
            // What the stream still holds of a record whose formatter threw goes to a text that is cleared.
            if (copy_.stream.rdbuf() != nullptr) copy_.stream.rdbuf()->pubsync();
        }
        working(const working&) = delete;
        working& operator=(const working&) = delete;

    private:
        copy& copy_;
    };

    static std::string_view without_newline(std::string_view text) noexcept {
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
        return text;
    }

    /// Unique among all sinks, so that a thread's copy is never taken for another sink's; 0 without a formatter.
    void change_version() noexcept {
        static std::atomic<std::uint64_t> last{0};
        version_.store(set_ ? last.fetch_add(1, std::memory_order_relaxed) + 1 : 0, std::memory_order_release);
    }

    copy* own_copy() {
        const auto version = version_.load(std::memory_order_acquire);
        auto* const mine = version != 0 ? detail::of_this_thread<copies>() : nullptr;
        if (!mine) return nullptr;
        for (auto& c : mine->all) {
            if (c.version == version) return &c;
        }
        auto& place = mine->all[mine->oldest++ % mine->all.size()];
        if (place.busy) return nullptr;
        refill(place);
        return &place;
    }

    /// As in `exchange`, what the place held before ends outside of the lock, and last.
    void refill(copy& place) {
        boost::log::formatter formatter;
        std::locale locale;
        std::uint64_t version = 0;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            formatter = formatter_;
            locale = locale_;
            version = version_.load(std::memory_order_relaxed);
        }
        place.version = 0;
        place.formatter.swap(formatter);
        place.stream.attach(place.text);
        // What an operator of the application's throws must come out of the stream.
        place.stream.exceptions(std::ios_base::badbit | std::ios_base::failbit);
        place.stream.imbue(locale);
        place.version = version;
    }

    mutable std::mutex mutex_;
    boost::log::formatter formatter_;
    std::locale locale_;
    bool set_ = false;
    std::atomic<std::uint64_t> version_{0};
};

}  // namespace logferry::detail::boost_log
