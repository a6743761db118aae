// The program under test, seen from the test: a child process with a page in common.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "shared_page.hpp"

namespace logferry::fault {

using setting = std::pair<std::string, nlohmann::json>;

/// Each order is obeyed when its function returns. The destructor kills a program that has not ended.
class program {
public:
    /// Starts it; `settings` are those of child_options.cpp.
    program(std::initializer_list<setting> settings);
    ~program();
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    /// Whether it opened its shipper. If not, `books().last_error` says why.
    [[nodiscard]] bool ready() const noexcept { return ready_; }

    void log(std::uint64_t records, int threads = 1);
    void keep_logging(int threads) { order("keep_logging " + std::to_string(threads)); }
    void set_secret(const std::string& text) { order("set_secret " + text); }
    /// How long the shipper's member took.
    std::chrono::milliseconds drain(std::chrono::milliseconds deadline);
    std::chrono::milliseconds close(std::chrono::milliseconds budget);
    /// Asks for the ledger again and again until it is as wanted; false if that takes more than half a minute.
    [[nodiscard]] bool wait_until(const std::function<bool(const ledger&)>& wanted);
    /// The ledger of this moment.
    const ledger& stats();

    /// Returns from main; the same by std::exit. The value is that of waitpid: 0 is a clean end.
    int end() { return end_by("return"); }
    int exit() { return end_by("exit"); }

    /// The ledger as the program wrote it last.
    [[nodiscard]] const ledger& books() const noexcept { return page_->books; }
    [[nodiscard]] shared_page& page() noexcept { return *page_; }
    [[nodiscard]] const shared_page& page() const noexcept { return *page_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    void order(const std::string& words);
    [[nodiscard]] bool answered();
    int end_by(const std::string& order);
    int await_end();

    shared_page* page_;
    pid_t pid_ = -1;
    int orders_ = -1;
    int answers_ = -1;
    bool ready_ = false;
};

}  // namespace logferry::fault
