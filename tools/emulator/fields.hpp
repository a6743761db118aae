// The checks that the vendors' schemas share: presence, type, length, range, and no key that the schema does not name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "strict_json.hpp"

namespace logferry::emulation {

/// What is wrong with one field; `text` goes on where the field's name stops: `level` `must be between 0 and 7`.
struct problem {
    std::string field;
    std::string text;

    [[nodiscard]] std::string sentence() const { return field + " " + text; }
};
using problems = std::vector<problem>;

inline constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t kib = 1024;

enum class presence : bool { optional, required };

struct text_rule {
    presence need = presence::optional;
    std::size_t max_units = unbounded;  ///< in UTF-16 units
    std::size_t max_bytes = unbounded;  ///< in UTF-8
    bool may_be_blank = false;
};

/// Reads an object's fields by a schema, and appends to `found` what breaks it. Neither is copied.
class object_reader {
public:
    object_reader(const json& object, problems& found) : object_(object), found_(found) {}

    /// The value, or nullptr when there is none. Naming a field makes it a part of the schema.
    const json* value(std::string_view name, presence need = presence::optional);
    /// The text, or nullptr when there is none that keeps the rule.
    const std::string* text(std::string_view name, const text_rule& rule);
    void one_of(std::string_view name, const std::vector<std::string_view>& allowed, presence need);
    /// An integer literal from `least` to `most`.
    void integer(std::string_view name, presence need, std::int64_t least, std::int64_t most);
    void boolean(std::string_view name);
    /// An integer literal that is not negative.
    void count(std::string_view name);
    /// Objects to every key that was not named until now.
    void no_others();

    void object_to(std::string_view name, std::string text) { found_.push_back({std::string(name), std::move(text)}); }

private:
    const json& object_;
    problems& found_;
    std::vector<std::string_view> known_;
};

/// True for text of nothing but white space, as PHP's `trim` sees it.
[[nodiscard]] bool is_blank(std::string_view text);

}  // namespace logferry::emulation
