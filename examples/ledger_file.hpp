// Passes a program's ledger on to `ledger_table`: a line a destination, fields separated by tabs.
#pragma once

#include <fstream>
#include <string>

#include <logferry/stats.hpp>

namespace example {

inline void write_ledger(const std::string& path, const std::string& program, const logferry::shipper_stats& stats) {
    std::ofstream out(path);
    for (const auto& d : stats.destinations) {
        out << program << '\t' << d.name << '\t' << d.accepted << '\t' << d.delivered << '\t' << d.filtered << '\t'
            << d.rejected << '\t' << d.dropped_total() << '\t' << d.pending << '\n';
    }
}

}  // namespace example
