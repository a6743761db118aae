#include <vendors/json_object.hpp>

#include <nlohmann/json.hpp>

#include <text/json_writer.hpp>
#include <vendors/body.hpp>
#include <vendors/raw_json.hpp>

namespace logferry::vendors {
namespace {

constexpr std::string_view json_space = " \t\r\n";

/// The end of the last top-level member of a valid object that ends within `limit` bytes; 0 if none does.
std::size_t last_member_end(std::string_view object, std::size_t limit) noexcept {
    std::size_t end = 0;
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < object.size() && at <= limit; ++at) {
        const char c = object[at];
        if (quoted) {
            if (c == '\\') ++at;
            if (c == '"') quoted = false;
            continue;
        }
        if (c == '"') quoted = true;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        if (c == ',' && depth == 1) end = at;
    }
    return end;
}

void append_shortened(std::string& out, std::string_view object, std::size_t limit) {
    constexpr std::string_view mark = R"("_truncated":true)";
    constexpr std::size_t comma_and_brace = 2;
    const auto end = last_member_end(object, limit - mark.size() - comma_and_brace);
    const auto kept = end == 0 ? std::string("{") : std::string(object.substr(0, end));
    out += kept;
    // A member of the mark's name stays what it is: a key must not be said twice.
    if (!nlohmann::json::parse(kept + '}', nullptr, false).contains("_truncated")) {
        if (end != 0) out += ',';
        out += mark;
    }
    out += '}';
}

}  // namespace

bool append_object(std::string& out, std::string_view text, std::size_t limit, std::string& scratch) {
    const auto first = text.find_first_not_of(json_space);
    const auto found = first != text.npos && text[first] == '{' ? text::check_json(text) : text::json_finding::invalid;
    if (found != text::json_finding::invalid) {
        auto object = text.substr(first, text.find_last_of('}') + 1 - first);
        if (object[object.find_first_not_of(json_space, 1)] == '}') return false;
        std::string rewritten;
        if (found == text::json_finding::ambiguous) {
            append_unambiguous(rewritten, object);
            object = rewritten;
        }
        if (object.size() > limit) {
            append_shortened(out, object, limit);
            return true;
        }
        out += object;
        return false;
    }
    out += R"({"id":)";
    const auto start = out.size();
    bool cut = append_clipped(out, text, limit, text::length_unit::bytes, scratch);
    constexpr std::string_view around = R"({"id":})";
    cut |= cut_encoded(out, start, limit - around.size());
    out += '}';
    return cut;
}

}  // namespace logferry::vendors
