#include "emoji.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "unicode.hpp"

namespace logferry::emulation {
namespace {

struct range {
    char32_t first;
    char32_t last;
};

// Unicode's property Emoji for code points up to Unicode 11, without those that Logsh's emoji table has only as parts
// of sequences: gender signs and people who are always shown with one, hair, skin tones, regional indicators.
constexpr range single_emoji[] = {
    {0xA9, 0xA9},       {0xAE, 0xAE},       {0x203C, 0x203C},   {0x2049, 0x2049},   {0x2122, 0x2122},
    {0x2139, 0x2139},   {0x2194, 0x2199},   {0x21A9, 0x21AA},   {0x231A, 0x231B},   {0x2328, 0x2328},
    {0x23CF, 0x23CF},   {0x23E9, 0x23F3},   {0x23F8, 0x23FA},   {0x24C2, 0x24C2},   {0x25AA, 0x25AB},
    {0x25B6, 0x25B6},   {0x25C0, 0x25C0},   {0x25FB, 0x25FE},   {0x2600, 0x2604},   {0x260E, 0x260E},
    {0x2611, 0x2611},   {0x2614, 0x2615},   {0x2618, 0x2618},   {0x261D, 0x261D},   {0x2620, 0x2620},
    {0x2622, 0x2623},   {0x2626, 0x2626},   {0x262A, 0x262A},   {0x262E, 0x262F},   {0x2638, 0x263A},
    {0x2648, 0x2653},   {0x265F, 0x2660},   {0x2663, 0x2663},   {0x2665, 0x2666},   {0x2668, 0x2668},
    {0x267B, 0x267B},   {0x267E, 0x267F},   {0x2692, 0x2694},   {0x2696, 0x2697},   {0x2699, 0x2699},
    {0x269B, 0x269C},   {0x26A0, 0x26A1},   {0x26AA, 0x26AB},   {0x26B0, 0x26B1},   {0x26BD, 0x26BE},
    {0x26C4, 0x26C5},   {0x26C8, 0x26C8},   {0x26CE, 0x26CF},   {0x26D1, 0x26D1},   {0x26D3, 0x26D4},
    {0x26E9, 0x26EA},   {0x26F0, 0x26F5},   {0x26F7, 0x26FA},   {0x26FD, 0x26FD},   {0x2702, 0x2702},
    {0x2705, 0x2705},   {0x2708, 0x270D},   {0x270F, 0x270F},   {0x2712, 0x2712},   {0x2714, 0x2714},
    {0x2716, 0x2716},   {0x271D, 0x271D},   {0x2721, 0x2721},   {0x2728, 0x2728},   {0x2733, 0x2734},
    {0x2744, 0x2744},   {0x2747, 0x2747},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2763, 0x2764},   {0x2795, 0x2797},   {0x27A1, 0x27A1},   {0x27B0, 0x27B0},
    {0x27BF, 0x27BF},   {0x2934, 0x2935},   {0x2B05, 0x2B07},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},
    {0x2B55, 0x2B55},   {0x3030, 0x3030},   {0x303D, 0x303D},   {0x3297, 0x3297},   {0x3299, 0x3299},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F170, 0x1F171}, {0x1F17E, 0x1F17F}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F201, 0x1F202}, {0x1F21A, 0x1F21A}, {0x1F22F, 0x1F22F}, {0x1F232, 0x1F23A},
    {0x1F250, 0x1F251}, {0x1F300, 0x1F321}, {0x1F324, 0x1F393}, {0x1F396, 0x1F397}, {0x1F399, 0x1F39B},
    {0x1F39E, 0x1F3F0}, {0x1F3F3, 0x1F3F5}, {0x1F3F7, 0x1F3FA}, {0x1F400, 0x1F4FD}, {0x1F4FF, 0x1F53D},
    {0x1F549, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F56F, 0x1F570}, {0x1F573, 0x1F57A}, {0x1F587, 0x1F587},
    {0x1F58A, 0x1F58D}, {0x1F590, 0x1F590}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A5}, {0x1F5A8, 0x1F5A8},
    {0x1F5B1, 0x1F5B2}, {0x1F5BC, 0x1F5BC}, {0x1F5C2, 0x1F5C4}, {0x1F5D1, 0x1F5D3}, {0x1F5DC, 0x1F5DE},
    {0x1F5E1, 0x1F5E1}, {0x1F5E3, 0x1F5E3}, {0x1F5E8, 0x1F5E8}, {0x1F5EF, 0x1F5EF}, {0x1F5F3, 0x1F5F3},
    {0x1F5FA, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CB, 0x1F6D2}, {0x1F6E0, 0x1F6E5}, {0x1F6E9, 0x1F6E9},
    {0x1F6EB, 0x1F6EC}, {0x1F6F0, 0x1F6F0}, {0x1F6F3, 0x1F6F9}, {0x1F910, 0x1F925}, {0x1F927, 0x1F937},
    {0x1F93A, 0x1F93A}, {0x1F940, 0x1F945}, {0x1F947, 0x1F970}, {0x1F973, 0x1F976}, {0x1F97A, 0x1F97A},
    {0x1F97C, 0x1F9A2}, {0x1F9B4, 0x1F9B7}, {0x1F9C0, 0x1F9C2}, {0x1F9D0, 0x1F9D5}, {0x1F9E0, 0x1F9FF}};

