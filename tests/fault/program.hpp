// The program under test, seen from the test: a child process with a page in common.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "shared_page.hpp"

namespace logferry::fault {

using setting = std::pair<std::string, nlohmann::json>;

/// The memory of a shared page: it lives as long as a program or a test that has it.
class page_memory {
public:
    page_memory();
    ~page_memory();
    page_memory(const page_memory&) = delete;
    page_memory& operator=(const page_memory&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] shared_page& page() const noexcept { return *page_; }

private:
    int descriptor_;
    shared_page* page_;
};

/// Each order is obeyed when its function returns. The destructor kills a program that has not ended.
class program {
public:
    /// Starts it; `settings` are those of child_options.cpp.
    program(std::initializer_list<setting> settings);
    /// The settings as an object. Programs that follow one another, or run side by side, may share a page.
    explicit program(const nlohmann::json& settings,
                     std::shared_ptr<page_memory> memory = std::make_shared<page_memory>());
    ~program();
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    /// Whether it opened its shipper. If not, `books().last_error` says why.
    [[nodiscard]] bool ready() const noexcept { return ready_; }

    void log(std::uint64_t records, int threads = 1);
    void keep_logging(int threads) { order("keep_logging " + std::to_string(threads)); }
    void log_without_system_calls(std::uint64_t records) {
        order("log_without_system_calls " + std::to_string(records));
    }
    /// A child logs them and ends in that way (forking.hpp).
    void fork(std::uint64_t records, const std::string& how) { order("fork " + std::to_string(records) + " " + how); }
    /// One record more, when a signal kills it.
    void leave_last_record() { order("leave_last_record"); }
    void set_secret(const std::string& text) { order("set_secret " + text); }
    /// How long the shipper's member took.
    std::chrono::milliseconds drain(std::chrono::milliseconds deadline);
    std::chrono::milliseconds close(std::chrono::milliseconds budget);
    /// Asks for the ledger again and again until it is as wanted; false if that takes more than three quarters of a
    /// minute.
    [[nodiscard]] bool wait_until(const std::function<bool(const ledger&)>& wanted);
    /// The ledger of this moment.
    const ledger& stats();

    /// Returns from main; the same by std::exit. The value is that of waitpid: 0 is a clean end.
    int end() { return end_by("return"); }
    int exit() { return end_by("exit"); }
    /// Ends it in one of the ways of bad_ends.hpp, or by SIGKILL. The value is that of waitpid.
    int die(const std::string& how) { return end_by("die " + how); }
    int kill();
    /// Lets it log until something ends it.
    int log_until_its_end(int threads) { return end_by("keep_logging " + std::to_string(threads)); }
    /// Waits for an end that comes by itself.
    int await_end();

    /// The ledger as the program wrote it last.
    [[nodiscard]] const ledger& books() const noexcept { return page().books; }
    [[nodiscard]] shared_page& page() noexcept { return memory_->page(); }
    [[nodiscard]] const shared_page& page() const noexcept { return memory_->page(); }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    void order(const std::string& words);
    [[nodiscard]] bool answered();
    int end_by(const std::string& order);

    const std::shared_ptr<page_memory> memory_;
    pid_t pid_ = -1;
    int orders_ = -1;
    int answers_ = -1;
    bool ready_ = false;
};

}  // namespace logferry::fault
