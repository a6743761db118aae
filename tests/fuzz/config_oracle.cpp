#include <fuzz/config_oracle.hpp>

#include <array>
#include <exception>
#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

#include <logferry/config.hpp>

namespace logferry::config {

namespace {

using json = nlohmann::json;

constexpr std::string_view marker = "hunter2-never-shown";

/// What reading said to a person.
struct outcome {
    std::string shown;
    std::string fault;
};

bool is_on_one_line(std::string_view text) {
    for (const char c : text) {
        if ((c >= '\0' && c < ' ') || c == '\x7F') return false;
    }
    return !text.empty();
}

outcome judge(const std::function<options()>& read) {
    outcome result;
    const auto look_at = [&result](const config_problem& p) {
        result.shown += p.field + ": " + p.message + '\n';
        if (!is_on_one_line(p.field)) result.fault = "a problem's field is empty or holds a control byte";
        if (!is_on_one_line(p.message)) result.fault = "a problem's message is empty or holds a control byte";
    };
    try {
        const auto accepted = read();
        for (const auto& n : accepted.notices) look_at(n);
        for (const auto& p : problems_of(accepted)) result.fault = "accepted, but " + p.field + ": " + p.message;
    } catch (const config_error& refused) {
        if (refused.problems().empty()) result.fault = "refused without a problem";
        for (const auto& p : refused.problems()) look_at(p);
        result.shown += refused.what();
    } catch (const std::exception& other) {
        result.fault = std::string("not a config_error: ") + other.what();
    }
    return result;
}

bool is_credential(std::string_view key) {
    for (const std::string_view known : {"token", "api_key", "client_key_password", "proxy_credential"}) {
        if (key == known) return true;
    }
    return false;
}

/// The marker instead of every credential, in whatever place.
void plant(json& value) {
    for (auto& [key, inner] : value.items()) {
        if (value.is_object() && is_credential(key)) {
            inner = marker;
        } else if (inner.is_structured()) {
            plant(inner);
        }
    }
}

std::string with_planted_credentials(std::string_view text) {
    // Short enough that a nested text does not use up the stack here.
    if (text.size() > 16 * 1024) return {};
    auto tree = json::parse(text, nullptr, false);
    if (!tree.is_structured()) return {};
    plant(tree);
    return tree.dump();
}

std::vector<setting> settings_in(std::string_view text) {
    std::vector<setting> settings;
    while (!text.empty() && settings.size() < 200) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto equals = std::min(line.find('='), line.size());
        settings.push_back(
            {std::string(line.substr(0, equals)), std::string(line.substr(std::min(equals + 1, line.size())))});
    }
    return settings;
}

}  // namespace

std::string fault_in_reading(std::string_view text) {
    auto as_json = judge([text] { return from_json(text); });
    if (!as_json.fault.empty()) return as_json.fault;
    if (const auto planted = with_planted_credentials(text); !planted.empty()) {
        const auto said = judge([&planted] { return from_json(planted); });
        if (!said.fault.empty()) return said.fault;
        if (said.shown.find(marker) != std::string::npos) return "a credential is shown";
    }
    return judge([text] { return from_settings(settings_in(text)); }).fault;
}

}  // namespace logferry::config
