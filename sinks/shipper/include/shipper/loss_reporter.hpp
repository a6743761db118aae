// Tells a vendor itself what it will never see: one record for all that was lost meanwhile.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <delivery/moment.hpp>
#include <delivery/record_source.hpp>
#include <logferry/record.hpp>
#include <shipper/losses.hpp>

namespace logferry::shipping {

/// Thread rule: the worker thread.
class loss_reporter {
public:
    /// At most one report in `every`; 0 for none.
    loss_reporter(std::chrono::milliseconds every, std::uint64_t journal_id);

    void add(const losses& more, delivery::steady_time now);

    /// When the next report should leave; nothing when there is nothing to tell, or one is on its way.
    [[nodiscard]] std::optional<delivery::steady_time> due_at() const noexcept;
    /// Writes the report, to be had from `read`, and returns its token.
    std::uint64_t write(delivery::moment now);
    [[nodiscard]] record_view read() const noexcept;
    /// What became of the report. Its losses are told again when nobody has seen it.
    void settle(const delivery::settlement& done);

private:
    const std::chrono::milliseconds every_;
    const std::uint64_t journal_id_;
    losses untold_;
    losses being_told_;
    bool on_its_way_ = false;
    delivery::steady_time since_;                     ///< the first loss in `untold_`
    std::optional<delivery::steady_time> last_told_;  ///< when the last report left
    std::uint64_t written_ = 0;
    std::vector<std::byte> report_;
};

}  // namespace logferry::shipping
