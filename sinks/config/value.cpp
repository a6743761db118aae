#include <config/value.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <config/document.hpp>
#include <config/quantity.hpp>
#include <config/suggestion.hpp>

namespace logferry::config {

namespace {

using json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string_view shape_of(const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            return "null";
        case json::value_t::boolean:
            return "true or false";
        case json::value_t::string:
            return "text";
        case json::value_t::array:
            return "a list";
        case json::value_t::object:
            return "an object";
        default:
            return "a number";
    }
}

/// Of JSON's numbers, which know no integers: 1.0 is a whole one and 1.5 is not.
reading<std::uint64_t> whole_number(const json& value, std::uint64_t most) {
    const auto too_large = [most] { return complaint{"is too large; choose at most " + std::to_string(most)}; };
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        return number <= most ? reading<std::uint64_t>(number) : too_large();
    }
    // Also of -0, which is 0, and of what has a point or an exponent.
    const auto number = value.get<double>();
    if (number != std::trunc(number)) return complaint{"is not a whole number; round it"};
    if (number < 0) return complaint{"is negative; choose 0 or more"};
    // Compared as a double, in which `most` and all below are exact; only then can it be converted.
    if (number > static_cast<double>(most)) return too_large();
    return static_cast<std::uint64_t>(number);
}

word_list level_words(bool with_off) {
    word_list words;
    for (std::size_t i = 0; i < level_count; ++i) words.push_back(to_string(static_cast<level>(i)));
    if (with_off) words.push_back(to_string(level::off));
    return words;
}

constexpr bool is_control(char c) noexcept { return (c >= '\0' && c < ' ') || c == '\x7F'; }

/// What the system takes, and what can be shown on one line.
bool is_path(std::string_view text) {
    return !text.empty() && text.size() < 4096 && std::none_of(text.begin(), text.end(), is_control);
}

/// No shell can set another one, so such a text is something else, perhaps the credential itself.
bool is_variable_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), allowed);
}

/// `${NAME}`, `ENV:NAME`, `File:PATH`: no vendor's credential looks so.
bool looks_like_variable(std::string_view text) {
    if (text.starts_with("${") && text.ends_with('}')) return true;
    std::string scheme(text.substr(0, std::min(text.find(':'), text.size())));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return scheme.size() < text.size() && (scheme == "env" || scheme == "file");
}

constexpr std::string_view secret_remedy = "give \"env:NAME\" or \"file:PATH\"";

}  // namespace

std::string wrong_shape(const json& value, std::string_view wanted) {
    const auto remedy = value.is_null() ? "leave the key out, or give " : "give ";
    return "is " + std::string(shape_of(value)) + "; " + remedy + std::string(wanted);
}

const std::string* value_reader::text(std::string_view wanted) const {
    if (!from_.is_string()) {
        complain(wrong_shape(from_, wanted));
        return nullptr;
    }
    const auto& written = from_.get_ref<const std::string&>();
    if (written.find('\0') == std::string::npos) return &written;
    complain("holds a NUL; remove it");
    return nullptr;
}

template <class Integer>
void value_reader::read_number(Integer* at) const {
    if (!from_.is_number()) return complain(wrong_shape(from_, "a whole number"));
    const auto most = std::min(static_cast<std::uint64_t>(std::numeric_limits<Integer>::max()), largest_number);
    auto number = whole_number(from_, most);
    if (auto* const wrong = std::get_if<complaint>(&number)) return complain(std::move(wrong->text));
    *at = static_cast<Integer>(std::get<std::uint64_t>(number));
}

template <class Value>
void value_reader::read_by_level(by_level<Value>& at) const {
    if (!from_.is_object())
        return complain(wrong_shape(from_, "an object with levels as keys, such as {\"warn\": ...}"));
    std::array<bool, level_count> given{};
    for (const auto& [key, value] : from_.items()) {
        if (found_.full()) return;
        const auto path = path_of(path_, key);
        const auto lvl = level_from_string(key);
        if (!lvl || *lvl == level::off) {
            found_.complain(path, "is not a level of records; " + choose_among(level_words(false), key));
            continue;
        }
        const auto index = static_cast<std::size_t>(*lvl);
        if (std::exchange(given[index], true)) {
            found_.complain(path,
                            "is the level " + std::string(to_string(*lvl)) + ", which is given already; keep one");
        }
        value_reader(value, path, found_)(&at[index]);
    }
}

