// What became of the records taken: counting one and settling it are one step, so the two cannot disagree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <delivery/batch.hpp>
#include <delivery/destination.hpp>
#include <logferry/stats.hpp>

namespace logferry::delivery {

class ledger {
public:
    /// The source must outlive it.
    explicit ledger(record_source& from) noexcept : from_(from) {}

    /// A record was taken from the source; one of the next calls must follow for it some day.
    void take() noexcept { ++unsettled_; }
    void filter(std::uint64_t token) { settle(counts_.filtered, token); }
    void reject(std::uint64_t token) { settle(counts_.rejected, token); }
    void drop(std::uint64_t token, drop_reason why) { settle(counts_.dropped[static_cast<std::size_t>(why)], token); }
    void drop(const std::vector<batch_entry>& records, drop_reason why) {
        for (const auto& r : records) drop(r.token, why);
    }
    /// The vendor took all but `rejected` of them and does not say which.
    void deliver(const std::vector<batch_entry>& records, std::size_t rejected) {
        for (const auto& r : records) {
            settle(rejected > 0 ? counts_.rejected : counts_.delivered, r.token);
            if (rejected > 0) --rejected;
        }
    }

    void clip(std::uint32_t parts) noexcept { counts_.clipped += parts; }
    void request(bool again) noexcept {
        ++counts_.requests;
        if (again) ++counts_.retries;
    }
    const std::string& blame(std::string problem) noexcept { return counts_.last_error = std::move(problem); }

    [[nodiscard]] std::size_t unsettled() const noexcept { return unsettled_; }
    [[nodiscard]] const destination_stats& counts() const noexcept { return counts_; }

private:
    void settle(std::uint64_t& count, std::uint64_t token) {
        ++count;
        --unsettled_;
        from_.settle(token);
    }

    record_source& from_;
    std::size_t unsettled_ = 0;
    destination_stats counts_;
};

}  // namespace logferry::delivery
