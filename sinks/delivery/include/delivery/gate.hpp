// Whether a destination may send at all. One gate stands in front of all requests of a destination: a vendor in trouble
// is left alone by all of them, not only by the one that met the trouble.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <delivery/backoff.hpp>
#include <delivery/moment.hpp>
#include <logferry/options.hpp>
#include <logferry/vendor.hpp>

namespace logferry::delivery {

/// Open, or shut by a failure. A shut gate waits, lets one request out as a probe, and opens when that one is
/// delivered. What was already on its way when the gate was shut (a straggler) proves nothing about the vendor now: it
/// neither opens the gate nor counts as one more failure.
///
/// Requests are known by their tags, which grow.
class gate {
public:
    explicit gate(const delivery_options& options) : options_(options) {}

    [[nodiscard]] bool open() const noexcept { return open_; }
    /// True when a request may leave now: the gate is open, or it is time for a probe and none is out.
    [[nodiscard]] bool admits(steady_time now) const noexcept { return open_ || (probe_ == 0 && now >= until_); }
    /// When the next probe may leave; nothing while the gate is open or a probe is out.
    [[nodiscard]] std::optional<steady_time> next_probe() const noexcept;

    /// A request leaves.
    void left(std::uint64_t tag) noexcept;
    /// An answer to it came, whatever it says.
    void returned(std::uint64_t tag) noexcept;

    /// The vendor is in trouble: shuts the gate, longer with every failure in a row. True when there have been so many
    /// that a person should know: once between two deliveries.
    bool back_off(std::uint64_t tag, std::optional<duration> asked, double chance, steady_time now) noexcept;

    /// The vendor will take nothing until something changes: shuts the gate for a rest. True when this is news, that is
    /// for the first answer of that kind since the last delivery.
    /// `at_first_rate`: so many rests in a row are as short as those for a rate.
    bool rest(std::uint64_t tag, outcome::pause why, std::uint32_t at_first_rate, std::optional<duration> asked,
              double chance, steady_time now) noexcept;

    /// Something has changed that may help: a probe may leave at once, whatever else is out, and waits begin anew. If
    /// it did not help, that is news.
    void knock(steady_time now) noexcept;

    /// A delivery. Opens the gate unless it is a straggler's. Returns why the destination was resting until now.
    outcome::pause deliver(std::uint64_t tag) noexcept;

    /// From now on a straggler's delivery opens the gate as well: there is no time left to be careful.
    void trust_stragglers() noexcept { trusting_ = true; }

private:
    [[nodiscard]] bool straggler(std::uint64_t tag) const noexcept { return !open_ && tag <= last_before_; }
    void shut(steady_time until) noexcept;
    [[nodiscard]] duration wait_for(outcome::pause why, bool as_rate, std::optional<duration> asked,
                                    double chance) const noexcept;

    delivery_options options_;
    bool open_ = true;
    bool trusting_ = false;
    outcome::pause resting_ = outcome::pause::none;
    outcome::pause told_ = outcome::pause::none;  ///< what the application knows of that
    std::uint32_t failures_ = 0;                  ///< in a row, stragglers not counted
    std::uint32_t rests_ = 0;                     ///< the same for rests
    std::uint64_t newest_ = 0;                    ///< the last request that left
    std::uint64_t last_before_ = 0;               ///< the last request that left before the gate was shut
    std::uint64_t probe_ = 0;                     ///< the probe that is out; 0 for none
    steady_time until_;
};

}  // namespace logferry::delivery
