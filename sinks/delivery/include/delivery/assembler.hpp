// Puts records together into batches.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <delivery/batch.hpp>
#include <delivery/moment.hpp>
#include <logferry/record.hpp>
#include <logferry/vendor.hpp>

namespace logferry::delivery {

/// What one request may hold, and how long an incomplete one waits.
struct batch_limits {
    std::size_t records = 1;
    /// Framing included.
    std::size_t bytes = 0;
    duration age{};
};

class assembler {
public:
    /// The pool and the vendor must outlive it.
    assembler(vendor& to, const batch_limits& limits, batch_pool& pool);

    /// Encodes a record to the end of the open batch. `order` is its place among all records taken. With any other
    /// result than `ok` nothing is kept of it. Not to be called while `full`.
    encoded add(const record_view& record, std::uint64_t token, std::uint64_t order, steady_time now);

    /// The open batch holds as much as a request may.
    [[nodiscard]] bool full() const noexcept {
        return !empty() && (open_->entries.size() >= limits_.records || over());
    }
    [[nodiscard]] bool empty() const noexcept { return !open_ || open_->empty(); }
    /// When the open batch, which is not empty, has waited long enough.
    [[nodiscard]] steady_time due_at() const noexcept { return open_->opened + limits_.age; }
    /// The open batch, which is not empty, goes without waiting for company.
    void make_eager() noexcept { open_->eager = true; }
    [[nodiscard]] bool eager() const noexcept { return open_->eager; }

    /// The open batch, which is not empty, sealed. If its last record made it too large, that record begins the next
    /// one.
    [[nodiscard]] std::unique_ptr<batch> take();

    [[nodiscard]] const framing& frame() const noexcept { return frame_; }

private:
    [[nodiscard]] bool over() const noexcept { return open_->body.size() + frame_.close.size() > limits_.bytes; }
    [[nodiscard]] bool fits_alone(const batch_entry& entry) const noexcept;
    encoded encode(const record_view& record, steady_time now);

    vendor& to_;
    batch_limits limits_;
    batch_pool& pool_;
    framing frame_;
    std::unique_ptr<batch> open_;
    std::uint64_t last_order_ = 0;
    steady_time last_added_;
};

}  // namespace logferry::delivery
