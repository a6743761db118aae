// What reading a configuration brings up.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <logferry/options.hpp>

namespace logferry::config {

struct findings {
    /// Nobody reads more of them; what else is wrong is not looked at closely.
    static constexpr std::size_t most = 100;

    std::vector<config_problem> problems;
    std::vector<config_problem> notices;
    /// Destinations of which nothing more can be said, because their vendor is not known.
    std::vector<std::string> unusable;

    [[nodiscard]] bool full() const noexcept { return problems.size() >= most; }
    void complain(std::string path, std::string message) {
        if (!full()) problems.push_back({std::move(path), std::move(message)});
    }
};

}  // namespace logferry::config
