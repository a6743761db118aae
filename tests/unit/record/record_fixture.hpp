// The words in which the record's tests are told: a record is written with what the thread adds, and read back.
#pragma once

#include <cstddef>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <record/flat.hpp>
#include <record/thread_fields.hpp>

namespace logferry::record {

inline constexpr std::size_t roomy = std::size_t{1} << 20;

inline std::vector<std::byte> flatten(const record_input& input, bytes scope = {}, bytes call = {},
                                      std::size_t max_size = roomy) {
    const plan p(input, scope, call, max_size);
    std::vector<std::byte> flat(p.size());
    p.write(flat.data());
    return flat;
}

inline record_view read_back(bytes flat, record_id id = {}) {
    const auto view = parse(flat, id);
    if (!view) throw std::logic_error("the record that was just written cannot be read");
    return *view;
}

/// `key=value` of each field, with the value's kind where the text alone would not show it.
inline std::string show(const value& v) {
    std::ostringstream out;
    switch (v.type()) {
        case value::kind::string:
            out << '"' << v.text() << '"';
            break;
        case value::kind::json:
            out << "json:" << v.text();
            break;
        case value::kind::boolean:
            out << (v.boolean() ? "true" : "false");
            break;
        case value::kind::int64:
            out << v.int64();
            break;
        case value::kind::uint64:
            out << v.uint64() << 'u';
            break;
        case value::kind::float64:
            out.precision(17);
            out << v.float64() << 'f';
            break;
    }
    return out.str();
}
inline std::string show(const field_range& fields) {
    std::string text;
    for (const auto& f : fields) {
        if (!text.empty()) text += ' ';
        text += std::string(f.key) + '=' + show(f.val);
    }
    return text;
}
/// What the thread adds to a record.
inline std::string show(bytes encoded) { return show(field_range(encoded.data(), encoded.size())); }

inline std::vector<std::byte> encode(std::initializer_list<field> fields) {
    std::vector<std::byte> out;
    for (const auto& f : fields) {
        const auto at = out.size();
        out.resize(at + field_size(f));
        write_field(out.data() + at, f);
    }
    return out;
}

}  // namespace logferry::record
