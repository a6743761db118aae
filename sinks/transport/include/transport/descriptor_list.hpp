// The descriptors that one transport has open, so that a forked child can close its copies of them: a connection held
// open by a child would not end when the parent closes it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace logferry::transport {

/// Grows by links that stay where they are until the end, so that it can be read at any moment.
///
/// Thread rule: `add` and `remove` by one thread at a time; `close_all` by a forked child, in which nobody adds or
/// removes any more.
class descriptor_list {
public:
    descriptor_list() = default;
    ~descriptor_list();
    descriptor_list(const descriptor_list&) = delete;
    descriptor_list& operator=(const descriptor_list&) = delete;

    /// False when there is no memory for one more.
    [[nodiscard]] bool add(int fd) noexcept;
    void remove(int fd) noexcept;

    /// Async-signal-safe. The list is empty then: a child of the child has other things under these numbers.
    void close_all() noexcept;

private:
    static constexpr int none = -1;

    struct link {
        link() noexcept {
            for (auto& each : descriptors) each.store(none, std::memory_order_relaxed);
        }
        std::array<std::atomic<int>, 30> descriptors;
        std::atomic<link*> next{nullptr};
    };

    /// The first place that holds `fd`; null when none does.
    [[nodiscard]] std::atomic<int>* find(int fd) noexcept;

    link first_;
};

}  // namespace logferry::transport
