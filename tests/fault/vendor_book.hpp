// What a vendor has: the half of the oracle that stands outside the program under test.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "payload.hpp"

namespace logferry::fault {

/// A record as a vendor reads it.
struct sent_record {
    std::uint64_t id = 0;
    /// Its text is exactly what the program logged.
    bool intact = false;
    /// One of logferry's own, which tells of lost records.
    bool loss_report = false;
    std::string text;
};

/// The records in a request body of `vendor` ("logsfori", "logwire", "profound").
[[nodiscard]] std::vector<sent_record> records_in(const std::string& vendor, const std::string& body,
                                                  const payload_kind& payload);

/// Thread rule: all members from any thread.
class vendor_book {
public:
    using clock = std::chrono::steady_clock;

    /// A request came; `taken` is whether the vendor has its records now.
    void note(const std::vector<sent_record>& records, bool taken);

    [[nodiscard]] std::uint64_t distinct() const;
    [[nodiscard]] std::uint64_t duplicates() const;
    [[nodiscard]] std::uint64_t altered() const;
    [[nodiscard]] std::uint64_t loss_reports() const;
    [[nodiscard]] std::uint64_t requests() const;
    /// Requests that held this record, taken or not.
    [[nodiscard]] std::uint64_t tries_of(std::uint64_t id) const;
    [[nodiscard]] std::vector<std::uint64_t> ids() const;
    /// Records of each request, and when it came.
    [[nodiscard]] std::vector<std::size_t> sizes() const;
    [[nodiscard]] std::vector<clock::time_point> arrivals() const;
    /// The first text taken of a record; empty if there is none.
    [[nodiscard]] std::string text_of(std::uint64_t id) const;

private:
    struct entry {
        std::uint64_t taken = 0;
        std::uint64_t tries = 0;
        std::string text;
    };

    mutable std::mutex mutex_;
    std::map<std::uint64_t, entry> entries_;
    std::vector<std::size_t> sizes_;
    std::vector<clock::time_point> arrivals_;
    std::uint64_t altered_ = 0;
    std::uint64_t loss_reports_ = 0;
};

}  // namespace logferry::fault
