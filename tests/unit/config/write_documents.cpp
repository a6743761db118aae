// Renews what docs/ has of the description of the options: write_config_documents DOCS_DIRECTORY
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include <logferry/config.hpp>
#include <unit/config/documents.hpp>

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: write_config_documents DOCS_DIRECTORY\n";
        return 2;
    }
    const std::string docs = arguments[1];
    try {
        std::ofstream(docs + "/logferry.schema.json", std::ios::binary) << logferry::config::schema();
        const auto page = logferry::config::with_tables(logferry::config::contents_of(docs + "/configuration.md"));
        std::ofstream(docs + "/configuration.md", std::ios::binary) << page;
    } catch (const std::runtime_error& problem) {
        std::cerr << problem.what() << '\n';
        return 1;
    }
    return 0;
}
