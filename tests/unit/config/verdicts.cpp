// For tests/unit/config/schema_agrees: reads JSON lines, each a text that holds a document, and answers each with a
// line: `accepted`, or `refused` with the first problem. The verdict is on the shape alone, which is what a schema can
// judge.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include <config/document.hpp>
#include <config/findings.hpp>
#include <config/reader.hpp>

int main() {
    using namespace logferry::config;
    for (std::string line; std::getline(std::cin, line);) {
        const auto text = nlohmann::json::parse(line).get<std::string>();
        auto read_in = parse(text, "configuration");
        findings found;
        found.problems = std::move(read_in.problems);
        if (!read_in.root.is_discarded()) static_cast<void>(read(read_in.root, "configuration", found));
        if (found.problems.empty()) {
            std::cout << "accepted" << std::endl;
        } else {
            const auto& first = found.problems.front();
            std::cout << "refused " << first.field << ": " << first.message << std::endl;
        }
    }
    return 0;
}
