// A vendor's free-form place as entries of a key and a value, bounded in bytes as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/record.hpp>
#include <vendors/body.hpp>

namespace logferry::vendors {

/// How entries look.
struct entry_style {
    enum class shape : std::uint8_t {
        object,  ///< `{"key":value}`
        pairs,   ///< `[{"key":"...","value":...}]`
    };
    shape as = shape::object;
    /// Every value as a string, nested ones as JSON text.
    bool text_values = false;
    /// A key that looks like a whole number gets a `_` in front: PHP would make a number of it, and a list of the rest.
    /// A blank key, of which Laravel would leave nothing, is left out.
    bool named_keys = false;
    /// Most bytes of the whole.
    std::size_t max_bytes = std::size_t{16} * 1024;
    /// Most UTF-8 bytes of one string value, before it is escaped.
    std::size_t max_value_bytes = std::size_t{8} * 1024;
};

/// Writes entries until the bytes run out. What comes then is left out, and an entry `_truncated` says so. The caller's
/// keys differ from each other, and still do so when written: a key that would stand for something else gets one more
/// `_`. Reused from record to record.
class entry_writer {
public:
    explicit entry_writer(const entry_style& style) noexcept : style_(style) {}

    /// Begins to append to `out`, which must stay until `finish`.
    void begin(std::string& out);
    /// Adds an entry that is the vendor's own, before those of the caller. `key` is a string literal of plain letters.
    void add_own(std::string_view key, const value& v);
    void add(const entry_key& key, const value& v);
    /// Closes. False, with nothing appended, when there was no entry.
    bool finish();

    /// Entries left out or cut since `begin`.
    [[nodiscard]] std::uint32_t clipped() const noexcept { return clipped_; }

private:
    [[nodiscard]] bool needs_underscore(std::string_view key) const noexcept;
    [[nodiscard]] std::size_t closing_size() const noexcept;
    void append(const entry_key& key, bool underscore, const value& v);
    bool append_text(const value& v);

    entry_style style_;
    std::string* out_ = nullptr;
    std::size_t start_ = 0;
    std::uint32_t clipped_ = 0;
    bool full_ = false;
    std::vector<std::string_view> own_;
    std::string plain_;
    std::string scratch_;
};

}  // namespace logferry::vendors
