// Templates such as `{logger}.{level}` or `{field:user_id}`: parsed once, rendered for each record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace logferry::text {

/// A parsed template. What the names mean is the renderer's affair; this room knows only braces.
///
/// Syntax: `{name}` and `{name:argument}` are placeholders, `{{` and `}}` are braces, all else is literal.
class text_template {
public:
    struct piece {
        std::string literal;   ///< copied as it is; empty when the piece is a placeholder
        std::string name;      ///< the placeholder's name; empty when the piece is a literal
        std::string argument;  ///< what follows the colon, if anything
    };

    /// An empty template, which renders nothing.
    text_template() = default;

    /// Parses `source`. On a syntax error `problem` says what and at which offset, and the template is empty; otherwise
    /// `problem` is made empty.
    static text_template parse(std::string_view source, std::string& problem);

    [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }
    [[nodiscard]] const std::vector<piece>& pieces() const noexcept { return pieces_; }

    /// Appends the text to `out`, asking `append_value(name, argument, out)` to append each placeholder's.
    template <typename AppendValue>
    void render(std::string& out, AppendValue&& append_value) const {
        for (const auto& p : pieces_) {
            if (p.name.empty()) {
                out += p.literal;
            } else {
                append_value(std::string_view(p.name), std::string_view(p.argument), out);
            }
        }
    }

private:
    std::vector<piece> pieces_;
};

}  // namespace logferry::text
