// The emulator with a book: a vendor that checks every request by the strictest reading of its document.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include <logferry/emulator.hpp>

#include "vendor_book.hpp"

namespace logferry::fault {

class emulated_vendor {
public:
    emulated_vendor(std::string vendor, payload_kind payload, emulator_options options = {})
        : vendor_(std::move(vendor)), payload_(payload), server_(with_book(std::move(options))) {}

    [[nodiscard]] std::string url() const { return server_.base_url(vendor_); }
    [[nodiscard]] std::string token() const { return server_.token(vendor_); }
    [[nodiscard]] const vendor_book& book() const noexcept { return book_; }
    /// How many requests it refused.
    [[nodiscard]] std::size_t refused() const noexcept { return refused_; }

private:
    [[nodiscard]] emulator_options with_book(emulator_options options) {
        options.on_request = [this](const emulated_request& request) {
            if (request.problem.empty()) {
                book_.note(records_in(vendor_, request.body, payload_), request.accepted > 0);
            } else {
                ++refused_;
            }
        };
        return options;
    }

    const std::string vendor_;
    const payload_kind payload_;
    vendor_book book_;
    std::atomic<std::size_t> refused_{0};
    emulator server_;  // last: its threads use the rest
};

}  // namespace logferry::fault
