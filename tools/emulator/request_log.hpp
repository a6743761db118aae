// What the emulator has seen: every request up to a bound, and counts without one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <logferry/emulator.hpp>

namespace logferry::emulation {

/// Thread rule: all members from any thread. Vendors are known by their place in `vendor_apis()`.
class request_log {
public:
    request_log(std::size_t keep, std::size_t keep_bytes);

    void add(std::size_t vendor, emulated_request request);
    [[nodiscard]] std::size_t accepted(std::size_t vendor) const;
    [[nodiscard]] std::size_t requests(std::size_t vendor) const;
    bool wait_for(std::size_t vendor, std::size_t count, std::chrono::milliseconds timeout) const;

    /// Those kept, oldest first; of all vendors when `vendor` is empty.
    [[nodiscard]] std::vector<emulated_request> kept(std::string_view vendor) const;

private:
    struct counts {
        std::size_t accepted = 0;
        std::size_t requests = 0;
    };

    const std::size_t keep_;
    const std::size_t keep_bytes_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<counts> counts_;
    std::deque<emulated_request> kept_;
    std::size_t kept_bytes_ = 0;
};

/// `requests` as a JSON array, bytes that are not UTF-8 replaced.
[[nodiscard]] std::string to_json(const std::vector<emulated_request>& requests);

}  // namespace logferry::emulation
