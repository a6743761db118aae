#include <vendors/tag_list.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <text/json_writer.hpp>
#include <text/utf8.hpp>

namespace logferry::vendors {

void tag_list::clear() noexcept {
    text_.clear();
    looked_at_ = 0;
    clipped_ = 0;
}

void tag_list::add(std::string_view tag) {
    if (++looked_at_ > max_tags) {
        ++clipped_;
        return;
    }
    constexpr std::size_t far_enough = 4 * max_tag_units;  // so that blanks in front do not use up the limit
    tag_.assign(text::trim(text::fit(tag, far_enough, text::length_unit::utf16, scratch_).text));
    std::replace(tag_.begin(), tag_.end(), ',', ';');
    const auto fitted = text::fit(tag_, max_tag_units, text::length_unit::utf16, scratch_);
    const auto clean = text::trim(fitted.text);
    if (clean.empty() || has(clean)) return;
    if (fitted.cut) ++clipped_;
    if (text_.size() + 1 + clean.size() > max_text_bytes) {
        ++clipped_;
        return;
    }
    if (!text_.empty()) text_ += ',';
    text_ += clean;
}

void tag_list::add_list(std::string_view tags) {
    while (!tags.empty()) {
        const auto comma = std::min(tags.find(','), tags.size());
        add(tags.substr(0, comma));
        tags.remove_prefix(std::min(comma + 1, tags.size()));
    }
}

bool tag_list::add_json(std::string_view json) {
    if (!text::valid_json(json)) return false;
    const auto tags = nlohmann::json::parse(json, nullptr, false);
    if (!tags.is_array()) return false;
    for (const auto& tag : tags) {
        if (tag.is_string()) {
            add(tag.get_ref<const std::string&>());
        } else {
            ++clipped_;
        }
    }
    return true;
}

bool tag_list::has(std::string_view tag) const noexcept {
    std::string_view rest = text_;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        if (rest.substr(0, comma) == tag) return true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
}

}  // namespace logferry::vendors
