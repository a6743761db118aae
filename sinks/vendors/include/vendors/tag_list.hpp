// Tags as one comma-delimited text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace logferry::vendors {

/// Collects tags: trimmed, without empty ones and duplicates, and never a comma too many. Reused from record to record.
class tag_list {
public:
    static constexpr std::size_t max_tags = 100;         ///< tags looked at (our bound)
    static constexpr std::size_t max_tag_units = 100;    ///< UTF-16 units of one tag (our bound)
    static constexpr std::size_t max_text_bytes = 1024;  ///< bytes of the whole (our bound)

    void clear() noexcept;
    /// Adds one tag; a comma inside, which would split it, becomes `;`.
    void add(std::string_view tag);
    /// Adds what a comma-delimited text lists.
    void add_list(std::string_view tags);
    /// Adds the strings of a JSON array. False, and nothing added, when `json` is not one.
    bool add_json(std::string_view json);

    /// Well-formed UTF-8; empty when there is no tag.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// Tags that were cut or left out.
    [[nodiscard]] std::uint32_t clipped() const noexcept { return clipped_; }

private:
    [[nodiscard]] bool has(std::string_view tag) const noexcept;

    std::string text_;
    std::string tag_;
    std::string scratch_;
    std::size_t looked_at_ = 0;
    std::uint32_t clipped_ = 0;
};

}  // namespace logferry::vendors
