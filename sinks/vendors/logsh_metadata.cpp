#include <vendors/logsh_metadata.hpp>

#include <algorithm>

#include <nlohmann/json.hpp>
#include <text/json_writer.hpp>
#include <text/utf8.hpp>
#include <vendors/body.hpp>
#include <vendors/free_form.hpp>
#include <vendors/raw_json.hpp>

namespace logferry::vendors {
namespace {

constexpr auto utf16 = text::length_unit::utf16;

/// Names that mean something to every JavaScript object.
bool is_hazard(std::string_view key) noexcept {
    return key == "__proto__" || key == "constructor" || key == "prototype";
}

std::string_view head(std::string_view key, std::size_t units) noexcept {
    return key.substr(0, text::clip(key, units, utf16));
}

}  // namespace

void logsh_metadata::begin(std::string& out, const field_set& fields, std::size_t most) {
    out_ = &out;
    fields_ = &fields;
    most_ = most;
    flattened_ = 0;
    has_message_ = false;
    clipped_ = 0;
    claimed_.clear();
}

void logsh_metadata::add_message(std::string_view whole, std::size_t parts) {
    has_message_ = true;
    for (std::size_t part = 1; part <= parts && !whole.empty(); ++part) {
        // A part is cut as any value is, but the last one alone says so.
        const auto size = part == parts ? whole.size() : text::clip(whole, value_units, utf16);
        const auto key = part == 1 ? std::string("message") : std::string("message_").append(std::to_string(part));
        open_entry({key, true}, key_kind::message);
        close_entry(append_clipped(*out_, whole.substr(0, size), value_units, utf16, scratch_));
        whole.remove_prefix(size);
    }
    if (parts == 0) ++clipped_;
}

void logsh_metadata::add(const entry_key& key, const value& v) {
    if (v.type() == value::kind::json && text::valid_json(v.text())) {
        add_json(key, v.text());
    } else {
        add_scalar(key, v, key_kind::given);
    }
}

/// Walks parsed JSON. `text::valid_json` has bounded its depth.
struct logsh_metadata::flattener {
    logsh_metadata& to;
    key_kind kind;

    void walk(std::string_view key, const nlohmann::json& j) const {
        switch (j.type()) {
            case nlohmann::json::value_t::object:
                return walk_object(key, j);
            case nlohmann::json::value_t::array:
                return add(key, value(j.dump()));
            case nlohmann::json::value_t::string:
                return add(key, value(j.get_ref<const std::string&>()));
            case nlohmann::json::value_t::boolean:
                return add(key, value(j.get<bool>()));
            case nlohmann::json::value_t::number_integer:
                return add(key, value(j.get<std::int64_t>()));
            case nlohmann::json::value_t::number_unsigned:
                return add(key, value(j.get<std::uint64_t>()));
            case nlohmann::json::value_t::number_float:
                return add(key, value(j.get<double>()));
            default:
                return;  // null, which the server refuses and which says nothing
        }
    }

    void walk_object(std::string_view key, const nlohmann::json& object) const {
        for (const auto& [name, member] : object.items()) {
            if (name.empty()) {
                ++to.clipped_;
            } else {
                flattener{to, key_kind::flattened}.walk(std::string(key).append(".").append(name), member);
            }
        }
    }

    void add(std::string_view key, const value& v) const {
        if (to.flattened_ == max_fields) {
            ++to.clipped_;
        } else {
            ++to.flattened_;
            to.add_scalar({key, false}, v, kind);
        }
    }
};

void logsh_metadata::add_json(const entry_key& key, std::string_view json) {
    flattener{*this, key_kind::given}.walk(key, read_raw_json(json));
}

void logsh_metadata::add_scalar(const entry_key& key, const value& v, key_kind kind) {
    open_entry(key, kind);
    if (v.type() == value::kind::string || v.type() == value::kind::json) {
        close_entry(append_clipped(*out_, v.text(), value_units, utf16, scratch_));
    } else {
        close_entry(append_value(*out_, v, value_units, scratch_));
    }
}

void logsh_metadata::open_entry(const entry_key& key, key_kind kind) {
    // Given keys differ from one another, so most need no further look. No key has more units than bytes.
    const bool usable = kind == key_kind::given && key.text.size() <= key_units && !is_hazard(key) &&
                        !(has_message_ && key.text.starts_with("message"));
    entry_start_ = out_->size();
    append_key(*out_, usable ? key : entry_key{claim(key, kind)});
}

void logsh_metadata::close_entry(bool cut) {
    if (out_->size() > most_) {
        out_->resize(entry_start_);
        ++clipped_;
    } else if (cut) {
        ++clipped_;
    }
}

std::string_view logsh_metadata::claim(std::string_view key, key_kind kind) {
    // A field has a right to its own name, and so has the message.
    const auto own = kind == key_kind::flattened ? std::string_view() : key;
    std::string wanted = is_hazard(key) ? std::string("field.").append(key) : std::string(head(key, key_units));
    // Counting on from what is claimed already makes the first try succeed nearly always, however many keys collide.
    for (auto number = claimed_.size() + 1; !is_free(wanted, own); ++number) {
        const auto suffix = std::string("~").append(std::to_string(std::max<std::size_t>(number, 2)));
        wanted = std::string(head(key, key_units - suffix.size())) + suffix;
    }
    if (wanted != key) ++clipped_;
    return claimed_.emplace_back(std::move(wanted));
}

bool logsh_metadata::is_free(std::string_view candidate, std::string_view own) const noexcept {
    if (candidate != own && fields_->find(candidate) != nullptr) return false;
    if (is_property_name(candidate) || is_hazard(candidate)) return false;
    return std::find(claimed_.begin(), claimed_.end(), candidate) == claimed_.end();
}

}  // namespace logferry::vendors
