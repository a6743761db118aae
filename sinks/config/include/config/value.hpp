// One JSON value to the option that it is for.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <config/description.hpp>
#include <config/findings.hpp>

namespace logferry::config {

/// `is a number; give text` and the like: the shape of a value, never the value.
[[nodiscard]] std::string wrong_shape(const nlohmann::json& value, std::string_view wanted);

/// Reads every kind of value but those that hold options of their own (`group`, the vendor, destinations and their
/// `http`). A value that is refused leaves the option as it is.
class value_reader {
public:
    value_reader(const nlohmann::json& from, const std::string& path, findings& found)
        : from_(from), path_(path), found_(found) {}

    void operator()(bool* at) const;
    void operator()(std::size_t* at) const;
    void operator()(unsigned* at) const;
    void operator()(std::int64_t* at) const;
    void operator()(byte_count at) const;
    void operator()(std::string* at) const;
    void operator()(secret* at) const;
    void operator()(level* at) const;
    void operator()(std::chrono::milliseconds* at) const;
    void operator()(std::chrono::seconds* at) const;
    void operator()(std::optional<std::chrono::milliseconds>* at) const;
    void operator()(std::vector<std::string>* at) const;
    void operator()(by_level<std::string>* at) const;
    void operator()(by_level<unsigned>* at) const;
    void operator()(const choice& at) const;

private:
    void complain(std::string message) const { found_.complain(path_, std::move(message)); }
    /// Null, and a complaint, for anything but text that could be used.
    [[nodiscard]] const std::string* text(std::string_view example) const;
    template <class Integer>
    void read_number(Integer* at) const;
    template <class Value>
    void read_by_level(by_level<Value>& at) const;

    const nlohmann::json& from_;
    const std::string& path_;
    findings& found_;
};

}  // namespace logferry::config
