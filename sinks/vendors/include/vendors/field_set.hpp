// The fields of one record while a vendor encodes it: duplicates resolved, and a mark on those a slot has taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <logferry/record.hpp>

namespace logferry::vendors {

/// Most fields of a record that are sent (OpenTelemetry's default attribute limit); the rest is counted as clipped.
inline constexpr std::size_t max_fields = 128;

/// Reused from record to record, so that it stops allocating.
class field_set {
public:
    struct entry {
        field f;
        bool taken = false;
    };

    /// Forgets everything and reads the record's fields: of equal keys the last one counts and takes the first one's
    /// place; an empty key is left out and counted.
    void assign(const record_view& record);

    /// The field of that name, not taken yet, which is then taken; null when there is none.
    const field* take(std::string_view key) noexcept;
    /// The first of the names that is there.
    const field* take_first(const std::vector<std::string_view>& keys) noexcept;
    /// The field of that name, taken or not.
    [[nodiscard]] const field* find(std::string_view key) const noexcept;

    [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
    /// Fields left out: past `max_fields`, or without a key.
    [[nodiscard]] std::uint32_t left_out() const noexcept { return left_out_; }

private:
    std::vector<entry> entries_;
    std::uint32_t left_out_ = 0;
};

}  // namespace logferry::vendors
