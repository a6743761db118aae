#include <vendors/raw_json.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <text/json_writer.hpp>

namespace logferry::vendors {
namespace {

using nlohmann::json;

/// Builds the value. Only here can an integer be saved: the finished value of the library's own making has it rounded.
class reader final : public nlohmann::json_sax<json> {
public:
    json take() { return std::move(root_); }

    bool null() override { return place(nullptr); }
    bool boolean(bool truth) override { return place(truth); }
    bool number_integer(std::int64_t number) override {
        return number < -text::largest_safe_integer ? place(std::to_string(number)) : place(number);
    }
    bool number_unsigned(std::uint64_t number) override {
        return number > std::uint64_t{text::largest_safe_integer} ? place(std::to_string(number)) : place(number);
    }
    bool number_float(double number, const std::string& literal) override {
        const bool is_integer = literal.find_first_of(".eE") == std::string::npos;  // one beyond 64 bits
        return is_integer ? place(literal) : place(number);
    }
    bool string(std::string& text) override { return place(std::move(text)); }
    bool binary(json::binary_t&) override { return false; }  // no such thing in text

    bool start_object(std::size_t) override { return open(json::object()); }
    bool key(std::string& name) override {
        member_ = &(*open_.back())[name];
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

private:
    json& target() {
        if (open_.empty()) return root_;
        return open_.back()->is_object() ? *member_ : open_.back()->emplace_back();
    }
    template <typename Value>
    bool place(Value&& value) {
        target() = std::forward<Value>(value);
        return true;
    }
    /// An address holds while its container is open, for the one around it grows only after it was closed.
    bool open(json empty) {
        json& here = target();
        here = std::move(empty);
        open_.push_back(&here);
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    json root_;
    std::vector<json*> open_;
    json* member_ = nullptr;
};

/// `text::valid_json` has bounded the depth.
void write(text::json_writer& to, const json& j) {
    switch (j.type()) {
        case json::value_t::object:
            to.open_object();
            for (const auto& [key, member] : j.items()) write(to.key(key), member);
            to.close_object();
            break;
        case json::value_t::array:
            to.open_array();
            for (const auto& item : j) write(to, item);
            to.close_array();
            break;
        case json::value_t::string:
            to.string(j.get_ref<const std::string&>());
            break;
        case json::value_t::boolean:
            to.boolean(j.get<bool>());
            break;
        case json::value_t::number_integer:
            to.number(j.get<std::int64_t>());
            break;
        case json::value_t::number_unsigned:
            to.number(j.get<std::uint64_t>());
            break;
        case json::value_t::number_float:
            to.number(j.get<double>());
            break;
        default:
            to.null();
            break;
    }
}

}  // namespace

json read_raw_json(std::string_view valid) {
    reader builder;
    json::sax_parse(valid, &builder);
    return builder.take();
}

void append_unambiguous(std::string& out, std::string_view valid) {
    text::json_writer to(out);
    write(to, read_raw_json(valid));
}

}  // namespace logferry::vendors
