// Brings files to the device without making anybody wait.
#pragma once

#include <memory>
#include <string>

#include <journal/spool_directory.hpp>

namespace logferry::journal {

/// Starts its thread with the first file. Thread rule: one thread.
class sync_thread {
public:
    /// The slot lives as long as its thread.
    explicit sync_thread(std::shared_ptr<const spool_slot> slot);
    /// Ends after the file that is being synced. A device that takes long over that is not waited for: the thread ends
    /// when it can.
    ~sync_thread();
    sync_thread(const sync_thread&) = delete;
    sync_thread& operator=(const sync_thread&) = delete;

    /// Syncs the file, and the directory that names it, some time. A file that is removed before needs none.
    /// Throws `std::bad_alloc`, `std::system_error`.
    void sync(std::string name);

    /// Why the last sync that failed did, an errno value; 0 when none has failed since the last call.
    [[nodiscard]] int take_error() noexcept;

    /// In a forked child, which has no such thread: closes the file that is being synced. Async-signal-safe.
    void forget() noexcept;

private:
    struct state;
    static void run(state& shared) noexcept;

    const std::shared_ptr<state> shared_;
    bool running_ = false;
};

}  // namespace logferry::journal