// ISO 3166 codes with a flag: at each first letter, A to Z, its second letters.
constexpr std::array<std::string_view, 26> flag_codes = {"DEFGILMOQRSTUWXZ",
                                                         "ABDEFGHIJLMNOQRSTWYZ",
                                                         "ACDFGHIKLMNORUVWXYZ",
                                                         "EJKMOZ",
                                                         "CEGHRSTU",
                                                         "IJKMOR",
                                                         "ABDEFGHILMNPQRSTUWY",
                                                         "KNRTU",
                                                         "CDELMNOQRST",
                                                         "EMOP",
                                                         "EGHIMNPRWYZ",
                                                         "ABCIKRSTUVY",
                                                         "ACDEGHKLMNOPQRSTUVWXYZ",
                                                         "ACEFGILOPRUZ",
                                                         "M",
                                                         "AEFGHKLMNRSTWY",
                                                         "A",
                                                         "EOSUW",
                                                         "ABCDEGHIKLMNORSTVXYZ",
                                                         "CDFGHJKLMNORTVWZ",
                                                         "AGNSYZ",
                                                         "ACEGINU",
                                                         "FS",
                                                         "K",
                                                         "ET",
                                                         "AMW"};

constexpr char32_t variation_selector = 0xFE0F;
constexpr char32_t keycap = 0x20E3;
constexpr char32_t regional_a = 0x1F1E6;
constexpr char32_t regional_z = 0x1F1FF;

bool is_single(char32_t c) {
    const auto* found = std::ranges::lower_bound(single_emoji, c, {}, &range::last);
    return found != std::end(single_emoji) && found->first <= c;
}

bool is_regional(char32_t c) { return c >= regional_a && c <= regional_z; }

bool is_flag(char32_t first, char32_t second) {
    if (!is_regional(first) || !is_regional(second)) return false;
    return flag_codes[first - regional_a].find(static_cast<char>('A' + (second - regional_a))) !=
           std::string_view::npos;
}

bool is_keycap(char32_t first, char32_t second) {
    return second == keycap && ((first >= '0' && first <= '9') || first == '#' || first == '*');
}

std::u32string without_selectors(std::string_view text) {
    std::u32string code_points;
    while (!text.empty() && code_points.size() < 3) {
        const char32_t c = take_code_point(text);
        if (c != variation_selector || code_points.empty()) code_points.push_back(c);
    }
    return code_points;
}

}  // namespace

bool is_known_emoji(std::string_view text) {
    const auto emoji = without_selectors(text);
    if (emoji.size() == 1) return is_single(emoji[0]);
    return emoji.size() == 2 && (is_flag(emoji[0], emoji[1]) || is_keycap(emoji[0], emoji[1]));
}

}  // namespace logferry::emulation
