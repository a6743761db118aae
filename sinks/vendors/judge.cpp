#include <vendors/judge.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <text/json_writer.hpp>
#include <text/utf8.hpp>

namespace logferry::vendors {
namespace {

using nlohmann::json;
using verdict = outcome::verdict;
using pause = outcome::pause;

/// After this many tries a request that the server fails on is taken for poison.
constexpr std::uint32_t few = 3;

struct row {
    int first;
    int last;
    verdict what;
    pause why;
    std::uint32_t tries;
    std::string_view advice;
};

/// The first row that holds the status counts.
constexpr std::array<row, 18> rows = {{
    {200, 299, verdict::delivered, pause::none, 0, ""},
    {300, 399, verdict::paused, pause::configuration, 0,
     "the server redirects, which is not followed; correct base_url"},
    {401, 401, verdict::paused, pause::auth, 0, "the credential was refused; renew it"},
    {403, 403, verdict::paused, pause::auth, 0, "the credential was refused; renew it"},
    {402, 402, verdict::paused, pause::quota, 0, "the plan's quota is used up"},
    {404, 405, verdict::paused, pause::configuration, 0, "the address is not the API's; correct base_url"},
    {410, 410, verdict::paused, pause::configuration, 0, "the address is not the API's; correct base_url"},
    {408, 408, verdict::retry, pause::none, 0, "the server ran out of time"},
    {425, 425, verdict::retry, pause::none, 0, "the server asks for the request again"},
    {413, 413, verdict::split, pause::none, 0, "the request is too large for the server"},
    {429, 429, verdict::paused, pause::rate, 0, "too many requests"},
    {400, 499, verdict::rejected, pause::none, 0, "the server will not take the request"},
    {501, 501, verdict::rejected, pause::none, 0, "the server does not know such requests"},
    {505, 505, verdict::rejected, pause::none, 0, "the server does not know this HTTP version"},
    {502, 504, verdict::retry, pause::none, 0, "the server is not available"},
    {520, 527, verdict::retry, pause::none, 0, "the server behind the proxy is not available"},
    {500, 599, verdict::retry, pause::none, few, "the server failed"},
    {0, 999, verdict::retry, pause::none, few, "this is no final status"},
}};

struct failure_row {
    http_failure failure;
    verdict what;
    pause why;
    std::string_view meaning;
};

constexpr std::array<failure_row, 5> failures = {{
    {http_failure::not_sent, verdict::retry, pause::none, "no connection"},
    {http_failure::certificate, verdict::paused, pause::configuration,
     "the server's certificate was refused; check base_url and the system's certificate store"},
    {http_failure::closed_unused, verdict::retry, pause::none, "the server had closed the connection"},
    {http_failure::ambiguous, verdict::ambiguous, pause::none, "no answer came; the request may have arrived"},
    {http_failure::aborted, verdict::retry, pause::none, "given up while closing"},
}};

const row& row_of(int status) noexcept {
    for (const auto& r : rows) {
        if (status >= r.first && status <= r.last) return r;
    }
    return rows.back();
}

const failure_row& row_of(http_failure failure) noexcept {
    for (const auto& r : failures) {
        if (r.failure == failure) return r;
    }
    return failures.front();
}

std::string describe(std::string_view advice, std::string_view said, std::string_view credential) {
    std::string line(advice);
    const auto words = excerpt(said, credential);
    if (!words.empty()) line.append(": ").append(words);
    return line;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

std::string percent_encoded(std::string_view text, std::string_view hex) {
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || std::string_view("-._~").find(c) != std::string_view::npos) {
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
    for (auto form : {escaped, ascii.substr(1, ascii.size() - 2)}) {
        forms.push_back(form);
        replace_all(form, "/", "\\/");  // as PHP writes a slash
        forms.push_back(std::move(form));
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

outcome judge_by_status(const http_response& response, std::string_view credential) {
    outcome result;
    if (response.failure != http_failure::none) {
        const auto& r = row_of(response.failure);
        result.what = r.what;
        result.why = r.why;
        result.detail = describe(r.meaning, response.error, credential);
        return result;
    }
    const auto& r = row_of(response.status);
    result.what = r.what;
    result.why = r.why;
    result.tries = r.tries;
    if (r.what == verdict::delivered) return result;
    result.detail =
        describe("HTTP " + std::to_string(response.status) + ", " + std::string(r.advice), response.body, credential);
    return result;
}

std::string scrub(std::string_view text, std::string_view credential) {
    std::string out(text);
    for (const auto& form : written_forms(credential)) {
        if (!form.empty()) replace_all(out, form, "***");
    }
    return out;
}

json parse_answer(std::string_view body) {
    return is_deeper(body, deepest_answer) ? json(json::value_t::discarded) : json::parse(body, nullptr, false);
}

std::string excerpt(std::string_view body, std::string_view credential) {
    constexpr std::size_t most = 200;
    // Scrubbed before it is cut, so that no part of a credential is left at the edge.
    std::string line = scrub(body, credential);
    for (auto& c : line) {
        if ((c >= '\0' && c < ' ') || c == '\x7F') c = ' ';
    }
    std::string scratch;
    return std::string(text::trim(text::fit(line, most, text::length_unit::bytes, scratch).text));
}

}  // namespace logferry::vendors
