// Batches that wait to be sent again, oldest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <delivery/batch.hpp>

namespace logferry::delivery {

class shelf {
public:
    /// The frame's views must outlive it, and the pool too.
    shelf(const framing& frame, batch_pool& pool) : frame_(frame), pool_(pool) {}

    batch& put(std::unique_ptr<batch> b);
    /// Puts the halves of a batch of several records. They are new bytes, and none has failed yet.
    void put_halves(std::unique_ptr<batch> b);
    /// The same for a batch that was proven to hold poison: halves inherit the proof, and those of several
    /// records are halved again as soon as they fail.
    void put_guilty_halves(std::unique_ptr<batch> b);

    /// The oldest batch that may be tried again, or null; suspects are passed over. `in_order`: the oldest of the
    /// others or none. `admitted`: those that wait patiently may go too.
    [[nodiscard]] std::unique_ptr<batch> take_oldest(bool in_order, bool admitted);

    /// The suspect that has not been tried for the longest time, or null.
    [[nodiscard]] std::unique_ptr<batch> take_suspect(bool admitted);
    /// A request `tag` was delivered: whatever had failed before that left gets its next chance.
    void clear_suspects(std::uint64_t tag) noexcept;
    [[nodiscard]] bool only_suspects() const noexcept;
    /// Something waits for the gate although it is closing time.
    [[nodiscard]] bool any_patient() const noexcept;
    /// Whatever had its last try has another one.
    void allow_another_try() noexcept;
    [[nodiscard]] std::size_t suspect_bytes() const noexcept;

    /// What stands around records from now on; what is there has to be encoded anew.
    void use(const framing& frame) noexcept { frame_ = frame; }

    [[nodiscard]] bool empty() const noexcept { return batches_.empty(); }
    [[nodiscard]] const std::vector<std::unique_ptr<batch>>& batches() const noexcept { return batches_; }
    void clear() noexcept { batches_.clear(); }

private:
    [[nodiscard]] static bool may_go(const batch& b, bool admitted) noexcept;
    std::pair<batch*, batch*> split(std::unique_ptr<batch> b);
    [[nodiscard]] std::unique_ptr<batch> take(std::vector<std::unique_ptr<batch>>::iterator which);

    framing frame_;
    batch_pool& pool_;
    std::vector<std::unique_ptr<batch>> batches_;
};

}  // namespace logferry::delivery
