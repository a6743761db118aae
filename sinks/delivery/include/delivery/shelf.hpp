// Batches that wait to be sent again, oldest first.
#pragma once

#include <memory>
#include <vector>

#include <delivery/batch.hpp>

namespace logferry::delivery {

class shelf {
public:
    /// The frame's views must outlive it, and the pool too.
    shelf(const framing& frame, batch_pool& pool) : frame_(frame), pool_(pool) {}

    batch& put(std::unique_ptr<batch> b);
    /// Puts the halves of a batch of several records.
    void put_halves(std::unique_ptr<batch> b);

    /// The oldest batch that may be tried again, or null. `in_order`: the oldest of all or none.
    [[nodiscard]] std::unique_ptr<batch> take_oldest(bool in_order);

    [[nodiscard]] bool empty() const noexcept { return batches_.empty(); }
    [[nodiscard]] const std::vector<std::unique_ptr<batch>>& batches() const noexcept { return batches_; }
    void clear() noexcept { batches_.clear(); }

private:
    framing frame_;
    batch_pool& pool_;
    std::vector<std::unique_ptr<batch>> batches_;
};

}  // namespace logferry::delivery
