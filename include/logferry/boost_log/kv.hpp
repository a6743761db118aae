// `kv` in a statement of Boost.Log.
//
//     BOOST_LOG(lg) << "payment failed " << logferry::kv("order_id", 42, "amount", 9.99);
//
// writes `payment failed order_id=42 amount=9.99`, and gives the record the attributes `order_id` and `amount`, which
// all sinks see: `long`, `unsigned long`, `double`, `bool`, `std::string` or `boost_log_json`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/log/attributes/attribute_value_impl.hpp>
#include <boost/log/attributes/attribute_value_set.hpp>
#include <boost/log/expressions/message.hpp>
#include <boost/log/sources/record_ostream.hpp>

#include <logferry/boost_log/values.hpp>
#include <logferry/fields.hpp>

namespace logferry {

namespace detail::boost_log {

[[nodiscard]] inline boost::log::attribute_value attribute_of(const value& v) {
    using boost::log::attributes::make_attribute_value;
    switch (v.type()) {
        case value::kind::boolean:
            return make_attribute_value(v.boolean());
        case value::kind::int64:
            return make_attribute_value(v.int64());
        case value::kind::uint64:
            return make_attribute_value(v.uint64());
        case value::kind::float64:
            return make_attribute_value(v.float64());
        case value::kind::json:
            return make_attribute_value(boost_log_json{std::string(v.text())});
        case value::kind::string:
            break;
    }
    return make_attribute_value(std::string(v.text()));
}

/// The fields of the call count before an attribute of the same name that a logger or the core gave. Except for the
/// message, which the stream is still writing: that field is numbered.
inline void add_attribute(boost::log::attribute_value_set& to, const field& f) {
    const std::string name(f.key);
    const auto v = attribute_of(f.val);
    const auto [at, added] = to.insert(name, v);
    if (added) return;
    if (at->first == boost::log::expressions::tag::message::get_name()) {
        to.insert(name + "_2", v);
    } else {
        // The set has no way to replace a value; its nodes are no constants.
        const_cast<boost::log::attribute_value&>(at->second) = v;
    }
}

}  // namespace detail::boost_log

namespace detail::boost_log {

/// The text alone: the fields go as attributes, so the thread has none to remember.
template <typename Char>
void write_rendered(boost::log::basic_record_ostream<Char>& out, const field* fields, std::size_t count) {
    const auto rendered = render_and_remember(fields, count);
    // The text lives no longer than that.
    const struct forgetting {
        std::uint64_t ticket;
        ~forgetting() { forget_rendered(ticket); }
    } at_the_end{rendered.ticket};
    auto& stream = static_cast<boost::log::basic_formatting_ostream<Char>&>(out);
    if constexpr (sizeof(Char) == 1) {
        stream << rendered.text;
    } else {
        // Boost would convert by the stream's locale, which throws for what that does not know.
        stream << wide_of<Char>(rendered.text);
    }
}

}  // namespace detail::boost_log

/// Writes the text and adds the attributes. A key that names a part of the record (`Severity`, `Channel`, `File` ...)
/// fills that, as an attribute of Boost's does. Throws `std::bad_alloc`, as Boost's own operators do.
template <typename Char, std::size_t N>
boost::log::basic_record_ostream<Char>& operator<<(boost::log::basic_record_ostream<Char>& out,
                                                   const kv_pack<N>& fields) {
    // As with Boost's operators: nothing, when there is no record or the stream has failed.
    if (!out) return out;
    detail::boost_log::write_rendered(out, fields.data(), N);
    auto& attributes = out.get_record().attribute_values();
    for (std::size_t i = 0; i < fields.size(); ++i) detail::boost_log::add_attribute(attributes, fields.data()[i]);
    return out;
}

}  // namespace logferry
