// What goes into every vendor's free-form place: what no slot took, and what the record says about itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <logferry/options.hpp>
#include <logferry/record.hpp>
#include <vendors/field_set.hpp>

namespace logferry::vendors {

/// Which of the record's own properties a vendor's free-form place gets.
struct free_form_parts {
    bool level = true;
    bool time = true;       ///< as `ts`, RFC 3339 with nanoseconds; off where the vendor takes an event time
    bool record_id = true;  ///< as `record_id`
};

/// Calls `visit(key, value)` for the record's properties (`level`, `logger`, `ts`, `thread.id`, `code.file.path`,
/// `code.line.number`, `code.function.name`, `service.name`, `service.version`, `deployment.environment.name`, `record_id`) that are
/// known, and then for every field that no slot took. A field with the name of a property is visited as `field.NAME`, so
/// that the program's data never hides the record's own.
/// The values are valid during the call only.
void visit_free_form(const record_view& record, const field_set& fields, const service_options& service,
                     const free_form_parts& parts, const std::function<void(std::string_view, const value&)>& visit);

}  // namespace logferry::vendors
