// The fixture of all fault tests. A test's name is `<fault>_<what_happens>[_duplicates_at_most_<n>]`: the number of the
// fault in the catalogue, a title, and how many records the vendor may get twice; without that part, none.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include <logferry/options.hpp>

#include "fake_vendor.hpp"
#include "program.hpp"
#include "vendor_book.hpp"

namespace logferry::fault {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

/// What an application may give to `close`.
inline constexpr milliseconds budgets[] = {0ms, 100ms, 5s};
/// For a close that is to end well, however busy the machine is.
inline constexpr milliseconds long_enough = 30s;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// How much longer things may take in this build.
inline constexpr int slowness = 10;
#else
inline constexpr int slowness = 1;
#endif

/// Records that the vendor has and nobody logged.
[[nodiscard]] std::uint64_t unknown_to(const shared_page& page, const vendor_book& vendor);

class fault : public testing::Test {
protected:
    fault();
    /// Writes the figures for the table.
    ~fault() override;

    /// Closes, which must not take much longer than the budget.
    void close(program& app, milliseconds budget);
    void note_close(milliseconds took, milliseconds budget);

    /// Drains, closes, ends and audits: the usual end of a round, in which nothing may be left.
    void finish(program& app, const vendor_book& vendor, milliseconds deadline = 30s);

    /// The end of every round: ends the program and compares its ledger with the vendor's book. `unsure` is how many
    /// records the vendor may have although the ledger counts them as dropped.
    void audit(program& app, const vendor_book& vendor, std::uint64_t unsure = 0);
    /// The same for a program that has ended.
    void audit_dead(const program& app, const vendor_book& vendor, std::uint64_t unsure = 0);

    [[nodiscard]] static std::uint64_t events(const program& app, event::kind what) {
        return app.page().events[static_cast<std::size_t>(what)];
    }

    /// The figures of a round that somebody else has compared.
    struct round_figures {
        std::uint64_t accepted = 0;
        std::uint64_t delivered = 0;
        std::uint64_t lost = 0;
        std::uint64_t altered = 0;
        std::uint64_t duplicates = 0;
        /// How many more of them there may be after this round.
        std::uint64_t duplicates_allowed = 0;
        std::uint64_t longest_call_us = 0;
    };
    void note_round(const round_figures& figures);
    /// How long a process needed to send what another had left, and how many records that had not finished.
    void note_recovery(milliseconds took, std::uint64_t unfinished);

    /// A figure of this test alone, beside those that all have.
    template <typename T>
    void report(const std::string& name, const T& figure) {
        extra_[name] = figure;
    }

private:
    [[nodiscard]] nlohmann::ordered_json figures() const;

    std::string id_;
    std::string title_;
    std::uint64_t duplicates_allowed_ = 0;

    std::uint64_t rounds_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t altered_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t longest_call_us_ = 0;
    milliseconds longest_close_{0};
    milliseconds longest_recovery_{0};
    std::uint64_t unfinished_ = 0;
    nlohmann::ordered_json extra_ = nlohmann::ordered_json::object();
};

}  // namespace logferry::fault
