// What docs/ has of the description of the options: the schema, and the tables of docs/configuration.md.
#pragma once

#include <string>

namespace logferry::config {

/// `page` with what is between `<!-- begin NAME -->` and `<!-- end NAME -->` replaced by the table of that name. Throws
/// `std::runtime_error` when a table has no place.
[[nodiscard]] std::string with_tables(std::string page);

/// Throws `std::runtime_error` when it cannot be read.
[[nodiscard]] std::string contents_of(const std::string& path);

}  // namespace logferry::config
