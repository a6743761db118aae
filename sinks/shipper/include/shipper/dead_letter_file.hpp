// Keeps the records that no vendor will take, one JSON object a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <delivery/record_source.hpp>
#include <logferry/options.hpp>

namespace logferry::shipping {

/// The whole file is opened, checked and closed for each letter: letters are rare, and so the file may be moved away or
/// cleaned up at any time.
///
/// Thread rule: one thread at a time; other processes may append to the same file.
class dead_letter_file {
public:
    explicit dead_letter_file(const dead_letter_options& chosen);

    [[nodiscard]] const std::string& path() const noexcept { return chosen_.file; }

    enum class result : std::uint8_t { kept, off, full, failed };
    struct answer {
        result what = result::off;
        /// Why it failed, in words.
        std::string problem;
    };
    /// Appends one letter. Throws `std::bad_alloc` only.
    answer append(std::string_view destination, std::string_view vendor, const delivery::dead_letter& letter) const;

private:
    dead_letter_options chosen_;
};

}  // namespace logferry::shipping
