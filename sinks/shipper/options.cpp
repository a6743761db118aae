#include <logferry/options.hpp>

#include <utility>

#include <shipper/checked_options.hpp>

namespace logferry {

namespace {

std::string list(const std::vector<config_problem>& problems) {
    std::string text = "logferry cannot use this configuration:";
    for (const auto& p : problems) text += "\n  " + p.field + ": " + p.message;
    return text;
}

}  // namespace

config_error::config_error(std::vector<config_problem> problems)
    : std::runtime_error(list(problems)), problems_(std::move(problems)) {}

std::vector<config_problem> problems_of(const options& opts) {
    try {
        static_cast<void>(shipping::checked_options(opts));
        return {};
    } catch (const config_error& refused) {
        return refused.problems();
    }
}

}  // namespace logferry
