#include <vendors/answer_text.hpp>

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>
#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <text/utf8.hpp>

namespace logferry::vendors {
namespace {

using nlohmann::json;

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
    std::string out;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
        out.append(text.substr(0, at)).append(by);
        text.remove_prefix(at + what.size());
    }
    return out.append(text);
}

std::string percent_encoded(std::string_view text, std::string_view hex) {
    std::string out;
    for (const char c : text) {
        if (text::is_letter(c) || text::is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.append({'%', hex[byte >> 4], hex[byte & 0x0F]});
        }
    }
    return out;
}

/// The credential in all the ways in which a server may write it back.
std::vector<std::string> written_forms(std::string_view credential) {
    std::vector<std::string> forms = {std::string(credential), percent_encoded(credential, "0123456789ABCDEF"),
                                      percent_encoded(credential, "0123456789abcdef")};
    std::string escaped;
    text::append_json_escaped(escaped, credential);
    const auto ascii = json(credential).dump(-1, ' ', true, json::error_handler_t::replace);
    for (const auto& form : {escaped, ascii.substr(1, ascii.size() - 2)}) {
        forms.push_back(form);
        forms.push_back(replaced(form, "/", "\\/"));  // as PHP writes a slash
    }
    // Most are the same, and what stands for one must not be searched for it again.
    std::sort(forms.begin(), forms.end());
    forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    return forms;
}

/// True if JSON has more levels of arrays and objects than `most`.
bool is_deeper(std::string_view text, std::size_t most) noexcept {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') quoted = !quoted;
        if (quoted) {
            at += c == '\\';
        } else if (c == '[' || c == '{') {
            if (++depth > most) return true;
        } else if ((c == ']' || c == '}') && depth != 0) {
            --depth;
        }
    }
    return false;
}

}  // namespace

std::string scrub(std::string_view text, std::string_view credential) {
    std::string out(text);
    for (const auto& form : written_forms(credential)) {
        if (!form.empty()) out = replaced(out, form, "***");
    }
    return out;
}

std::string excerpt(std::string_view said, std::string_view credential) {
    constexpr std::size_t most = 200;
    // Scrubbed before it is cut, so that no part of a credential is left at the edge.
    std::string line = scrub(said, credential);
    for (auto& c : line) {
        if ((c >= '\0' && c < ' ') || c == '\x7F') c = ' ';
    }
    std::string scratch;
    return std::string(text::trim(text::fit(line, most, text::length_unit::bytes, scratch).text));
}

json parse_answer(std::string_view body) {
    return is_deeper(body, deepest_answer) ? json(json::value_t::discarded) : json::parse(body, nullptr, false);
}

std::string_view text_of(const json& answer, const char* name) {
    if (!answer.is_object()) return {};
    const auto found = answer.find(name);
    return found != answer.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                       : std::string_view();
}

bool is_web_page(std::string_view body) noexcept {
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '<';
}

}  // namespace logferry::vendors
