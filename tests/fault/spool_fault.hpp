// The fixture of the faults that a spool is there for. Programs that follow one another, or live side by side, share an
// oracle: a page that says of each record whether its log call has returned, whoever made the call and however it
// ended.
//
// A test's name is `<fault>_<what_happens>`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "fault_test.hpp"
#include "temporary_directory.hpp"

namespace logferry::fault {

using nlohmann::json;

/// Nothing that differs from what programs are usually told.
inline const json as_usual = json::object();

inline constexpr std::size_t small_segment = 64 * 1024;

/// Files of the spool that are not only there to stay: all but locks.
[[nodiscard]] std::vector<std::filesystem::path> files_of(const std::filesystem::path& spool);
/// Those that hold records, in the order in which they were written.
[[nodiscard]] std::vector<std::filesystem::path> segments_of(const std::filesystem::path& spool);

/// Programs with one spool and one oracle.
class house {
public:
    /// Their spool is made by the first of them, in `place`.
    explicit house(const std::filesystem::path& place) : spool_(place / "spool") {}
    house() : own_(std::make_unique<temporary_directory>()), spool_(own_->path() / "spool") {}

    [[nodiscard]] const std::filesystem::path& spool() const noexcept { return spool_; }
    [[nodiscard]] shared_page& page() const noexcept { return memory_->page(); }

    /// A program that lives here. The settings are those of child_options.cpp; by default web records go to Profound,
    /// in batches of 100, four in flight, and a log call waits for room rather than be refused.
    [[nodiscard]] std::unique_ptr<program> start(const std::string& url, const json& more = as_usual) const;

    static constexpr std::size_t batch = 100;
    static constexpr std::size_t in_flight = 4;
    /// Records that a vendor may have got, or may still get, from a program that is dead and could not note that.
    static constexpr std::size_t on_their_way = batch * in_flight;
    /// The vendor of these programs' records.
    [[nodiscard]] static fake_vendor_options vendor() { return {.vendor = "profound", .payload = payload}; }
    static constexpr payload_kind payload{.bytes = 16, .spread = 200};

private:
    std::unique_ptr<temporary_directory> own_;
    std::filesystem::path spool_;
    std::shared_ptr<page_memory> memory_ = std::make_shared<page_memory>();
};

/// Takes everything while it is open, and says 503 while it is not.
class moody {
public:
    explicit moody(bool open) : open_(std::make_shared<std::atomic<bool>>(open)) {}
    void open(bool now) { *open_ = now; }
    reply operator()(const arrival&) const { return {.status = *open_ ? 200 : 503}; }

private:
    std::shared_ptr<std::atomic<bool>> open_;
};

class spool_fault : public fault {
protected:
    spool_fault() = default;

    /// So many of the 200 rounds that a whole run makes, or of as many as LOGFERRY_KILL_ROUNDS says. At least one.
    [[nodiscard]] static int rounds(int of_two_hundred);
    /// Any number up to `most`.
    [[nodiscard]] std::uint64_t any(std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(0, most)(chance());
    }

    /// A last program sends what the others left, ends well, and leaves nothing behind. `unsettled` is how many records
    /// the vendor may get once more than they should: those that were on their way when a program died.
    void recover(const house& in, const fake_vendor& vendor, std::uint64_t unsettled, const json& more = as_usual);

    /// The end of every round: every record whose log call returned is at the vendor, as it was logged. But for so many
    /// that are known to be lost.
    void compare(const house& in, const vendor_book& vendor, std::uint64_t unsettled, std::uint64_t known_lost = 0);

    /// Records whose log call returned and that the vendor has not got, in the order of the calls.
    [[nodiscard]] static std::vector<std::uint64_t> missing(const house& in, const vendor_book& vendor);

    /// Nothing is left in the spool that needs anybody.
    static void expect_empty(const house& in);

private:
    /// Another one in each run. Says on its first use how to repeat it: LOGFERRY_TEST_SEED plays it again.
    [[nodiscard]] std::mt19937_64& chance();

    std::optional<std::mt19937_64> chance_;
};

}  // namespace logferry::fault
