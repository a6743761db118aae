#include <vendors/entry_writer.hpp>

#include <algorithm>

#include <text/ascii.hpp>
#include <text/json_writer.hpp>
#include <vendors/body.hpp>
#include <vendors/laravel.hpp>
#include <vendors/slot.hpp>

namespace logferry::vendors {
namespace {

/// The mark that something is missing, with what closes the whole. As text a PHP reader sees the same in every entry.
std::string_view truncated_mark(const entry_style& style) noexcept {
    if (style.as == entry_style::shape::pairs) return R"({"key":"_truncated","value":"true"})";
    return style.text_values ? R"("_truncated":"true")" : R"("_truncated":true)";
}

bool looks_like_number(std::string_view key) noexcept {
    if (key.starts_with('-')) key.remove_prefix(1);
    return !key.empty() && std::all_of(key.begin(), key.end(), text::is_digit);
}

}  // namespace

void entry_writer::begin(std::string& out) {
    out_ = &out;
    start_ = out.size();
    clipped_ = 0;
    full_ = false;
    own_.clear();
    out += style_.as == entry_style::shape::object ? '{' : '[';
}

void entry_writer::add_own(std::string_view key, const value& v) {
    own_.push_back(key);
    append({key, true}, false, v);
}

void entry_writer::add(const entry_key& key, const value& v) {
    if (style_.named_keys && laravel::filled(key.text, "", scratch_).empty()) {
        ++clipped_;
        return;
    }
    append(key, needs_underscore(key.text), v);
}

/// Looks behind the underscores, so that a key that already looks like a changed one is changed too.
bool entry_writer::needs_underscore(std::string_view key) const noexcept {
    if (key.empty()) return false;
    const bool suspicious = key[0] == '_' || key[0] == '-' || text::is_digit(key[0]);
    if (!suspicious && own_.empty()) return false;
    const auto underscores = std::min(key.find_first_not_of('_'), key.size());
    const auto name = key.substr(underscores);
    return (name == "truncated" && underscores != 0) || (style_.named_keys && looks_like_number(name)) ||
           std::find(own_.begin(), own_.end(), name) != own_.end();
}

void entry_writer::append(const entry_key& key, bool underscore, const value& v) {
    if (full_) {
        ++clipped_;
        return;
    }
    const bool pairs = style_.as == entry_style::shape::pairs;
    const auto before = out_->size();
    if (before != start_ + 1) *out_ += ',';
    *out_ += pairs ? R"({"key":")" : "\"";
    if (underscore) *out_ += '_';
    if (key.plain) {
        *out_ += key.text;
    } else {
        text::append_json_escaped(*out_, key.text);
    }
    *out_ += pairs ? R"(","value":)" : "\":";
    const bool cut = style_.text_values ? append_text(v) : append_value(*out_, v, style_.max_value_bytes, scratch_);
    if (pairs) *out_ += '}';
    full_ = out_->size() - start_ + closing_size() > style_.max_bytes;
    if (full_) out_->resize(before);
    if (cut || full_) ++clipped_;
}

bool entry_writer::finish() {
    const bool none = out_->size() == start_ + 1;
    if (none && !full_) {
        out_->resize(start_);
        return false;
    }
    if (full_) {
        if (!none) *out_ += ',';
        *out_ += truncated_mark(style_);
    }
    *out_ += style_.as == entry_style::shape::object ? '}' : ']';
    return true;
}

std::size_t entry_writer::closing_size() const noexcept {
    constexpr std::size_t comma_and_bracket = 2;
    return truncated_mark(style_).size() + comma_and_bracket;
}

bool entry_writer::append_text(const value& v) {
    if (v.type() == value::kind::string || v.type() == value::kind::json) {
        return append_clipped(*out_, v.text(), style_.max_value_bytes, text::length_unit::bytes, scratch_);
    }
    plain_.clear();
    append_plain(plain_, v);
    return append_clipped(*out_, plain_, style_.max_value_bytes, text::length_unit::bytes, scratch_);
}

}  // namespace logferry::vendors
