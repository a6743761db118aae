// Ships a log file that some other program wrote, line by line through spdlog, to five vendors.
//
//     ship_file FILE LEDGER_FILE      `-` for standard input
#include <spdlog/spdlog.h>

#include <cctype>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <logferry/spdlog_sink.hpp>

#include "ledger_file.hpp"
#include "vendors_from_env.hpp"

namespace {

/// The first word of the line that is a level's name, in whatever brackets: `ERROR:`, `[warn]`, `level=info`.
spdlog::level::level_enum level_of(std::string_view line) {
    const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = 0; at < line.size();) {
        auto end = at;
        while (end < line.size() && is_letter(line[end])) ++end;
        // `info` inside a path or a name, as in /usr/share/info, says nothing about the line.
        const bool part_of_name = (at > 0 && (line[at - 1] == '/' || line[at - 1] == '-' || line[at - 1] == '_')) ||
                                  (end < line.size() && (line[end] == '/' || line[end] == '-' || line[end] == '_'));
        if (end > at && !part_of_name) {
            if (const auto found = logferry::level_from_string(line.substr(at, end - at))) {
                if (*found != logferry::level::off) return static_cast<spdlog::level::level_enum>(*found);
            }
        }
        at = end + 1;
    }
    return spdlog::level::info;
}

std::size_t ship(std::istream& in, spdlog::logger& log, std::size_t (&by_level)[logferry::level_count]) {
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line); ++lines) {
        const auto level = level_of(line);
        ++by_level[level];
        log.log(level, spdlog::string_view_t(line));
    }
    return lines;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::fputs("usage: ship_file FILE LEDGER_FILE      (- for standard input)\n", stderr);
        return 2;
    }
    const std::string path = argv[1];
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) throw std::runtime_error("cannot read " + path);
    }

    logferry::options options;
    options.destinations = example::vendors_from_env();
    options.service.name = "ship_file";
    // A file can wait: reading it is faster than any vendor.
    options.buffer.when_full = logferry::overflow::block;
    options.buffer.block_for = std::chrono::minutes(5);
    const auto sink = std::make_shared<logferry::spdlog_sink>(std::move(options));
    spdlog::logger log(path == "-" ? "stdin" : path, sink);
    log.set_level(spdlog::level::trace);

    std::size_t by_level[logferry::level_count] = {};
    const auto lines = ship(path == "-" ? std::cin : file, log, by_level);
    const auto ledger = sink->get_shipper()->close(std::chrono::minutes(5));

    std::printf("%zu lines:", lines);
    for (std::size_t i = 0; i < logferry::level_count; ++i) {
        const auto name = logferry::to_string(static_cast<logferry::level>(i));
        if (by_level[i] > 0) std::printf(" %zu %.*s", by_level[i], static_cast<int>(name.size()), name.data());
    }
    std::printf("\n");
    example::write_ledger(argv[2], "ship_file", ledger);
    return ledger.balanced() ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "ship_file: %s\n", e.what());
    return 1;
}