void value_reader::operator()(bool* at) const {
    if (!from_.is_boolean()) return complain(wrong_shape(from_, "true or false"));
    *at = from_.get<bool>();
}

void value_reader::operator()(std::size_t* at) const { read_number(at); }
void value_reader::operator()(unsigned* at) const { read_number(at); }
void value_reader::operator()(std::int64_t* at) const { read_number(at); }

void value_reader::operator()(byte_count size) const {
    if (from_.is_number()) return read_number(size.at);
    const auto* const written = text("a number of bytes, or text such as \"64KiB\"");
    if (written == nullptr) return;
    auto read = size_from(*written);
    if (auto* const wrong = std::get_if<complaint>(&read)) return complain(std::move(wrong->text));
    *size.at = static_cast<std::size_t>(std::get<std::uint64_t>(read));
}

void value_reader::operator()(std::string* at) const {
    if (const auto* const written = text("text")) *at = *written;
}

void value_reader::operator()(secret* at) const {
    const auto* const written = text(secret_remedy.substr(5));
    if (written == nullptr) return;
    if (written->empty()) return complain("is empty; " + std::string(secret_remedy));
    if (written->starts_with("env:")) {
        const auto name = written->substr(4);
        if (!is_variable_name(name)) {
            return complain("names no variable; write the name, of letters, digits and _, behind env:");
        }
        *at = secret::from_env(name);
    } else if (written->starts_with("file:")) {
        if (!is_path(written->substr(5))) return complain("names no file; write its path behind file:");
        *at = secret::from_file(written->substr(5));
    } else if (looks_like_variable(*written)) {
        complain("looks like a variable of a shell, which nobody replaces here; " + std::string(secret_remedy));
    } else {
        *at = secret(*written);
        found_.notices.push_back({path_,
                                  "is a credential written into the configuration; better keep it in a variable "
                                  "or a file, and give \"env:NAME\" or \"file:PATH\""});
    }
    if (!at->problem().empty()) complain("is missing: " + std::string(at->problem()) + "; set it, or name another");
}

void value_reader::operator()(level* at) const {
    const auto* const written = text("a level's name as text");
    if (written == nullptr) return;
    const auto lvl = level_from_string(*written);
    if (!lvl) return complain("is not a level; " + choose_among(level_words(true), *written));
    *at = *lvl;
}

void value_reader::operator()(milliseconds* at) const {
    const auto* const written = text("text with a unit, such as \"5s\"");
    if (written == nullptr) return;
    auto read = duration_from(*written);
    if (auto* const wrong = std::get_if<complaint>(&read)) return complain(std::move(wrong->text));
    *at = std::get<milliseconds>(read);
}

void value_reader::operator()(seconds* at) const {
    auto whole = milliseconds(*at);
    const auto before = found_.problems.size();
    (*this)(&whole);
    if (found_.problems.size() > before) return;
    if (from_.is_string() && from_.get_ref<const std::string&>().ends_with("ms")) {
        return complain("counts whole seconds; write s, min, h or d behind the number");
    }
    *at = std::chrono::duration_cast<seconds>(whole);
}

void value_reader::operator()(std::optional<milliseconds>* at) const {
    milliseconds read{-1};
    (*this)(&read);
    if (read.count() >= 0) *at = read;
}

void value_reader::operator()(std::vector<std::string>* at) const {
    if (!from_.is_array()) return complain(wrong_shape(from_, "a list of texts, such as [\"a\", \"b\"]"));
    std::vector<std::string> read(from_.size());
    for (std::size_t i = 0; i < read.size() && !found_.full(); ++i) {
        const auto path = path_of(path_, i);
        value_reader(from_[i], path, found_)(&read[i]);
    }
    *at = std::move(read);
}

void value_reader::operator()(by_level<std::string>* at) const { read_by_level(*at); }
void value_reader::operator()(by_level<unsigned>* at) const { read_by_level(*at); }

void value_reader::operator()(const choice& at) const {
    const auto* const written = text("one of " + alternatives(at.words) + " as text");
    if (written == nullptr) return;
    const auto found = std::find(at.words.begin(), at.words.end(), *written);
    if (found != at.words.end()) return at.choose(static_cast<std::size_t>(found - at.words.begin()));
    complain("is not known; " + choose_among(at.words, *written));
}

}  // namespace logferry::config
