// What the property tests of this room throw at it, and the plain reading of the Unicode standard they compare with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace logferry::test {

/// Random numbers, other ones in each run. A failing test shows the seed; LOGFERRY_TEST_SEED plays it again.
class dice {
public:
    dice() : seed_(seed_of_this_run()), engine_(seed_) {
        // A test that a sanitizer ends shows no trace.
        std::cout << how_to_repeat() << std::endl;
    }

    [[nodiscard]] std::string how_to_repeat() const { return "LOGFERRY_TEST_SEED=" + std::to_string(seed_); }

    std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
    std::uint64_t bits() { return engine_(); }

    /// Bytes of no meaning at all.
    std::string bytes(std::size_t length) {
        std::string text;
        while (text.size() < length) text += static_cast<char>(below(256));
        return text;
    }

    /// A well-formed text in which every kind of code point is common. It may be a few bytes longer than asked for.
    std::string text(std::size_t length) {
        std::string made;
        while (made.size() < length) append_utf8(made, code_point());
        return made;
    }

    /// Mostly well-formed, with what breaks readers: sequences cut short, stray bytes, quotes, NUL.
    std::string hostile(std::size_t length) {
        std::string made;
        while (made.size() < length) {
            switch (below(6)) {
                case 0:
                    made += std::string(below(40), 'a');
                    break;
                case 1:
                    made += bytes(1 + below(3));
                    break;
                case 2:
                    made += "\"\\\n\t\x01\x7F/"[below(7)];
                    break;
                case 3:
                    made += '\0';
                    break;
                case 4: {
                    const std::string whole = text(1);
                    made += whole.substr(0, 1 + below(whole.size()));
                    break;
                }
                default:
                    made += text(1 + below(12));
                    break;
            }
        }
        made.resize(length);
        return made;
    }

private:
    static std::uint64_t seed_of_this_run() {
        const char* given = std::getenv("LOGFERRY_TEST_SEED");
        return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    }

    char32_t code_point() {
        constexpr std::array<char32_t, 18> borders = {0x20,   0x22,   0x5C,   0x7F,    0x80,    0x7FF,
                                                      0x800,  0x301,  0x200D, 0x2028,  0x2029,  0xD7FF,
                                                      0xE000, 0xFE0F, 0xFFFF, 0x10000, 0x1F525, 0x10FFFF};
        switch (below(5)) {
            case 0:
                return borders[below(borders.size())];
            case 1:
                return static_cast<char32_t>(0x80 + below(0x780));
            case 2:
                return static_cast<char32_t>(0x800 + below(0xD000));
            case 3:
                return static_cast<char32_t>(0x10000 + below(0x100000));
            default:
                return static_cast<char32_t>(0x20 + below(0x5F));
        }
    }

    static void append_utf8(std::string& to, char32_t c) {
        const auto byte = [&](char32_t b) { to += static_cast<char>(static_cast<unsigned char>(b)); };
        if (c < 0x80) {
            byte(c);
        } else if (c < 0x800) {
            byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F));
        } else {
            byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F));
        }
    }

    std::uint64_t seed_;
    std::mt19937_64 engine_;
};

/// A text on the heap with nothing behind its last byte, so that AddressSanitizer sees a read past the end.
class exact_copy {
public:
    explicit exact_copy(std::string_view text) : bytes_(new char[text.size()]), size_(text.size()) {
        text.copy(bytes_.get(), size_);
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

/// One row of Unicode 15, table 3-7, "Well-Formed UTF-8 Byte Sequences".
struct well_formed_row {
    unsigned char first_low, first_high, second_low, second_high;
    std::size_t length;
};

inline constexpr std::array<well_formed_row, 9> table_3_7 = {{{0x00, 0x7F, 0x00, 0x00, 1},
                                                              {0xC2, 0xDF, 0x80, 0xBF, 2},
                                                              {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                                              {0xE1, 0xEC, 0x80, 0xBF, 3},
                                                              {0xED, 0xED, 0x80, 0x9F, 3},
                                                              {0xEE, 0xEF, 0x80, 0xBF, 3},
                                                              {0xF0, 0xF0, 0x90, 0xBF, 4},
                                                              {0xF1, 0xF3, 0x80, 0xBF, 4},
                                                              {0xF4, 0xF4, 0x80, 0x8F, 4}}};

/// Repair as section 3.9 of the standard describes it, byte by byte and without haste.
inline std::string repaired_by_the_book(std::string_view in) {
    const auto byte = [in](std::size_t i) { return static_cast<unsigned char>(in[i]); };
    std::string out;
    for (std::size_t at = 0; at < in.size();) {
        const well_formed_row* row = nullptr;
        for (const auto& r : table_3_7) {
            if (byte(at) >= r.first_low && byte(at) <= r.first_high) row = &r;
        }
        std::size_t matched = 1;
        while (row != nullptr && matched < row->length && at + matched < in.size()) {
            const unsigned char low = matched == 1 ? row->second_low : 0x80;
            const unsigned char high = matched == 1 ? row->second_high : 0xBF;
            if (byte(at + matched) < low || byte(at + matched) > high) break;
            ++matched;
        }
        if (row != nullptr && matched == row->length) {
            out += in.substr(at, matched);
        } else {
            out += "\xEF\xBF\xBD";
        }
        at += matched;
    }
    return out;
}

inline std::string without_nul(std::string text) {
    std::erase(text, '\0');
    return text;
}

}  // namespace logferry::test
