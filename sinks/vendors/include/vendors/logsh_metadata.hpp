// Logsh's `metadata`: a flat object whose keys and values the vendor's server checks one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/record.hpp>
#include <vendors/body.hpp>
#include <vendors/field_set.hpp>

namespace logferry::vendors {

/// Writes the entries of one record's metadata: keys of 1 to 100 UTF-16 units, each once; values that are strings of at
/// most 500 units, finite numbers or booleans. Reused from record to record.
class logsh_metadata {
public:
    static constexpr std::size_t key_units = 100;
    static constexpr std::size_t value_units = 500;

    /// Starts anew. `out` ends with the object's opening brace and grows to `most` bytes at the utmost; what does not
    /// fit is left out. Both arguments must outlive the calls that follow.
    void begin(std::string& out, const field_set& fields, std::size_t most);

    /// Writes a long text, well-formed and without NUL, as `message`, `message_2`, ..., in at most `parts` parts. To be
    /// called before `add`: a field of such a name then gives way.
    void add_message(std::string_view whole, std::size_t parts);

    /// Writes a value: raw JSON flattened to `key.sub`, its arrays as JSON text and without its nulls; what JavaScript
    /// would round or refuse as a string.
    void add(const entry_key& key, const value& v);

    /// Entries cut, renamed or left out since `begin`.
    [[nodiscard]] std::uint32_t clipped() const noexcept { return clipped_; }

private:
    struct flattener;
    /// Where a key comes from: a property or a field, a part of the message, or a member of a JSON object.
    enum class key_kind : std::uint8_t { given, message, flattened };

    void add_json(const entry_key& key, std::string_view json);
    void add_scalar(const entry_key& key, const value& v, key_kind kind);
    /// Writes the comma and the key; `entry_start_` is where `close_entry` goes back to.
    void open_entry(const entry_key& key, key_kind kind);
    void close_entry(bool cut);
    /// A key that no other entry has or will have, made from `key`, which is remembered.
    std::string_view claim(std::string_view key, key_kind kind);
    [[nodiscard]] bool is_free(std::string_view candidate, std::string_view own) const noexcept;

    std::string* out_ = nullptr;
    const field_set* fields_ = nullptr;
    std::size_t most_ = 0;
    std::size_t entry_start_ = 0;
    std::size_t flattened_ = 0;
    bool has_message_ = false;
    std::uint32_t clipped_ = 0;
    /// Keys that are not a field's own: made by flattening, cutting or renaming.
    std::vector<std::string> claimed_;
    std::string scratch_;
};

}  // namespace logferry::vendors
