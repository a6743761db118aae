// What the running thread adds to its records: the scopes that are open, and the `kv` arguments of the call under way.
#pragma once

#include <string_view>

#include <record/flat.hpp>

namespace logferry::record {

/// The encoded fields of all scopes open on this thread, outermost first. Valid until the thread opens or ends a scope.
/// One load when there is none.
[[nodiscard]] bytes scope_fields() noexcept;

/// The encoded fields of each `kv` that was rendered on this thread, is still alive, and whose text `message` contains,
/// in the order of rendering. Valid until the thread renders or ends a `kv`. One load when there is none. Never throws:
/// without memory there are no fields.
[[nodiscard]] bytes call_fields(std::string_view message) noexcept;

}  // namespace logferry::record
