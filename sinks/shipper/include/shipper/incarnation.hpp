// A shipper in one process: an engine, and the thread that runs it. A forked child makes its own.
#pragma once

#include <chrono>
#include <memory>

#include <shipper/blueprint.hpp>
#include <shipper/checked_options.hpp>
#include <shipper/engine.hpp>
#include <shipper/engine_register.hpp>
#include <shipper/worker_thread.hpp>

namespace logferry::shipping {

/// Thread rule: any thread.
class incarnation {
public:
    /// Starts the worker, which forgets `plan` when it ends. Throws what `shipper::open` throws, and
    /// `transport::process_gate::shut_for_good` when the program is ending.
    incarnation(const checked_options& checked, const options& opts, std::shared_ptr<blueprint> plan);

    /// REQUIRES: `here()`. A worker that is held up by a callback that does not return, or that ends all this from
    /// within one, keeps the engine alive and ends when it can.
    ~incarnation() = default;
    incarnation(const incarnation&) = delete;
    incarnation& operator=(const incarnation&) = delete;

    /// False in a forked child of the process that it was made in. There it must be left as it is, and for ever: its
    /// thread is not there, and locks in it may be held.
    [[nodiscard]] bool here() const noexcept { return !works_->forked(); }

    [[nodiscard]] engine& works() const noexcept { return *works_; }

    /// As `shipper::close`.
    shipper_stats close(std::chrono::milliseconds budget);

private:
    const std::shared_ptr<worker_thread> thread_;
    const std::shared_ptr<engine> works_;
};

/// For one that a child inherited.
void leave_for_ever(const no_fork& held, const incarnation* inherited) noexcept;

}  // namespace logferry::shipping
