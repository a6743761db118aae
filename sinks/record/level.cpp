#include <logferry/level.hpp>

#include <array>

namespace logferry {

namespace {

struct spelling {
    std::string_view word;
    level lvl;
};

constexpr std::array spellings = {
    spelling{"trace", level::trace},
    spelling{"debug", level::debug},
    spelling{"info", level::info},
    spelling{"information", level::info},
    spelling{"informational", level::info},
    spelling{"notice", level::info},
    spelling{"warn", level::warn},
    spelling{"warning", level::warn},
    spelling{"err", level::err},
    spelling{"error", level::err},
    spelling{"crit", level::critical},
    spelling{"critical", level::critical},
    spelling{"fatal", level::critical},
    spelling{"alert", level::critical},
    spelling{"emerg", level::critical},
    spelling{"emergency", level::critical},
    spelling{"off", level::off},
};

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view text, std::string_view word) noexcept {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != word[i]) return false;
    }
    return true;
}

}  // namespace

std::optional<level> level_from_string(std::string_view text) noexcept {
    for (const auto& s : spellings) {
        if (same_word(text, s.word)) return s.lvl;
    }
    return std::nullopt;
}

}  // namespace logferry
