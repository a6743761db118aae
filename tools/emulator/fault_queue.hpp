// The faults that wait for one vendor's next requests.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

#include <logferry/emulator.hpp>

namespace logferry::emulation {

/// Thread rule: all members from any thread.
class fault_queue {
public:
    void add(emulated_fault fault, std::size_t times) {
        if (times == 0) return;
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::move(fault), times});
    }

    [[nodiscard]] std::optional<emulated_fault> take() {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return std::nullopt;
        auto& [fault, times] = waiting_.front();
        auto taken = fault;
        if (--times == 0) waiting_.pop_front();
        return taken;
    }

private:
    struct entry {
        emulated_fault fault;
        std::size_t times;
    };

    std::mutex mutex_;
    std::deque<entry> waiting_;
};

}  // namespace logferry::emulation
