// A server that speaks the vendors' APIs on loopback, for tests of an application's logging and for the examples.
// Part of the target `logferry::emulator`; nothing else of logferry needs it. Its rules are in docs/emulator.md.
//
//     logferry::emulator server;
//     auto sink = std::make_shared<logferry::spdlog_sink>(logferry::logsh{"shop",
//     logferry::secret(server.token("logsh")),
//                                                                        server.base_url("logsh")});
//     ... log ...
//     server.wait_for("logsh", 3, std::chrono::seconds(5));
//     for (const auto& request : server.received("logsh")) std::cout << request.body << '\n';
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logferry {

/// One request that the emulator answered.
struct emulated_request {
    std::string vendor;
    /// Without the query.
    std::string path;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Decompressed, whatever `Content-Encoding` among the headers says.
    std::string body;
    /// What it answered; 0 when it hung up.
    int status = 0;
    std::string answer;
    /// How many records of the request it took: 0 or 1, for Profound up to 1,000.
    std::size_t accepted = 0;
    /// Why it did not take all of it; empty when it did.
    std::string problem;
};

/// An answer played instead of the real one.
struct emulated_fault {
    /// 0: the request is processed and answered as usual; for a slow vendor, together with `delay`.
    int status = 500;
    std::string body = "";
    /// A `Content-Type` among them replaces `application/json`.
    std::vector<std::pair<std::string, std::string>> headers = {};
    /// Wait before the answer. The request is counted and kept before the wait.
    std::chrono::milliseconds delay{0};
    /// Close the connection instead of answering.
    bool hang_up = false;
    /// Process the request as usual, and only then give this answer: the vendor has the record, the sender does not
    /// know.
    bool after_accepting = false;
};

struct emulator_options {
    /// 0 chooses a free port.
    std::uint16_t port = 0;
    /// Keep at most this many requests; older ones are forgotten, counts stay.
    std::size_t keep = 100'000;
    /// The same in bytes of bodies and answers: 256 MiB.
    std::size_t keep_bytes = std::size_t{256} << 20;
    /// Most UTF-16 units of a Logsh description. Logsh's document says 150, its server's source 250; set it as in
    /// `logsh::description_limit`.
    std::size_t logsh_description_limit = 150;
    /// Take gzipped bodies for Profound, as `profound::gzip` makes them; without it they are refused with 415.
    /// Profound's document names no encoding.
    bool profound_gzip = true;
    /// Called with every request once it is answered for, before it is counted, from the emulator's threads and several
    /// at a time. It must not throw, and must not destroy the emulator.
    std::function<void(const emulated_request&)> on_request = {};
};

/// Answers as each vendor's document says, and validates as strictly as the strictest reading of it: unknown keys,
/// types, lengths in UTF-16 units, authentication, Logsh's list of emoji, Profound's 1,000 entries.
///
/// Listens on 127.0.0.1 only, from construction to destruction. Thread rule: all members from any thread.
/// Besides the vendors' paths it answers `GET /received` (all requests as a JSON array; `?vendor=NAME` for one
/// vendor's,
/// `?first=N` for the oldest N) and `GET /counts`.
class emulator {
public:
    /// Throws `std::runtime_error` when the port cannot be had.
    explicit emulator(emulator_options options = {});
    ~emulator();
    emulator(const emulator&) = delete;
    emulator& operator=(const emulator&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// The names: `logsfori`, `logsh`, `logsentry`, `profound`, `logwire`.
    [[nodiscard]] static const std::vector<std::string>& vendors();
    /// What to put into the vendor's `base_url`. LogSentry's flavor `event_v1` wants `/v1` after it.
    [[nodiscard]] std::string base_url(std::string_view vendor) const;
    /// The one credential that the vendor accepts. Any other is refused as the vendor refuses it.
    [[nodiscard]] std::string token(std::string_view vendor) const;

    /// Records accepted so far.
    [[nodiscard]] std::size_t accepted(std::string_view vendor) const;
    /// Requests answered so far, whatever the answer.
    [[nodiscard]] std::size_t requests(std::string_view vendor) const;
    /// The requests kept, oldest first.
    [[nodiscard]] std::vector<emulated_request> received(std::string_view vendor) const;
    /// The same as a JSON array of objects, all vendors when `vendor` is empty.
    [[nodiscard]] std::string received_json(std::string_view vendor = {}) const;
    /// Waits until `count` records were accepted since construction; false when it takes longer than `timeout`.
    bool wait_for(std::string_view vendor, std::size_t count, std::chrono::milliseconds timeout) const;

    /// The vendor's next `times` requests are answered with `fault`. Faults queue up.
    void fail_next(std::string_view vendor, emulated_fault fault, std::size_t times = 1);

private:
    struct server;
    std::unique_ptr<server> server_;
};

}  // namespace logferry
