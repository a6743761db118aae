#include <journal/sync_thread.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace logferry::journal {

namespace {

// How long the end waits for the device.
constexpr auto patience_at_end = std::chrono::milliseconds(50);

}  // namespace

struct sync_thread::state {
    explicit state(std::shared_ptr<const spool_slot> of) : os(of->os()), slot(std::move(of)) {}

    bool take(std::string& name) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return over || !names.empty(); });
        if (over) return false;
        name = std::move(names.front());
        names.pop_front();
        return true;
    }

    /// 0, or an errno value.
    int bring(const std::string& name) noexcept {
        file = slot->open(name.c_str());
        if (file < 0) return 0;  // delivered and removed meanwhile
        const int of_file = os.sync(file);
        os.close(file.exchange(-1));
        const int of_name = os.sync(slot->directory());
        return -(of_file != 0 ? of_file : of_name);
    }

    operating_system& os;
    std::shared_ptr<const spool_slot> slot;
    // Where a forked child finds it.
    std::atomic<int> file{-1};
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> names;
    bool over = false;
    bool ended = false;
    std::atomic<int> error{0};
};

sync_thread::sync_thread(std::shared_ptr<const spool_slot> slot) : shared_(std::make_shared<state>(std::move(slot))) {}

sync_thread::~sync_thread() {
    std::unique_lock lock(shared_->mutex);
    shared_->over = true;
    shared_->changed.notify_all();
    if (running_) shared_->changed.wait_for(lock, patience_at_end, [this] { return shared_->ended; });
}

void sync_thread::sync(std::string name) {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->names.push_back(std::move(name));
    }
    shared_->changed.notify_all();
    if (std::exchange(running_, true)) return;
    try {
        // Started by the consumer thread, which blocks signals, as a thread of a library should.
        std::thread([shared = shared_] { run(*shared); }).detach();
    } catch (...) {
        running_ = false;
        throw;
    }
}

int sync_thread::take_error() noexcept { return shared_->error.exchange(0, std::memory_order_relaxed); }

void sync_thread::forget() noexcept {
    if (const int file = shared_->file.exchange(-1); file >= 0) shared_->os.close(file);
}

void sync_thread::run(state& shared) noexcept {
    for (std::string name; shared.take(name);) {
        if (const int error = shared.bring(name)) shared.error.store(error, std::memory_order_relaxed);
    }
    const std::lock_guard lock(shared.mutex);
    // Before whoever waits goes on: then nobody lives in the slot any more.
    shared.slot.reset();
    shared.ended = true;
    shared.changed.notify_all();
}

}  // namespace logferry::journal
