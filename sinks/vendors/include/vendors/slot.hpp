// A vendor's slot: where one value of its body comes from. Template, then field, then (the vendor's affair) a default.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <text/template.hpp>
#include <vendors/field_set.hpp>

namespace logferry::vendors {

/// True for text that comes out empty: NUL is left out wherever text is written.
[[nodiscard]] bool blank(std::string_view text) noexcept;

/// Appends a value as plain text: strings and raw JSON as they are, numbers as JSON writes them, `true` and `false`.
void append_plain(std::string& out, const value& v);

/// Parses a template of the options and checks its placeholder names: `logger`, `level`, `message`, `thread`, `file`,
/// `line`, `function`, `record_id` and `field:NAME`. Appends a problem for `field` when there is one.
[[nodiscard]] text::text_template parse_slot_template(std::string_view source, const std::string& field,
                                                      std::vector<config_problem>& problems);

/// Renders a slot's template; a `{field:NAME}` does not take the field away from the free-form place.
void render_slot_template(const text::text_template& source, const record_view& record, const field_set& fields,
                          std::string& out);

/// One slot of a vendor.
class slot {
public:
    slot() = default;
    /// `names`: the record fields that fill the slot, the slot's own name first. They must outlive the slot.
    slot(std::string_view source, std::vector<std::string_view> names, const std::string& field,
         std::vector<config_problem>& problems);

    /// Replaces `out` by the slot's text. False, with `out` empty, when neither template nor field gives any (`blank`).
    /// A field that fills the slot counts as taken.
    bool fill(const record_view& record, field_set& fields, std::string& out) const;

private:
    text::text_template template_;
    std::vector<std::string_view> names_;
};

}  // namespace logferry::vendors
