// A vendor on loopback that behaves as a test tells it, request by request, and keeps the book.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/raw_server.hpp"
#include "vendor_book.hpp"

namespace logferry::fault {

/// A request that came.
struct arrival {
    /// Whole requests that came before it.
    std::size_t number = 0;
    const support::raw_request& raw;
    const std::vector<sent_record>& records;
};

/// What the vendor does about it.
struct reply {
    int status = 200;
    /// Whole lines with their line ends.
    std::string headers = {};
    std::string body = {};
    std::chrono::milliseconds delay{0};
    support::reaction::ending then = support::reaction::ending::go_on;
    /// Not a byte is sent back.
    bool silent = false;
    /// Whether the vendor has the records now; as the status says, unless told otherwise.
    std::optional<bool> takes = std::nullopt;
};

using conduct = std::function<reply(const arrival&)>;

/// Takes everything.
[[nodiscard]] inline conduct takes_all() {
    return [](const arrival&) { return reply{}; };
}

/// Answers the first `times` requests with `first`, and takes everything then.
[[nodiscard]] inline conduct at_first(std::size_t times, reply first) {
    return [=](const arrival& a) { return a.number < times ? first : reply{}; };
}

struct fake_vendor_options {
    std::string vendor = "logsfori";
    payload_kind payload = {};
    /// Played by the first connections, one script each, before the vendor listens to anybody.
    std::vector<support::script> first = {};
};

class fake_vendor {
public:
    explicit fake_vendor(conduct does, fake_vendor_options options = {},
                         support::reserved_port&& at = support::reserved_port())
        : does_(std::move(does)), options_(std::move(options)), server_(scripts(), std::move(at)) {}

    [[nodiscard]] std::string url() const { return server_.url(""); }
    [[nodiscard]] const vendor_book& book() const noexcept { return book_; }
    [[nodiscard]] const support::raw_server& server() const noexcept { return server_; }

private:
    [[nodiscard]] std::vector<support::script> scripts() {
        auto all = options_.first;
        all.push_back({support::read_request(), support::decide([this](const auto& raw) { return answer(raw); }),
                       support::again()});
        return all;
    }

    // On the server's thread alone.
    support::reaction answer(const support::raw_request& raw) {
        const auto records = records_in(options_.vendor, raw.body, options_.payload);
        const reply said = does_({number_++, raw, records});
        const bool fine = said.status >= 200 && said.status < 300 && !said.silent;
        book_.note(records, said.takes.value_or(fine));
        return {said.silent ? std::string() : support::answer(said.status, said.body, said.headers), said.delay,
                said.then};
    }

    const conduct does_;
    const fake_vendor_options options_;
    std::size_t number_ = 0;
    vendor_book book_;
    support::raw_server server_;  // last: its thread uses the rest
};

}  // namespace logferry::fault
