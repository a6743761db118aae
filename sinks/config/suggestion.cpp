#include <config/suggestion.hpp>

#include <algorithm>
#include <array>

namespace logferry::config {

namespace {

// Longer than any word that is known, and short enough for a table of distances.
constexpr std::size_t longest_word = 64;
constexpr std::size_t longest_shown = 48;

constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr char lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

std::string letters_of(std::string_view word) {
    std::string letters;
    for (const char c : word) {
        if (c != '_' && c != '-') letters += lower(c);
    }
    return letters;
}

/// Optimal string alignment: the rows for the last two letters are enough. REQUIRES: neither is longer than
/// `longest_word`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::size_t, longest_word + 1> before{};
    std::array<std::size_t, longest_word + 1> last{};
    std::array<std::size_t, longest_word + 1> row{};
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + changed});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

constexpr bool is_plain(char c) noexcept {
    return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$';
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view written, const word_list& known) {
    if (written.empty() || written.size() > longest_word) return std::nullopt;
    const auto letters = letters_of(written);
    std::optional<std::string_view> best;
    // A third of the letters may be wrong, and in short words one.
    auto bound = std::max<std::size_t>(letters.size() / 3, 1) + 1;
    for (const auto word : known) {
        const auto other = letters_of(word);
        if (other.size() > longest_word) continue;
        // So different in length that they cannot be near.
        if (other.size() + bound <= letters.size() || letters.size() + bound <= other.size()) continue;
        const auto apart = distance(letters, other);
        if (apart >= bound || apart >= word.size()) continue;
        best = word;
        bound = apart;
    }
    return best;
}

std::string alternatives(const word_list& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string choose_among(const word_list& known, std::string_view written) {
    const auto meant = nearest(written, known);
    return "choose " + alternatives(known) + (meant ? " (did you mean " + std::string(*meant) + "?)" : std::string());
}

std::string printable(std::string_view text) {
    if (!text.empty() && text.size() <= longest_shown && std::all_of(text.begin(), text.end(), is_plain)) {
        return std::string(text);
    }
    std::string shown = "\"";
    for (const char c : text.substr(0, longest_shown)) shown += c >= ' ' && c < '\x7F' && c != '"' ? c : '?';
    return shown + (text.size() > longest_shown ? "...\"" : "\"");
}

}  // namespace logferry::config
