#include "strict_json.hpp"

#include <cstdint>
#include <cstdio>
#include <vector>

namespace logferry::emulation {
namespace {

constexpr int number_overflow = 406;  // nlohmann/json's id for a number that is infinite as a double

template <typename Integer>
bool double_holds(Integer number) {
    const auto rounded = static_cast<double>(number);
    // Below the type's own limit, which a double rounds up to a value that the type cannot hold.
    constexpr double limit =
        sizeof(Integer) == 8 && static_cast<Integer>(-1) > 0 ? 18446744073709551616.0 : 9223372036854775808.0;
    return rounded < limit && static_cast<Integer>(rounded) == number;
}

std::string written_out(double whole) {
    std::string digits(512, '\0');  // more than the 310 of the largest double
    digits.resize(static_cast<std::size_t>(std::snprintf(digits.data(), digits.size(), "%.0f", whole)));
    return digits;
}

// Without the library's own label in front; the bytes that it quotes may be of any kind.
std::string printable(std::string_view what) {
    const auto label = what.find("] ");
    if (label != std::string_view::npos) what.remove_prefix(label + 2);
    std::string text(what);
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
    }
    return text;
}

// Builds the value, and notes on the way what the finished value no longer shows.
class reader final : public nlohmann::json_sax<json> {
public:
    explicit reader(strict_json& out) : out_(out) {}

    bool null() override { return place(nullptr); }
    bool boolean(bool truth) override { return place(truth); }
    bool number_integer(std::int64_t number) override { return whole(number); }
    bool number_unsigned(std::uint64_t number) override { return whole(number); }
    bool number_float(double number, const std::string& digits) override {
        const bool is_integer = digits.find_first_of(".eE") == std::string::npos;  // one beyond 64 bits
        if (is_integer && written_out(number) != digits) object_to("the integer " + digits + " would be rounded");
        return place(number);
    }
    bool string(std::string& text) override {
        note_nul(text);
        return place(std::move(text));
    }
    bool binary(json::binary_t&) override { return false; }  // no such thing in text

    bool start_object(std::size_t) override { return open(json::object()); }
    bool key(std::string& name) override {
        note_nul(name);
        if (open_.back()->contains(name)) object_to("the key \"" + name + "\" is given twice");
        slot_ = &(*open_.back())[name];
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_array() override { return close(); }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        if (error.id == number_overflow) {
            object_to("a number is too large for a double");
        } else {
            out_.malformed = printable(error.what());
        }
        return false;
    }

private:
    template <typename Integer>
    bool whole(Integer number) {
        if (!double_holds(number)) object_to("the integer " + std::to_string(number) + " would be rounded");
        return place(number);
    }

    json& target() {
        if (open_.empty()) return out_.value;
        if (open_.back()->is_object()) return *slot_;
        return open_.back()->emplace_back();
    }

    template <typename Value>
    bool place(Value&& value) {
        target() = std::forward<Value>(value);
        return true;
    }

    // A container's address holds while it is open: its parent grows only after it was closed.
    bool open(json empty) {
        if (open_.size() == deepest_json) {
            object_to("it is nested deeper than " + std::to_string(deepest_json) + " levels");
            return false;
        }
        json& here = target();
        here = std::move(empty);
        open_.push_back(&here);
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    void note_nul(const std::string& text) { out_.holds_nul |= text.find('\0') != std::string::npos; }
    void object_to(std::string what) {
        if (out_.flaw.empty()) out_.flaw = std::move(what);
    }

    strict_json& out_;
    std::vector<json*> open_;
    json* slot_ = nullptr;
};

}  // namespace

std::string strict_json::objection() const {
    if (!flaw.empty()) return flaw;
    return holds_nul ? "it holds U+0000" : "";
}

strict_json read_strictly(std::string_view text) {
    strict_json out;
    if (text.starts_with("\xEF\xBB\xBF")) {
        out.malformed = "it starts with a byte order mark";
        return out;
    }
    reader builder(out);
    json::sax_parse(text, &builder);
    return out;
}

}  // namespace logferry::emulation
