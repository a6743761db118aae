#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <text/template.hpp>

namespace logferry::text {
namespace {

/// The piece for what stood between two braces, with an empty name if there is none.
text_template::piece placeholder(std::string_view inside) {
    const std::size_t colon = inside.find(':');
    text_template::piece piece;
    piece.name = inside.substr(0, colon);
    if (colon != std::string_view::npos) piece.argument = inside.substr(colon + 1);
    return piece;
}

}  // namespace

text_template text_template::parse(std::string_view source, std::string& problem) {
    problem.clear();
    text_template parsed;
    std::string literal;
    const auto end_literal = [&] {
        if (!literal.empty()) parsed.pieces_.push_back({std::exchange(literal, {}), {}, {}});
    };
    const auto fail = [&](std::string_view what, std::size_t offset, std::string_view remedy = {}) {
        problem.append(what).append(" at offset ").append(std::to_string(offset)).append(remedy);
        return text_template();
    };

    for (std::size_t at = 0; at < source.size();) {
        const std::size_t brace = source.find_first_of("{}", at);
        literal += source.substr(at, brace - at);
        if (brace == std::string_view::npos) break;
        if (source.substr(brace + 1, 1) == source.substr(brace, 1)) {
            literal += source[brace];
            at = brace + 2;
            continue;
        }
        if (source[brace] == '}') return fail("'}' without '{'", brace, "; a brace itself is written '}}'");

        const std::size_t close = source.find_first_of("{}", brace + 1);
        if (close == std::string_view::npos || source[close] == '{') return fail("'{' is not closed", brace);
        end_literal();
        parsed.pieces_.push_back(placeholder(source.substr(brace + 1, close - brace - 1)));
        if (parsed.pieces_.back().name.empty()) return fail("placeholder without a name", brace);
        at = close + 1;
    }
    end_literal();
    return parsed;
}

}  // namespace logferry::text
