// The flat record: the one layout in which a record lies in the journal, in memory and on disk.
//
//     offset  size  what
//          0     8  time, nanoseconds since the Unix epoch, signed
//          8     8  thread id
//         16     4  bytes of the message
//         20     4  bytes of all fields
//         24     4  source line
//         28     2  bytes of the logger's name
//         30     2  bytes of the file name
//         32     2  bytes of the function name
//         34     1  level
//         35     1  flags: 1 = the message was cut
//         36     4  fields left out because the record was too long
//         40        logger, file, function, message, fields: end to end, no terminators, no padding
//
// A field: 1 byte kind (value::kind), 1 byte 0, 2 bytes key size, 4 bytes value size, key, value. Numbers and booleans
// are 8 bytes (booleans 1); text and raw JSON are their bytes. All integers are little-endian, as is every machine that
// logferry runs on; `flat.cpp` refuses to compile elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <logferry/record.hpp>

namespace logferry::record {

using bytes = std::span<const std::byte>;

/// Bytes that a field takes in a flat record. Keys are clipped to 64 KiB - 1.
[[nodiscard]] std::size_t field_size(const field& f) noexcept;
/// Writes one field and returns the byte behind it.
std::byte* write_field(std::byte* out, const field& f) noexcept;

/// What one record will look like when written: decided first, so that the journal can be asked for the exact size.
///
/// Lifetime: refers to the input and the contexts; use it at once.
class plan {
public:
    /// `scope` and `call` are encoded fields that follow the record's own. What exceeds `max_size` is left out: fields
    /// from the end while they take more than half of it, then the end of the message, cut on a code point.
    plan(const record_input& record, bytes scope, bytes call, std::size_t max_size) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// True if anything of the record was left out.
    [[nodiscard]] bool clipped() const noexcept { return message_.size() < record_->message.size() || dropped_ > 0; }

    /// Writes `size()` bytes.
    void write(std::byte* out) const noexcept;

private:
    void fit(std::size_t max_size) noexcept;

    const record_input* record_;
    bytes scope_;
    bytes call_;
    std::string_view logger_, file_, function_, message_;
    std::size_t own_count_;
    std::size_t own_size_ = 0;
    std::uint32_t dropped_ = 0;
    std::size_t size_;
};

/// The smallest `max_size` that a plan can keep to.
inline constexpr std::size_t min_record_size = 1024;

/// Reads a flat record, checking every length. Nothing when the bytes are no record.
[[nodiscard]] std::optional<record_view> parse(bytes flat, record_id id) noexcept;

}  // namespace logferry::record
