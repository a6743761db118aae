// What goes into every vendor's free-form place: what no slot took, and what the record says about itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <vendors/body.hpp>
#include <vendors/field_set.hpp>

namespace logferry::vendors {

/// Which of the record's own properties a vendor's free-form place gets.
struct free_form_parts {
    bool level = true;
    bool time = true;       ///< as `ts`, RFC 3339 with nanoseconds; off where the vendor takes an event time
    bool record_id = true;  ///< as `record_id`
};

/// True for the name of a property of the record, and for such a name behind any number of `field.`: a program's field
/// of that name gets one more `field.`, which keeps all names apart.
[[nodiscard]] bool is_property_name(std::string_view key) noexcept;

namespace detail {

// The texts live in one string of the running thread, until the next call.
[[nodiscard]] std::string_view time_text(std::int64_t time_ns);
[[nodiscard]] std::string_view id_text(const record_id& id);
[[nodiscard]] std::string_view renamed(std::string_view key);

}  // namespace detail

/// Calls `visit(key, value)` for what the record knows about itself (`level`, `logger`, `ts`, `thread.id`,
/// `code.file.path`, `code.line.number`, `code.function.name`, `service.name`, `service.version`,
/// `deployment.environment.name`, `record_id`), and then for every field that no slot took. A field with the name of a
/// property is visited as `field.NAME`, so that the program's data never hides the record's own.
/// `visit` is callable with `(const entry_key&, const value&)` or `(std::string_view, const value&)`; both are valid
/// during the call only.
template <typename Visit>
void visit_free_form(const record_view& record, const field_set& fields, const service_options& service,
                     const free_form_parts& parts, Visit&& visit) {
    const auto text = [&](std::string_view key, std::string_view known) {
        if (!known.empty()) visit(entry_key{key, true}, value(known));
    };
    if (parts.level) text("level", to_string(record.lvl));
    text("logger", record.logger);
    if (parts.time && record.time_ns != 0) text("ts", detail::time_text(record.time_ns));
    if (record.thread_id != 0) visit(entry_key{"thread.id", true}, value(record.thread_id));
    text("code.file.path", record.source.file);
    if (record.source.line != 0) visit(entry_key{"code.line.number", true}, value(record.source.line));
    text("code.function.name", record.source.function);
    text("service.name", service.name);
    text("service.version", service.version);
    text("deployment.environment.name", service.environment);
    if (parts.record_id && !(record.id == logferry::record_id{})) text("record_id", detail::id_text(record.id));
    for (const auto& entry : fields.entries()) {
        if (entry.taken) continue;
        const auto key = is_property_name(entry.f.key) ? detail::renamed(entry.f.key) : entry.f.key;
        visit(entry_key{key, entry.plain}, entry.f.val);
    }
}

}  // namespace logferry::vendors
