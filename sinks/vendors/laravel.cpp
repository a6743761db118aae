#include <vendors/laravel.hpp>

#include <algorithm>
#include <array>

#include <text/utf8.hpp>
#include <vendors/url.hpp>

namespace logferry::vendors::laravel {
namespace {

/// Nothing is left when Laravel trims it. It trims by `\s` of PCRE and by a list of its own, which know these besides
/// what JavaScript's `trim` removes: U+0085, U+180E, U+200B, U+200E.
bool is_trimmed_away(std::string_view text) noexcept {
    static constexpr std::array<std::string_view, 4> more = {"\xC2\x85", "\xE1\xA0\x8E", "\xE2\x80\x8B",
                                                             "\xE2\x80\x8E"};
    for (;;) {
        text = text::trim(text);
        const auto* const found =
            std::find_if(more.begin(), more.end(), [text](std::string_view blank) { return text.starts_with(blank); });
        if (found == more.end()) return text.empty();
        text.remove_prefix(found->size());
    }
}

}  // namespace

std::string_view filled(std::string_view text, std::string_view substitute, std::string& scratch) {
    if (text.empty()) return substitute;
    const auto first = static_cast<unsigned char>(text.front());
    if (first > ' ' && first < 0x80) return text;
    constexpr std::size_t far_enough = std::size_t{32} * 1024;  // what follows would not be sent anyway
    const auto repaired = text::fit(text, far_enough, text::length_unit::bytes, scratch);
    return is_trimmed_away(repaired.text) ? substitute : text;
}

void check_token(const secret& token, const std::string& field, std::vector<config_problem>& problems) {
    const auto before = problems.size();
    check_secret(token, field, problems);
    if (problems.size() == before && token.reveal().find(' ') != std::string_view::npos) {
        problems.push_back({field, "holds a blank, as no Bearer token does; copy it again"});
    }
}

}  // namespace logferry::vendors::laravel
