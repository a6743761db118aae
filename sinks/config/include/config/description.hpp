// All that can be configured, in one table. The reader of JSON, the keys of settings, the schema and the tables of
// docs/configuration.md are made from it: a new option is one line in a `describe`, a new vendor one `describe` and one
// line in `all_vendors`.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <logferry/options.hpp>

namespace logferry::config {

/// A number that counts bytes, which can be written as `64KiB`.
struct byte_count {
    std::size_t* at;
};

/// An enumeration whose enumerators count from 0, by the words for them in this order.
struct choice {
    std::vector<std::string_view> words;
    std::function<std::size_t()> chosen;
    std::function<void(std::size_t)> choose;
};

template <class Enum>
[[nodiscard]] choice one_of(Enum& at, std::vector<std::string_view> words) {
    return {std::move(words), [&at] { return static_cast<std::size_t>(at); },
            [&at](std::size_t index) { at = static_cast<Enum>(index); }};
}

template <class Value>
using by_level = std::array<Value, level_count>;

struct option;
using option_list = std::vector<option>;

/// Options under a key of their own.
struct group {
    option_list members;
};

/// Where a value goes, which also says what it may be.
using place = std::variant<bool*, std::size_t*, unsigned*, std::int64_t*, byte_count, std::string*, secret*, level*,
                           std::chrono::milliseconds*, std::chrono::seconds*, std::optional<std::chrono::milliseconds>*,
                           std::vector<std::string>*, by_level<std::string>*, by_level<unsigned>*, choice, group,
                           vendor_options*, std::optional<http_options>*, std::vector<destination>*>;

struct option {
    std::string_view key;
    place at;
    /// For a person who writes a configuration: Markdown, one line, no table's bar.
    std::string_view meaning;
    bool required = false;
};

// The places point into what is described, which must outlive the list. `options` ends with the destinations, because
// these start from what is said before them.
[[nodiscard]] option_list describe(options& of);
[[nodiscard]] option_list describe(service_options& of);
[[nodiscard]] option_list describe(buffer_options& of);
[[nodiscard]] option_list describe(delivery_options& of);
[[nodiscard]] option_list describe(http_options& of);
[[nodiscard]] option_list describe(dead_letter_options& of);
[[nodiscard]] option_list describe(destination_options& of);
[[nodiscard]] option_list describe(logsfori& of);
[[nodiscard]] option_list describe(logsh& of);
[[nodiscard]] option_list describe(logsentry& of);
[[nodiscard]] option_list describe(profound& of);
[[nodiscard]] option_list describe(logwire& of);

/// The options of the vendor that is chosen; none of an application's own.
[[nodiscard]] option_list describe(vendor_options& of);

/// The vendor, what all destinations have, and what the vendor adds.
[[nodiscard]] option_list describe(destination& of);

struct known_vendor {
    std::string_view name;
    /// Where docs/vendors has more.
    std::string_view title;
    /// With the defaults.
    vendor_options fresh;
};
[[nodiscard]] const std::vector<known_vendor>& all_vendors();

[[nodiscard]] const option* find(const option_list& among, std::string_view key) noexcept;

}  // namespace logferry::config
