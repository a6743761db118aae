// Which of a record's fields speak of an HTTP request, and which of Profound's slots each may fill.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <logferry/record.hpp>

namespace logferry::vendors {

/// Profound's slots, the six required ones first.
enum class http_slot : std::uint8_t {
    method,
    host,
    path,
    status_code,
    ip,
    user_agent,
    query_params,
    referer,
    bytes_sent,
    duration_ms,
};
inline constexpr std::size_t http_slot_count = 10;
inline constexpr std::size_t required_http_slots = 6;

/// The candidates for each slot, found in one walk over a record's fields; of equal names the last counts. Reused from
/// record to record.
class http_fields {
public:
    http_fields() : values_(place_count, value(false)) {}

    /// Forgets everything and reads the record's fields. Values are valid as long as the record's bytes.
    void assign(const record_view& record) noexcept;
    /// What a template gives goes before every field. The text must outlive the use.
    void set_template(http_slot slot, std::string_view text) noexcept { put(first_place(slot), value(text)); }

    /// True when a field, not a template, is a candidate for a required slot.
    [[nodiscard]] bool has_required() const noexcept;

    /// Calls `accept(value, from_template)` for the slot's candidates, best first, until it returns true. False when it
    /// never does.
    template <typename Accept>
    bool first(http_slot slot, Accept&& accept) const {
        for (auto left = present_ & places_of(slot); left != 0; left &= left - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(left));
            if (accept(values_[place], place == first_place(slot))) return true;
        }
        return false;
    }

    /// The field `http.request.method_original`, which OpenTelemetry fills where `http.request.method` says `_OTHER`;
    /// null when there is none.
    [[nodiscard]] const value* original_method() const noexcept;

    /// Each slot has places in a row: one for its template, then one for each of its names, best first.
    static constexpr std::size_t places_per_slot = 5;
    static constexpr std::size_t first_place(http_slot slot) noexcept {
        return static_cast<std::size_t>(slot) * places_per_slot;
    }

private:
    static constexpr std::size_t original_method_place = http_slot_count * places_per_slot;
    static constexpr std::size_t place_count = original_method_place + 1;

    static constexpr std::uint64_t places_of(http_slot slot) noexcept {
        return ((std::uint64_t{1} << places_per_slot) - 1) << first_place(slot);
    }
    void put(std::size_t place, const value& v) noexcept {
        values_[place] = v;
        present_ |= std::uint64_t{1} << place;
    }

    std::vector<value> values_;
    std::uint64_t present_ = 0;
};

}  // namespace logferry::vendors
