// Which of the records that a cursor has handed out are settled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace logferry::journal {

/// A place in the whole journal: segment number times segment size, plus the offset in the segment.
using position = std::uint64_t;

/// Records from `begin` up to but not including `end`.
struct position_range {
    position begin = 0;
    position end = 0;
    friend bool operator==(const position_range&, const position_range&) = default;
};

/// Tokens are handed out in the order of positions and count up. What is settled at the front is forgotten; settled
/// runs behind it are kept as runs, joined in constant time, so that they can be listed without a look at each record.
///
/// Thread rule: one thread.
class settled_window {
public:
    /// Throws `std::bad_alloc`, and then nothing was handed out.
    std::uint64_t hand_out(position at) {
        places_.push_back({at, 0});
        return first_token_ + places_.size() - 1;
    }

    /// A token that was handed out and is not settled. False when it was given up, and then nothing happens.
    bool settle(std::uint64_t token) noexcept;

    /// Forgets everything before `bound`; how much of it was unsettled.
    std::size_t give_up(position bound) noexcept;

    [[nodiscard]] bool unsettled(std::uint64_t token) const noexcept {
        const auto index = token - first_token_;
        return index < places_.size() && places_[index].run == 0;
    }
    /// Of an unsettled token.
    [[nodiscard]] position at(std::uint64_t token) const noexcept { return places_[token - first_token_].at; }

    [[nodiscard]] bool empty() const noexcept { return places_.empty(); }
    /// The oldest unsettled position; there must be one.
    [[nodiscard]] position oldest() const noexcept { return places_.front().at; }

    /// Writes the settled runs behind the oldest unsettled record to `out`, the oldest first, `most` at most; how many
    /// it wrote. `read_to` is where the next record will be.
    std::size_t settled_runs(position read_to, position_range* out, std::size_t most) const noexcept;

    /// Calls `visit` with every unsettled position, the oldest first.
    template <typename Visit>
    void for_each_unsettled(Visit visit) const {
        for (std::size_t i = 0; i < places_.size();) {
            if (places_[i].run == 0) visit(places_[i].at);
            i += places_[i].run == 0 ? 1 : places_[i].run;
        }
    }

private:
    struct place {
        position at;
        // 0 when unsettled. The first and the last of a settled run know its length; those between may know an old one.
        std::uint64_t run;
    };
    std::deque<place> places_;
    std::uint64_t first_token_ = 0;
};

}  // namespace logferry::journal
