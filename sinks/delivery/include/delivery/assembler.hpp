// Puts records together into batches.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

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

    /// Encodes one record to the end of `into`, however much is in it. `ok`, or nothing is kept of it.
    encoded append(batch& into, const record_view& record, std::uint64_t token, steady_time now);

    /// A request of so many bytes was too large for the vendor: from now on they are at most half as large.
    void learn_too_large(std::size_t bytes) noexcept { limits_.bytes = std::min(limits_.bytes, bytes / 2); }

    /// Another vendor object encodes from now on, of the same kind. REQUIRES: the open batch is empty.
    void use(vendor& to) noexcept;
    /// Counts the vendor objects; what another one encoded is out of date.
    [[nodiscard]] std::uint32_t edition() const noexcept { return edition_; }

    /// The open batch holds as much as a request may.
    [[nodiscard]] bool full() const noexcept {
        return !empty() && (open_->entries.size() >= limits_.records || over());
    }
    [[nodiscard]] std::size_t size() const noexcept { return open_ ? open_->entries.size() : 0; }
    [[nodiscard]] bool empty() const noexcept { return !open_ || open_->empty(); }
    /// When the open batch, which is not empty, has waited long enough.
    [[nodiscard]] steady_time due_at() const noexcept { return open_->opened + limits_.age; }
    /// The open batch, which is not empty, goes without waiting for company.
    void make_eager() noexcept { open_->eager = true; }
    [[nodiscard]] bool eager() const noexcept { return open_->eager; }

    /// The open batch, which is not empty, sealed. What made it too large, mostly its last record, begins the next one.
    [[nodiscard]] std::unique_ptr<batch> take();

    [[nodiscard]] const framing& frame() const noexcept { return frame_; }

private:
    [[nodiscard]] bool over() const noexcept { return open_->body.size() + frame_.close.size() > limits_.bytes; }
    [[nodiscard]] bool fits_alone(const batch_entry& entry) const noexcept;
    encoded encode(const record_view& record, steady_time now, std::string& body);
    std::unique_ptr<batch> take_excess();

    vendor* to_;
    std::size_t largest_record_;
    batch_limits limits_;
    std::uint32_t edition_ = 0;
    batch_pool& pool_;
    framing frame_;
    std::unique_ptr<batch> open_;
    steady_time last_added_;
};

}  // namespace logferry::delivery
