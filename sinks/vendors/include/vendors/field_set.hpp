// The fields of one record while a vendor encodes it: duplicates resolved, and a mark on those a slot has taken.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/record.hpp>

namespace logferry::vendors {

/// Most fields of a record that are sent (OpenTelemetry's default attribute limit); the rest is counted as clipped.
inline constexpr std::size_t max_fields = 128;
/// Most UTF-16 units of a field's key; a longer one is cut and counted.
inline constexpr std::size_t max_key_units = 255;

/// Reused from record to record, so that it stops allocating. Work is linear in the number of fields, however many.
class field_set {
public:
    struct entry {
        /// Reads the field straight into its place, which is quicker than copying it there.
        explicit entry(field_range::iterator at) noexcept : f(*at) {}

        field f;
        /// The key is ASCII that JSON writes as it is.
        bool plain = false;
        bool taken = false;
    };

    /// Forgets everything and reads the record's fields. Keys are well-formed UTF-8 without NUL from here on. Of equal
    /// keys the last one counts and takes the first one's place; an empty key is left out and counted. Entries are
    /// valid as long as the record's bytes, and until the next `assign`.
    void assign(const record_view& record);

    /// The field of that name, not taken yet, which is then taken; null when there is none.
    const field* take(std::string_view key) noexcept;
    /// The first of the names that is there and not taken.
    const field* take_first(const std::vector<std::string_view>& keys) noexcept;
    /// The field of that name, taken or not.
    [[nodiscard]] const field* find(std::string_view key) const noexcept;

    [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
    /// Fields left out, being past `max_fields` or without a key, and keys that were cut.
    [[nodiscard]] std::uint32_t left_out() const noexcept { return left_out_; }

private:
    /// Twice as many as there can be entries, so that a probe is short.
    static constexpr std::size_t bucket_count = 2 * max_fields;

    /// Decides whether the last entry stays.
    void settle_last();
    [[nodiscard]] std::string_view cleaned(std::string_view key);
    /// The bucket that holds the key's entry, or the free one where it belongs.
    [[nodiscard]] std::size_t bucket_of(std::string_view key) const noexcept;

    std::vector<entry> entries_;
    /// A bit for each length of a key, modulo 64: most names that slots ask for are of a length that no key has.
    std::uint64_t lengths_ = 0;
    /// Index into `entries_` plus one; 0 is free.
    std::array<std::uint8_t, bucket_count> buckets_{};
    /// Keys that had to be changed. A deque, because views into it must survive its growth.
    std::deque<std::string> changed_keys_;
    std::size_t changed_count_ = 0;
    std::string scratch_;
    std::uint32_t left_out_ = 0;
};

}  // namespace logferry::vendors
