// One record on its way from Boost's attributes to a shipper.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/log/attributes/named_scope.hpp>
#include <boost/type_index.hpp>

#include <logferry/boost_log/scratch.hpp>
#include <logferry/boost_log/values.hpp>
#include <logferry/level.hpp>
#include <logferry/record.hpp>

namespace logferry::detail::boost_log {

/// What an attribute is to the record.
enum class role : std::uint8_t {
    field,
    message,
    severity,
    channel,
    time_stamp,
    thread,
    scope,
    file,
    line,
    function,
    left_out,
};
inline constexpr std::size_t role_count = static_cast<std::size_t>(role::left_out);

/// The running thread's number in the kernel, asked once a thread, and again in a forked child.
inline std::uint64_t own_thread_id() noexcept {
    static std::atomic<unsigned> forks{1};
    static const int watches = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); });
    static_cast<void>(watches);
    struct known {
        unsigned forks;
        std::uint64_t id;
    };
    static thread_local known mine{0, 0};
    const auto now = forks.load(std::memory_order_relaxed);
    if (mine.forks != now) mine = {now, static_cast<std::uint64_t>(::syscall(SYS_gettid))};
    return mine.id;
}

/// The fields of one record: on the stack, unless there are very many.
class field_list {
public:
    field_list() noexcept = default;
    field_list(const field_list&) = delete;
    field_list& operator=(const field_list&) = delete;

    /// The value is made in its place: a copy of one that was just put together makes the processor wait.
    template <typename Make>
    void add(const std::string& key, const Make& make) {
        if (size_ < room) {
            new (first_ + size_ * sizeof(field)) field{key, make()};
        } else {
            if (size_ == room) all_.assign(first(), first() + size_);
            all_.push_back(field{key, make()});
        }
        ++size_;
    }
    [[nodiscard]] const field* data() const noexcept { return size_ <= room ? first() : all_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::size_t room = 64;
    static_assert(std::is_trivially_destructible_v<field>);

    [[nodiscard]] const field* first() const noexcept { return std::launder(reinterpret_cast<const field*>(first_)); }

    alignas(field) std::byte first_[room * sizeof(field)];
    std::vector<field> all_;
    std::size_t size_ = 0;
};

/// How values of one type are read: `trampoline` is a `void (*)(void* builder, const T&)`.
struct type_reader {
    boost::typeindex::type_index type;
    void* trampoline;
    /// A callable of the application's, which the trampoline knows by its type.
    std::shared_ptr<const void> callable;
};

/// Filled by the readers of the attributes, one attribute after the other.
class record_builder {
public:
    explicit record_builder(boost_log_clock clock) noexcept : clock_(clock) {}

    // For readers.

    [[nodiscard]] value_context context() noexcept { return {memory_, clock_}; }
    /// The callable of the reader that runs.
    template <typename F>
    [[nodiscard]] const F& callable() const noexcept {
        return *static_cast<const F*>(reader_->callable.get());
    }
    /// A field under the attribute's own key, if the mapping has it among the fields.
    void add(const value& v) {
        add_made([&v] { return v; });
    }
    template <typename Make>
    void add_made(const Make& make) {
        if (may_be_field_) fields_.add(*key_, make);
    }
    /// The same value, with text that lives as long as the builder.
    [[nodiscard]] value kept(const value& v) {
        if (v.type() == value::kind::string) return value(memory_.copy(v.text()));
        if (v.type() == value::kind::json) return value::json(memory_.copy(v.text()));
        return v;
    }

    void set_level(std::optional<level> lvl) noexcept {
        if (lvl && *lvl < level::off) level_ = lvl;
    }
    void set_severity_word(std::string_view word) noexcept { severity_word_ = word; }
    void set_message(std::string_view text) noexcept { record_.message = text; }
    void set_logger(std::string_view name) noexcept { record_.logger = name; }
    void set_time(std::int64_t ns) noexcept { time_ns_ = ns; }
    void set_thread(std::uint64_t native_id) noexcept { record_.thread_id = native_id; }
    void set_other_thread(std::uint64_t native_id) noexcept {
        record_.thread_id = native_id;
        record_.on_logging_thread = false;
    }
    [[nodiscard]] source_location& source() noexcept { return record_.source; }
    void set_scope(const boost::log::attributes::named_scope_entry& innermost) noexcept { scope_ = &innermost; }

    // For whoever goes through the attributes.

    /// The key is the next attribute's; it must live as long as the builder.
    void begin(const std::string& key, bool may_be_field) noexcept {
        key_ = &key;
        may_be_field_ = may_be_field;
    }
    void use(const type_reader* reader) noexcept { reader_ = reader; }
    /// Something has filled that part of the record.
    [[nodiscard]] bool has(role what) const noexcept {
        switch (what) {
            case role::severity:
                return level_.has_value();
            case role::message:
                return record_.message.data() != nullptr;
            case role::channel:
                return record_.logger.data() != nullptr;
            case role::time_stamp:
                return time_ns_.has_value();
            case role::thread:
                return record_.thread_id != 0;
            default:
                // The parts of the place look for themselves.
                return false;
        }
    }
    [[nodiscard]] std::optional<level> found_level() const noexcept { return level_; }
    [[nodiscard]] std::string_view severity_word() const noexcept { return severity_word_; }

    /// The record, once all attributes were read. Lives as long as the builder and what it was read from.
    [[nodiscard]] const record_input& finish() noexcept {
        record_.lvl = level_.value_or(level::info);
        record_.time_ns = time_ns_ ? *time_ns_ : exact_now_ns();
        if (record_.thread_id == 0) record_.thread_id = own_thread_id();
        if (scope_ && record_.source.file.empty() && record_.source.line == 0) stand_in_scope();
        record_.fields = fields_.data();
        record_.field_count = fields_.size();
        return record_;
    }

private:
    static std::int64_t exact_now_ns() noexcept {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec * second_ns + now.tv_nsec;
    }

    /// Where the scope was entered is the next best thing to where the record was written.
    void stand_in_scope() noexcept {
        record_.source.file = {scope_->file_name.c_str(), scope_->file_name.size()};
        record_.source.line = scope_->line;
        if (record_.source.function.empty() && scope_->type == boost::log::attributes::named_scope_entry::function) {
            record_.source.function = {scope_->scope_name.c_str(), scope_->scope_name.size()};
        }
    }

    record_input record_;
    std::optional<level> level_;
    std::optional<std::int64_t> time_ns_;
    std::string_view severity_word_;
    const boost::log::attributes::named_scope_entry* scope_ = nullptr;
    const std::string* key_ = nullptr;
    bool may_be_field_ = true;
    const type_reader* reader_ = nullptr;
    const boost_log_clock clock_;
    scratch memory_;
    field_list fields_;
};

}  // namespace logferry::detail::boost_log
