// An append-only JSON writer. It writes compact JSON, always valid whatever bytes it is given, into a string that the
// caller owns, and never throws but for `std::bad_alloc`.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace logferry::text {

/// The largest integer up to which a double holds every integer: those outside +-(2^53 - 1) are rounded by JavaScript
/// and many JSON parsers.
inline constexpr std::int64_t largest_safe_integer = (std::int64_t{1} << std::numeric_limits<double>::digits) - 1;

/// How those are written.
enum class big_integers {
    as_strings,  ///< written as strings, so that no digit is lost
    as_numbers,
};

/// Appends `in` between quotes: ill-formed UTF-8 repaired, `"`, `\`, control bytes, U+2028 and U+2029 escaped, NUL left
/// out.
void append_json_string(std::string& out, std::string_view in);
/// The same without the quotes. Neither may be given a part of `out` itself.
void append_json_escaped(std::string& out, std::string_view in);

/// Appends the shortest text that reads back as the same double, with `.` whatever the locale; non-finite numbers
/// become the strings "NaN", "Infinity" and "-Infinity". One past the safe integers has an exponent, so that no parser
/// takes it for an integer.
void append_json_double(std::string& out, double number);
void append_json_int(std::string& out, std::int64_t number, big_integers big = big_integers::as_strings);
void append_json_uint(std::string& out, std::uint64_t number, big_integers big = big_integers::as_strings);

/// Most levels of arrays and objects in raw JSON from a caller.
inline constexpr std::size_t max_json_depth = 16;

/// `valid_json` looks no deeper than this, whatever it is asked for: each level takes room on the stack.
inline constexpr std::size_t deepest_json = 512;

/// What raw JSON turns out to be.
enum class json_finding : std::uint8_t {
    invalid,
    plain,      ///< valid, and every parser reads the same from it
    ambiguous,  ///< valid, but with a key twice in an object, an integer that is not safe, or a bare U+2028 or U+2029
};

/// Looks whether `in` is one valid JSON document (RFC 8259, well-formed UTF-8, no byte order mark, no lone surrogate
/// escape, no NUL escape, no number that is infinite as a double) of at most `depth` levels; a document without array
/// or object has none. No ambiguous document is called plain; one with an escape in a key, or with very many keys open
/// at once, may be called ambiguous without need.
[[nodiscard]] json_finding check_json(std::string_view in, std::size_t depth = max_json_depth) noexcept;

/// True if `check_json` finds it anything but invalid.
[[nodiscard]] inline bool valid_json(std::string_view in, std::size_t depth = max_json_depth) noexcept {
    return check_json(in, depth) != json_finding::invalid;
}

/// A name known when the program is compiled, with the comma before it and the quotes and the colon around it already
/// there.
template <std::size_t size>
struct fixed_key {
    char text[size + 4] = {};  ///< `,"name":`; `size` counts the terminating NUL of the name

    consteval fixed_key(const char (&name)[size]) {
        text[0] = ',';
        text[1] = '"';
        for (std::size_t i = 0; i + 1 < size; ++i) text[i + 2] = plain(name[i]);
        text[size + 1] = '"';
        text[size + 2] = ':';
    }

private:
    static consteval char plain(char c) {
        if (c < ' ' || c > '~' || c == '"' || c == '\\') throw "the name needs escaping: use key(name)";
        return c;
    }
};

/// Writes objects and arrays: keeps track of commas, and nothing else. Nesting is the caller's to close.
///
///     json_writer w(out);
///     w.open_object();
///     w.key("message").string(text);
///     w.key("extra").open_object(); ... w.close_object();
///     w.close_object();
class json_writer {
public:
    explicit json_writer(std::string& out) noexcept : out_(out) {}

    json_writer& open_object();
    json_writer& close_object();
    json_writer& open_array();
    json_writer& close_array();
    /// Writes the key of the next value; the key is escaped like a string.
    json_writer& key(std::string_view name);
    /// The same for a name that the encoder knows beforehand, `w.key<"message">()`: one copy, at a third of the time.
    template <fixed_key name>
    json_writer& key() {
        constexpr std::string_view text(name.text, sizeof name.text - 1);
        out_ += comma_ ? text : text.substr(1);
        comma_ = false;
        return *this;
    }
    json_writer& string(std::string_view text);
    json_writer& boolean(bool truth);
    json_writer& number(double n);
    /// Any integer type, so that no call is ambiguous; `bool` has `boolean`.
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) json_writer& number(Integer n, big_integers big = big_integers::as_strings) {
        if constexpr (std::signed_integral<Integer>) {
            append_json_int(value(), n, big);
        } else {
            append_json_uint(value(), n, big);
        }
        return *this;
    }
    json_writer& null();
    /// Text that is known to be valid JSON.
    json_writer& raw(std::string_view json);
    /// For a value that somebody else appends: writes the comma, if one is due, and gives the string to append to.
    std::string& value();

private:
    void separate();

    std::string& out_;
    bool comma_ = false;
};

}  // namespace logferry::text
