#include <vendors/slot.hpp>

#include <array>
#include <charconv>

#include <text/json_writer.hpp>

namespace logferry::vendors {
namespace {

using append_function = void (*)(const record_view&, std::string&);

struct placeholder {
    std::string_view name;
    append_function append;
};

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;  // the longest 64-bit number
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

constexpr std::array<placeholder, 8> placeholders = {{
    {"logger", [](const record_view& r, std::string& out) { out += r.logger; }},
    {"level", [](const record_view& r, std::string& out) { out += to_string(r.lvl); }},
    {"message", [](const record_view& r, std::string& out) { out += r.message; }},
    {"thread",
     [](const record_view& r, std::string& out) {
         if (r.thread_id != 0) append_number(out, r.thread_id);
     }},
    {"file", [](const record_view& r, std::string& out) { out += r.source.file; }},
    {"line",
     [](const record_view& r, std::string& out) {
         if (r.source.line != 0) append_number(out, r.source.line);
     }},
    {"function", [](const record_view& r, std::string& out) { out += r.source.function; }},
    {"record_id", [](const record_view& r, std::string& out) { out += r.id.to_string(); }},
}};

const placeholder* find_placeholder(std::string_view name) noexcept {
    for (const auto& p : placeholders) {
        if (p.name == name) return &p;
    }
    return nullptr;
}

std::string complaint(const text::text_template::piece& p) {
    if (p.name == "field" && p.argument.empty()) return "{field} names no field; write {field:NAME}";
    if (p.name == "field" || (find_placeholder(p.name) && p.argument.empty())) return {};
    if (find_placeholder(p.name)) return "{" + p.name + "} takes no argument; write {" + p.name + "}";
    return "{" + p.name +
           "} is not a placeholder; use {logger}, {level}, {message}, {thread}, {file}, {line}, {function}, "
           "{record_id} or "
           "{field:NAME}, and {{ for a brace";
}

}  // namespace

bool blank(std::string_view text) noexcept { return text.find_first_not_of('\0') == std::string_view::npos; }

void append_plain(std::string& out, const value& v) {
    switch (v.type()) {
        case value::kind::string:
        case value::kind::json:
            out += v.text();
            break;
        case value::kind::boolean:
            out += v.boolean() ? "true" : "false";
            break;
        case value::kind::int64:
            text::append_json_int(out, v.int64(), text::big_integers::as_numbers);
            break;
        case value::kind::uint64:
            text::append_json_uint(out, v.uint64(), text::big_integers::as_numbers);
            break;
        case value::kind::float64: {
            const auto start = out.size();
            text::append_json_double(out, v.float64());
            if (out[start] != '"') break;
            out.pop_back();  // a non-finite number, which JSON writes between quotes
            out.erase(start, 1);
            break;
        }
    }
}

text::text_template parse_slot_template(std::string_view source, const std::string& field,
                                        std::vector<config_problem>& problems) {
    std::string problem;
    auto parsed = text::text_template::parse(source, problem);
    if (!problem.empty()) problems.push_back({field, "is not a template: " + problem});
    for (const auto& piece : parsed.pieces()) {
        if (piece.name.empty()) continue;
        if (auto text = complaint(piece); !text.empty()) problems.push_back({field, std::move(text)});
    }
    return parsed;
}

void render_slot_template(const text::text_template& source, const record_view& record, const field_set& fields,
                          std::string& out) {
    source.render(out, [&](std::string_view name, std::string_view argument, std::string& to) {
        if (const auto* known = find_placeholder(name)) {
            known->append(record, to);
        } else if (const auto* found = fields.find(argument)) {
            append_plain(to, found->val);
        }
    });
}

slot::slot(std::string_view source, std::vector<std::string_view> names, const std::string& field,
           std::vector<config_problem>& problems)
    : template_(parse_slot_template(source, field, problems)), names_(std::move(names)) {}

bool slot::fill(const record_view& record, field_set& fields, std::string& out) const {
    out.clear();
    if (!template_.empty()) render_slot_template(template_, record, fields, out);
    if (!blank(out)) return true;
    out.clear();
    if (const auto* found = fields.take_first(names_)) append_plain(out, found->val);
    if (!blank(out)) return true;
    out.clear();
    return false;
}

}  // namespace logferry::vendors
