#include <config/document.hpp>

#include <algorithm>
#include <utility>

#include <config/suggestion.hpp>

namespace logferry::config {

namespace {

using json = nlohmann::json;

// Deeper than any configuration, and no matter for a stack.
constexpr std::size_t deepest = 32;

constexpr std::string_view not_json = "only {...}, [...], \"text\", numbers, true, false and null are JSON";

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// `line 3, column 14` of a byte, the columns counted in characters.
std::string place_of(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, byte);
    const auto line_begin = before.rfind('\n') + 1;  // 0 when there is none
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; };
    const auto column =
        std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_begin), before.end(), is_first_byte);
    return "line " + std::to_string(line) + ", column " + std::to_string(column + 1);
}

/// Where the fault is, when `read` bytes were read and the last `token_size` of them are since the last token began:
/// where reading stopped, or where a word or a whole text begins that does not belong there.
std::size_t fault_in(std::string_view text, std::size_t read, std::size_t token_size) {
    auto stopped = std::min(read == 0 ? 0 : read - 1, text.size());
    const auto token = text.substr(0, read).substr(read > token_size ? std::min(read - token_size, stopped) : 0);
    const bool whole_text = token.size() > 1 && token.front() == '"' && token.back() == '"';
    if (whole_text) return stopped + 1 - token.size();
    if (stopped == text.size() || !is_letter(text[stopped])) return stopped;
    while (stopped > 0 && is_letter(text[stopped - 1])) --stopped;
    return stopped;
}

/// What the byte at the fault tells. Not the byte itself: it may belong to a credential.
std::string_view reason_at(std::string_view text, std::size_t byte, bool within_text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "there is nothing; give an object, {...}";
    if (byte >= text.size()) return "the text ends before the JSON does; a quote, a bracket or a brace is not closed";
    const bool ends_line = text[byte] == '\n' || text[byte] == '\r';
    if (within_text && !ends_line) {
        return "text holds what JSON does not allow: a byte that is no UTF-8, a control character, or a \\ that begins "
               "no escape";
    }
    switch (text[byte]) {
        case '/':
        case '#':
            return "comments are not JSON; remove it";
        case '\'':
            return "text goes into double quotes";
        case '}':
        case ']':
            if (byte > 0 && is_letter(text[byte - 1])) return not_json;
            return "a comma before it is too many, or a value is missing";
        case '\n':
        case '\r':
            return "text does not go beyond its line; close the quote, or write \\n";
        case '"':
            return "a comma or a colon before it is missing";
        case ',':
            return "a value before it is missing, or a colon belongs here";
        default:
            return not_json;
    }
}

/// Builds the tree by the library's events, for its own tree says nothing of keys that come twice.
class builder : public nlohmann::json_sax<json> {
public:
    builder(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t&) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { return false; }  // not in JSON

    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& value) override {
        auto& inner = open_.back();
        if (inner.value.contains(value)) {
            problems_.push_back({path_of(path(), value), "is given more than once; keep one"});
        }
        inner.key = std::move(value);
        return true;
    }

    bool parse_error(std::size_t position, const std::string& token, const json::exception& why) override {
        constexpr int number_out_of_range = 406;
        const auto byte = fault_in(text_, position, token.size());
        const auto reason = why.id == number_out_of_range ? "a number is too large; choose less"
                                                          : reason_at(text_, byte, within_text(token));
        return fail("is not JSON at " + place_of(text_, byte) + ": " + std::string(reason));
    }

    document result() && { return {std::move(root_), std::move(problems_)}; }

private:
    /// The last token is a text that has not come to its end. The quote of an escape that is none may be its last byte.
    static bool within_text(std::string_view token) {
        const auto quotes = std::count(token.begin(), token.end(), '"');
        return !token.empty() && token.front() == '"' && (quotes == 1 || token.find("\\ud") != token.npos);
    }

    struct container {
        json value;
        /// Of the value that comes next in an object.
        std::string key;
    };

    bool add(json value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto& inner = open_.back(); inner.value.is_array()) {
            inner.value.push_back(std::move(value));
        } else {
            inner.value[inner.key] = std::move(value);
        }
        return true;
    }

    bool open(json empty) {
        if (open_.size() == deepest) {
            return fail("is nested more than " + std::to_string(deepest) + " deep; no option is");
        }
        open_.push_back({std::move(empty), {}});
        return true;
    }

    bool close() {
        auto done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }

    bool fail(std::string message) {
        problems_.push_back({name_, std::move(message)});
        root_ = json(json::value_t::discarded);
        return false;
    }

    [[nodiscard]] std::string path() const {
        std::string all;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            const auto& c = open_[i];
            all = c.value.is_array() ? path_of(all, c.value.size()) : path_of(all, c.key);
        }
        return all;
    }

    std::string_view text_;
    const std::string& name_;
    json root_ = json(json::value_t::discarded);
    std::vector<container> open_;
    std::vector<config_problem> problems_;
};

}  // namespace

std::string path_of(const std::string& parent, std::string_view key) {
    return parent.empty() ? printable(key) : parent + '.' + printable(key);
}

std::string path_of(const std::string& parent, std::size_t index) { return parent + '[' + std::to_string(index) + ']'; }

document parse(std::string_view text, const std::string& name) {
    if (text.size() > longest_document) {
        return {json(json::value_t::discarded), {{name, "is longer than 1 MiB; no configuration needs that"}}};
    }
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
        // For the library it would be the end, and what follows would be passed over without a word.
        return {json(json::value_t::discarded), {{name, "holds a NUL at " + place_of(text, nul) + "; remove it"}}};
    }
    builder built(text, name);
    json::sax_parse(text.begin(), text.end(), &built);
    return std::move(built).result();
}

}  // namespace logferry::config
