// What a record is: typed values, fields, and the two faces of a record.
//
// `record_input` is what an adapter hands in: views of things that live during the log call only.
// `record_view` is what a vendor reads: views into the journal's bytes, valid during the call they are passed to.
// Between the two a record is flat bytes, whose layout is written down in one place,
// `sinks/record/include/record/flat.hpp`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include <logferry/level.hpp>

namespace logferry {

/// A typed value, seen and not owned: strings are views whose bytes must outlive the value.
///
/// Strings may hold any bytes; what is not UTF-8 is repaired when a vendor encodes the record.
class value {
public:
    enum class kind : std::uint8_t { string, int64, uint64, float64, boolean, json };

    constexpr value(bool v) noexcept : kind_(kind::boolean), uint_(v ? 1 : 0) {}
    constexpr value(float v) noexcept : kind_(kind::float64), float_(static_cast<double>(v)) {}
    constexpr value(double v) noexcept : kind_(kind::float64), float_(v) {}
    constexpr value(long double v) noexcept : kind_(kind::float64), float_(static_cast<double>(v)) {}
    constexpr value(std::string_view v) noexcept : kind_(kind::string), text_(v) {}
    /// A null pointer becomes the text `(null)`.
    constexpr value(const char* v) noexcept : kind_(kind::string), text_(v ? std::string_view(v) : "(null)") {}
    value(const std::string& v) noexcept : kind_(kind::string), text_(v) {}

    /// Any integer that is not `bool`; `char` counts as a number, as it does in arithmetic.
    template <typename T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
    constexpr value(T v) noexcept : kind_(std::is_signed_v<T> ? kind::int64 : kind::uint64) {
        if constexpr (std::is_signed_v<T>) {
            int_ = static_cast<std::int64_t>(v);
        } else {
            uint_ = static_cast<std::uint64_t>(v);
        }
    }

    /// An enumerator, sent as its number.
    template <typename T, std::enable_if_t<std::is_enum_v<T>, int> = 0>
    constexpr value(T v) noexcept : value(static_cast<std::underlying_type_t<T>>(v)) {}

    /// Any other pointer would silently become `true`.
    template <typename T, std::enable_if_t<!std::is_same_v<std::remove_cv_t<T>, char>, int> = 0>
    value(T*) = delete;

    /// Text that already is JSON, such as `{"a":[1,2]}`. It is checked when a vendor encodes the record: what is not
    /// valid JSON, or nests deeper than 16, is sent as a string instead.
    [[nodiscard]] static constexpr value json(std::string_view text) noexcept {
        value v(text);
        v.kind_ = kind::json;
        return v;
    }

    [[nodiscard]] constexpr kind type() const noexcept { return kind_; }
    /// The text of a `string` or `json` value; empty for the others.
    [[nodiscard]] constexpr std::string_view text() const noexcept {
        return kind_ == kind::string || kind_ == kind::json ? text_ : std::string_view();
    }
    /// The number of an `int64` value; 0 for the others.
    [[nodiscard]] constexpr std::int64_t int64() const noexcept { return kind_ == kind::int64 ? int_ : 0; }
    /// The number of a `uint64` value; 0 for the others.
    [[nodiscard]] constexpr std::uint64_t uint64() const noexcept { return kind_ == kind::uint64 ? uint_ : 0; }
    /// The number of a `float64` value; 0 for the others.
    [[nodiscard]] constexpr double float64() const noexcept { return kind_ == kind::float64 ? float_ : 0.0; }
    /// The truth of a `boolean` value; false for the others.
    [[nodiscard]] constexpr bool boolean() const noexcept { return kind_ == kind::boolean && uint_ != 0; }

private:
    kind kind_;
    union {
        std::int64_t int_;
        std::uint64_t uint_;
        double float_;
        std::string_view text_;
    };
};

/// A named value. The key's bytes must outlive the field.
struct field {
    std::string_view key;
    value val;
};

/// Where a log call stands in the source. Empty parts are unknown.
struct source_location {
    std::string_view file;
    std::string_view function;
    std::uint32_t line = 0;
};

/// Identifies one record for good: the journal's random number and the record's place in it. It stays the same however
/// often the record is sent, so a reader at the vendor can recognise a duplicate.
struct record_id {
    std::uint64_t journal = 0;
    std::uint64_t position = 0;

    /// 32 lower-case hexadecimal digits.
    [[nodiscard]] std::string to_string() const;
    friend constexpr bool operator==(const record_id& a, const record_id& b) noexcept {
        return a.journal == b.journal && a.position == b.position;
    }
};

/// A record as an adapter hands it in. All views need to live during `shipper::submit` only.
struct record_input {
    level lvl = level::info;
    /// Nanoseconds since the Unix epoch, UTC. Taken from the framework's own time stamp.
    std::int64_t time_ns = 0;
    /// The kernel's thread id, or 0 when unknown.
    std::uint64_t thread_id = 0;
    std::string_view logger;
    std::string_view message;
    source_location source;
    /// Fields of this record. Where keys are the same, they count before those of a `scope`, and those of a `kv` before
    /// them.
    const field* fields = nullptr;
    std::size_t field_count = 0;
    /// False when the running thread is not the one that logged (an asynchronous logger stands between): then the
    /// running thread's `kv` and `scope` fields belong to somebody else and are left out.
    bool on_logging_thread = true;
};

/// The fields of a flat record, in the order they were given. A key may occur more than once; the last one counts.
class field_range {
public:
    class iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = field;
        using difference_type = std::ptrdiff_t;
        using pointer = const field*;
        using reference = field;

        iterator() noexcept = default;
        explicit iterator(const std::byte* at) noexcept : at_(at) {}
        [[nodiscard]] field operator*() const noexcept;
        iterator& operator++() noexcept;
        iterator operator++(int) noexcept {
            auto before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(iterator a, iterator b) noexcept { return a.at_ == b.at_; }
        friend bool operator!=(iterator a, iterator b) noexcept { return a.at_ != b.at_; }

    private:
        const std::byte* at_ = nullptr;
    };

    field_range() noexcept = default;
    /// `data` must hold well-formed encoded fields, as `record_view::parse` makes sure of.
    field_range(const std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
    [[nodiscard]] iterator begin() const noexcept { return iterator(data_); }
    [[nodiscard]] iterator end() const noexcept { return iterator(data_ + size_); }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// A record as a vendor reads it. Every view points into the bytes it was parsed from and dies with them.
struct record_view {
    level lvl = level::info;
    std::int64_t time_ns = 0;
    std::uint64_t thread_id = 0;
    std::string_view logger;
    std::string_view message;
    source_location source;
    field_range fields;
    record_id id;
    /// The message was cut to fit the buffer's largest record.
    bool message_clipped = false;
    /// Fields left out because they did not fit the buffer's largest record.
    std::uint32_t fields_dropped = 0;
};

}  // namespace logferry
