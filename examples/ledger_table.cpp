// Prints what became of every record, and compares it with what the server says it took.
//
//     ledger_table LEDGER_FILE...     the emulator's address comes from EMULATOR_URL
#include <curl/curl.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "vendors_from_env.hpp"

namespace {

struct row {
    std::string program, vendor;
    unsigned long accepted, delivered, filtered, rejected, dropped, pending;
};

std::vector<row> read_ledgers(int count, char** paths) {
    std::vector<row> rows;
    for (int i = 0; i < count; ++i) {
        std::ifstream in(paths[i]);
        row r;
        while (in >> r.program >> r.vendor >> r.accepted >> r.delivered >> r.filtered >> r.rejected >> r.dropped >>
               r.pending) {
            rows.push_back(r);
        }
    }
    if (rows.empty()) throw std::runtime_error("the ledgers are empty");
    return rows;
}

nlohmann::json ask(const std::string& path) {
    std::string body;
    const auto append = +[](char* data, std::size_t, std::size_t size, void* to) {
        static_cast<std::string*>(to)->append(data, size);
        return size;
    };
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(curl.get(), CURLOPT_URL, (example::env("EMULATOR_URL") + path).c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
    if (curl_easy_perform(curl.get()) != CURLE_OK) throw std::runtime_error("the emulator does not answer " + path);
    return nlohmann::json::parse(body);
}

bool print_table(const std::vector<row>& rows) {
    bool balanced = true;
    std::printf("%-15s %-10s %9s %9s %9s %9s %8s\n", "program", "vendor", "accepted", "delivered", "filtered",
                "rejected", "dropped");
    for (const auto& r : rows) {
        const bool good = r.pending == 0 && r.accepted == r.delivered + r.filtered + r.rejected + r.dropped;
        std::printf("%-15s %-10s %9lu %9lu %9lu %9lu %8lu%s\n", r.program.c_str(), r.vendor.c_str(), r.accepted,
                    r.delivered, r.filtered, r.rejected, r.dropped, good ? "" : "   DOES NOT BALANCE");
        balanced = balanced && good;
    }
    return balanced;
}

/// What the server took is counted by the server, so this is a second opinion.
bool agrees(const std::vector<row>& rows) {
    std::map<std::string, unsigned long> delivered;
    for (const auto& r : rows) delivered[r.vendor] += r.delivered;
    const auto counts = ask("/counts");
    bool same = true;
    for (const auto& [vendor, count] : delivered) {
        const auto taken = counts.at(vendor).at("accepted").get<unsigned long>();
        if (taken == count) continue;
        std::printf("%s says it took %lu records, the ledgers say %lu\n", vendor.c_str(), taken, count);
        same = false;
    }
    return same;
}

void print_first_bodies(const std::vector<row>& rows) {
    std::map<std::string, bool> seen;
    std::printf("\nfirst body received:\n");
    for (const auto& r : rows) {
        if (std::exchange(seen[r.vendor], true)) continue;
        const auto requests = ask("/received?first=1&vendor=" + r.vendor);
        const auto body = requests.empty() ? std::string("none") : requests[0].at("body").get<std::string>();
        std::printf("  %-10s %s\n", r.vendor.c_str(), body.c_str());
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const auto rows = read_ledgers(argc - 1, argv + 1);
    const bool balanced = print_table(rows);
    const bool same = agrees(rows);
    print_first_bodies(rows);
    std::printf("\n%s\n",
                balanced && same ? "every ledger balances, and the server agrees" : "THE LEDGERS DO NOT BALANCE");
    return balanced && same ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "ledger_table: %s\n", e.what());
    return 1;
}
