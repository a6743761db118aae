// Values that hold other values: containers as arrays of JSON, optionals; and what only a stream operator can write.
#pragma once

#include <cmath>
#include <ios>
#include <iterator>
#include <locale>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <logferry/boost_log/values.hpp>

namespace logferry::detail::boost_log {

template <typename T, typename = void>
inline constexpr bool is_plain_value = false;
template <typename T>
inline constexpr bool
    is_plain_value<T, std::void_t<decltype(as_value(std::declval<const T&>(), std::declval<const value_context&>()))>> =
        true;

template <typename T, typename = void>
inline constexpr bool is_range = false;
template <typename T>
inline constexpr bool is_range<
    T, std::void_t<decltype(std::begin(std::declval<const T&>())), decltype(std::end(std::declval<const T&>()))>> =
    !is_plain_value<T>;

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
inline constexpr bool is_optional<boost::optional<T>> = true;

/// JSON knows neither NaN nor infinity: they become the words that other records have for them.
inline void append_json_number(growing_text& out, double number) {
    if (std::isnan(number)) {
        out.append("\"NaN\"");
    } else if (std::isinf(number)) {
        out.append(number < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    } else {
        out.append_number(number);
    }
}

inline void append_json(growing_text& out, const value& v) {
    switch (v.type()) {
        case value::kind::string:
            append_json_string(out, v.text());
            break;
        case value::kind::json:
            out.append(v.text());
            break;
        case value::kind::int64:
            out.append_number(v.int64());
            break;
        case value::kind::uint64:
            out.append_number(v.uint64());
            break;
        case value::kind::float64:
            append_json_number(out, v.float64());
            break;
        case value::kind::boolean:
            out.append(v.boolean() ? "true" : "false");
            break;
    }
}

/// The names from the outermost to the innermost.
inline value as_value(const boost::log::attributes::named_scope_list& scopes, const value_context& context) {
    const auto text = made_text(context, [&](growing_text& out) {
        for (const auto& entry : scopes) {
            out.append(&entry == &scopes.front() ? '[' : ',');
            append_json_string(out, {entry.scope_name.c_str(), entry.scope_name.size()});
        }
        out.append(scopes.empty() ? "[]" : "]");
    });
    return value::json(text.text());
}

template <typename T, typename = void>
inline constexpr bool is_streamable = false;
template <typename T>
inline constexpr bool
    is_streamable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>> = true;

/// Written with its stream operator, whatever the program's locale is. Throws when that fails.
template <typename T>
value streamed(const T& v, const value_context& context) {
    static_assert(is_streamable<T>, "give the type an operator<<, or say how to send it: type<T>(a callable)");
    std::string text;
    boost::log::formatting_ostream stream(text);
    stream.imbue(std::locale::classic());
    stream.exceptions(std::ios_base::badbit | std::ios_base::failbit);
    stream << v;
    stream.flush();
    return value(context.memory.copy(text));
}

/// What a value of any type becomes, by the best way there is. Nothing: it is empty, and left out.
template <typename T>
std::optional<value> any_value(const T& v, const value_context& context) {
    if constexpr (is_plain_value<T>) {
        return as_value(v, context);
    } else if constexpr (is_optional<T>) {
        return v ? any_value(*v, context) : std::nullopt;
    } else if constexpr (is_range<T>) {
        scratch of_elements;
        growing_text out(context.memory);
        char before = '[';
        for (const auto& element : v) {
            out.append(std::exchange(before, ','));
            const auto one = any_value(element, value_context{of_elements, context.clock});
            append_json(out, one ? *one : value::json("null"));
        }
        out.append(before == '[' ? "[]" : "]");
        return value::json(out.finish());
    } else if constexpr (std::is_enum_v<T> && !is_streamable<T>) {
        return value(v);
    } else {
        return streamed(v, context);
    }
}

}  // namespace logferry::detail::boost_log
