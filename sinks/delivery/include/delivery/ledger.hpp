// What became of the records taken: counting one and settling it are one step, so the two cannot disagree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <delivery/batch.hpp>
#include <delivery/record_source.hpp>
#include <logferry/stats.hpp>

namespace logferry::delivery {

class ledger {
public:
    /// The source must outlive it.
    explicit ledger(record_source& from) noexcept : from_(from) {}

    /// A record was taken from the source; one of the next calls must follow for it some day.
    void take() noexcept { ++unsettled_; }
    void filter(const batch_entry& r) { settle(counts_.filtered, r, settlement::fate::filtered); }
    void reject(const batch_entry& r) { settle(counts_.rejected, r, settlement::fate::rejected); }
    void drop(const batch_entry& r, drop_reason why) {
        settle(counts_.dropped[static_cast<std::size_t>(why)], r, settlement::fate::dropped, why);
    }
    void drop(const std::vector<batch_entry>& records, drop_reason why) {
        for (const auto& r : records) drop(r, why);
    }
    /// The vendor took all but `rejected` of them and does not say which.
    void deliver(const std::vector<batch_entry>& records, std::size_t rejected) {
        for (const auto& r : records) {
            if (rejected > 0 && !is_own(r.token)) {
                --rejected;
                reject(r);
            } else {
                settle(counts_.delivered, r, settlement::fate::delivered);
            }
        }
    }

    void clip(std::uint32_t parts) noexcept { counts_.clipped += parts; }
    void bury(bool kept) noexcept { ++(kept ? counts_.dead_lettered : counts_.dead_letters_lost); }
    void request(bool again) noexcept {
        ++counts_.requests;
        if (again) ++counts_.retries;
    }
    const std::string& blame(std::string problem) noexcept { return counts_.last_error = std::move(problem); }
    void in_flight(std::size_t now, std::size_t limit) noexcept {
        counts_.in_flight = now;
        counts_.in_flight_limit = limit;
    }

    [[nodiscard]] std::size_t unsettled() const noexcept { return unsettled_; }
    [[nodiscard]] const destination_stats& counts() const noexcept { return counts_; }

private:
    void settle(std::uint64_t& count, const batch_entry& r, settlement::fate what,
                drop_reason why = drop_reason::full) {
        if (!is_own(r.token)) {
            ++count;
        } else if (what == settlement::fate::delivered) {
            ++counts_.loss_reports;
        }
        --unsettled_;
        from_.settle({r.token, what, why, r.lvl, r.time_ns});
    }

    record_source& from_;
    std::size_t unsettled_ = 0;
    destination_stats counts_;
};

}  // namespace logferry::delivery
