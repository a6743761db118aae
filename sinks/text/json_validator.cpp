#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <text/scan.hpp>

namespace logferry::text {
namespace {

/// True if `number`, of JSON's syntax, is infinite as a double. One that is too near to zero is 0, and harmless.
bool is_infinite(std::string_view number) noexcept {
    double value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    if (read.ec != std::errc::result_out_of_range) return false;

    // Out of range at which end? What is too large has a digit that counts before the point or a positive exponent,
    // what is too small has neither, unless a long row of digits outweighs the exponent.
    const std::size_t e = std::min(number.find_first_of("eE"), number.size());
    const std::size_t point = std::min(number.find('.'), e);
    const std::size_t first = number.find_first_of("123456789");
    const auto magnitude = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    if (e == number.size()) return magnitude > 0;

    std::string_view digits = number.substr(e + 1);
    const bool negative = digits.front() == '-';
    if (negative || digits.front() == '+') digits.remove_prefix(1);
    std::int64_t exponent = 0;
    const auto exponent_read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (exponent_read.ec != std::errc()) return !negative;
    return magnitude > (negative ? exponent : -exponent);
}

/// True if `digits`, an integer of JSON's syntax without its sign, is beyond what a double holds exactly.
bool is_unsafe(std::string_view digits) noexcept {
    constexpr std::string_view largest = "9007199254740991";
    return digits.size() > largest.size() || (digits.size() == largest.size() && digits > largest);
}

/// The keys of the objects that are open at one time, each object's above those of the one around it.
class open_keys {
public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void shrink(std::size_t size) noexcept { size_ = size; }

    /// False if the key is there already from `first` on, or if there is no room to remember it.
    bool add(std::size_t first, std::string_view key) noexcept {
        for (auto i = first; i < size_; ++i) {
            if (std::string_view(keys_[i].text, keys_[i].size) == key) return false;
        }
        if (size_ == std::size(keys_)) return false;
        keys_[size_++] = {key.data(), key.size()};
        return true;
    }

private:
    struct slice {
        const char* text;
        std::size_t size;
    };
    std::size_t size_ = 0;
    slice keys_[64];  // not initialised: most documents have few keys, or none
};

/// Reads one document from front to back. Each function moves past what it is named after, or returns false.
class validator {
public:
    explicit validator(std::string_view in) noexcept : p_(in.data()), end_(in.data() + in.size()) {}

    json_finding document(std::size_t depth) noexcept {
        white_space();
        if (!value(depth)) return json_finding::invalid;
        white_space();
        if (p_ != end_) return json_finding::invalid;
        return ambiguous_ ? json_finding::ambiguous : json_finding::plain;
    }

private:
    /// `depth` is how many levels may still be opened, which also bounds the recursion.
    bool value(std::size_t depth) noexcept {
        if (p_ == end_) return false;
        switch (*p_) {
            case '{':
                return depth > 0 && object(depth - 1);
            case '[':
                return depth > 0 && array(depth - 1);
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    bool object(std::size_t depth) noexcept {
        const auto first_key = keys_.size();
        const bool valid = list('}', [this, depth, first_key] {
            if (!key(first_key)) return false;
            white_space();
            if (!taken(':')) return false;
            white_space();
            return value(depth);
        });
        keys_.shrink(first_key);
        return valid;
    }

    /// `first` is where the keys of its object begin in `keys_`.
    bool key(std::size_t first) noexcept {
        const char* const begin = p_;
        if (p_ == end_ || *p_ != '"' || !string()) return false;
        const std::string_view quoted(begin, static_cast<std::size_t>(p_ - begin));
        // Escaped, it may be the same as one that looks different.
        ambiguous_ = ambiguous_ || quoted.find('\\') != quoted.npos || !keys_.add(first, quoted);
        return true;
    }

    bool array(std::size_t depth) noexcept {
        return list(']', [this, depth] { return value(depth); });
    }

    template <typename Item>
    bool list(char closing, Item item) noexcept {
        ++p_;
        white_space();
        if (taken(closing)) return true;
        do {
            white_space();
            if (!item()) return false;
            white_space();
        } while (taken(','));
        return taken(closing);
    }

    bool string() noexcept {
        ++p_;
        while ((p_ = skip<plain_in_json>(p_, end_)) != end_) {
            if (taken('"')) return true;
            if (*p_ == '\\') {
                if (!escape()) return false;
                continue;
            }
            const sequence s = read_sequence(p_, end_);
            if (!s.well_formed || s.length == 1) return false;  // of one byte: a control character
            ambiguous_ |= is_line_separator(p_, s);
            p_ += s.length;
        }
        return false;
    }

    bool escape() noexcept {
        ++p_;
        if (p_ == end_) return false;
        if (*p_ != 'u') return std::string_view("\"\\/bfnrt").find(*p_++) != std::string_view::npos;
        const auto unit = utf16_escape();
        if (!unit || *unit == 0 || is_low_surrogate(*unit)) return false;
        if (!is_high_surrogate(*unit)) return true;
        if (!taken('\\') || p_ == end_ || *p_ != 'u') return false;
        const auto second = utf16_escape();
        return second && is_low_surrogate(*second);
    }

    static bool is_high_surrogate(std::uint32_t unit) noexcept { return unit >= 0xD800 && unit <= 0xDBFF; }
    static bool is_low_surrogate(std::uint32_t unit) noexcept { return unit >= 0xDC00 && unit <= 0xDFFF; }

    /// The `u` and four digits.
    std::optional<std::uint32_t> utf16_escape() noexcept {
        constexpr int digits = 4;
        if (end_ - p_ < 1 + digits) return std::nullopt;
        std::uint32_t unit = 0;
        const char* const last = p_ + 1 + digits;
        if (std::from_chars(p_ + 1, last, unit, 16).ptr != last) return std::nullopt;
        p_ = last;
        return unit;
    }

    bool number() noexcept {
        const char* const begin = p_;
        taken('-');
        const char* const first_digit = p_;
        if (!taken('0') && !digits()) return false;
        const std::string_view integer(first_digit, static_cast<std::size_t>(p_ - first_digit));
        const bool has_point = taken('.');
        if (has_point && !digits()) return false;
        const bool has_exponent = taken('e') || taken('E');
        ambiguous_ |= !has_point && !has_exponent && is_unsafe(integer);
        if (has_exponent) {
            if (!taken('+')) taken('-');
            if (!digits()) return false;
        }
        // 300 digits without an exponent are below 1e300, so the common number need not be computed.
        const auto length = static_cast<std::size_t>(p_ - begin);
        return (!has_exponent && length <= 300) || !is_infinite({begin, length});
    }

    bool digits() noexcept {
        if (p_ == end_ || !is_digit(*p_)) return false;
        while (p_ != end_ && is_digit(*p_)) ++p_;
        return true;
    }

    bool word(std::string_view expected) noexcept {
        const std::string_view rest(p_, static_cast<std::size_t>(end_ - p_));
        if (!rest.starts_with(expected)) return false;
        p_ += expected.size();
        return true;
    }

    bool taken(char c) noexcept {
        if (p_ == end_ || *p_ != c) return false;
        ++p_;
        return true;
    }

    void white_space() noexcept {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
    }

    const char* p_;
    const char* end_;
    bool ambiguous_ = false;
    open_keys keys_;
};

}  // namespace

json_finding check_json(std::string_view in, std::size_t depth) noexcept {
    return validator(in).document(std::min(depth, deepest_json));
}

}  // namespace logferry::text
