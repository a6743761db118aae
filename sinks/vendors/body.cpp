#include <vendors/body.hpp>

#include <cstring>

#include <text/json_writer.hpp>
#include <vendors/raw_json.hpp>

namespace logferry::vendors {
namespace {

/// True when `in` is within the limit whatever its bytes are: repair makes three bytes of one at worst, and no unit is
/// smaller than a byte.
bool surely_fits(std::size_t size, std::size_t limit, text::length_unit unit) noexcept {
    return unit == text::length_unit::bytes ? size <= limit / 3 : size <= limit;
}

/// The bytes of the escape or code point that begins at `at`, which is inside the text of a JSON string.
std::size_t step(std::string_view encoded, std::size_t at) noexcept {
    const auto lead = static_cast<unsigned char>(encoded[at]);
    if (lead == '\\') return encoded[at + 1] == 'u' ? 6 : 2;
    if (lead < 0x80) return 1;
    if (lead < 0xE0) return 2;
    return lead < 0xF0 ? 3 : 4;
}

/// Appends raw JSON in a form that all parsers read alike, of at most `limit` bytes. False, and nothing is appended, if
/// it is invalid or too long.
bool append_json(std::string& out, std::string_view in, std::size_t limit) {
    const auto found = text::check_json(in);
    if (found == text::json_finding::invalid) return false;
    if (found == text::json_finding::plain) {
        out += in;
        return true;
    }
    const auto start = out.size();
    append_unambiguous(out, in);
    if (out.size() - start <= limit) return true;
    out.resize(start);
    return false;
}

}  // namespace

bool append_clipped(std::string& out, std::string_view in, std::size_t limit, text::length_unit unit,
                    std::string& scratch) {
    if (surely_fits(in.size(), limit, unit)) {
        text::append_json_string(out, in);
        return false;
    }
    const auto fitted = text::fit(in, limit, unit, scratch);
    text::append_json_string(out, fitted.text);
    return fitted.cut;
}

bool append_value(std::string& out, const value& v, std::size_t limit, std::string& scratch) {
    switch (v.type()) {
        case value::kind::boolean:
            out += v.boolean() ? "true" : "false";
            return false;
        case value::kind::int64:
            text::append_json_int(out, v.int64());
            return false;
        case value::kind::uint64:
            text::append_json_uint(out, v.uint64());
            return false;
        case value::kind::float64:
            text::append_json_double(out, v.float64());
            return false;
        case value::kind::json:
            if (v.text().size() <= limit && append_json(out, v.text(), limit)) return false;
            [[fallthrough]];
        case value::kind::string:
            break;
    }
    return append_clipped(out, v.text(), limit, text::length_unit::bytes, scratch);
}

void append_key(std::string& out, const entry_key& key) {
    if (out.back() != '{') out += ',';
    if (!key.plain) {
        text::append_json_string(out, key.text);
        out += ':';
        return;
    }
    const auto start = out.size();
    out.append(key.text.size() + 3, '"');  // the quotes, and what the key and the colon then replace
    std::memcpy(out.data() + start + 1, key.text.data(), key.text.size());
    out.back() = ':';
}

bool append_entry(std::string& out, const entry_key& key, const value& v, std::size_t most, std::string& scratch) {
    constexpr std::size_t worth_cutting = 64;
    const auto start = out.size();
    append_key(out, key);
    const auto value_start = out.size();
    const bool cut = append_value(out, v, max_value_bytes, scratch);
    if (out.size() <= most) return cut;
    if (out[value_start] == '"' && value_start + worth_cutting <= most)
        return cut_encoded(out, value_start, most - value_start);
    out.resize(start);
    return true;
}

bool cut_encoded(std::string& out, std::size_t start, std::size_t limit) {
    if (out.size() - start <= limit) return false;
    constexpr std::string_view end = "...\"";
    const auto last = start + limit - end.size();
    auto at = start + 1;
    for (auto next = at; next <= last; next = at + step(out, at)) at = next;
    out.resize(at);
    out += end;
    return true;
}

}  // namespace logferry::vendors
