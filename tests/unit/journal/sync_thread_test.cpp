#include <journal/sync_thread.hpp>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include <support/memory_system.hpp>

namespace logferry::journal {
namespace {

using call = memory_system::call;

/// A device that takes its time.
class slow_system : public memory_system {
public:
    int sync(int fd) noexcept override {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return free_; });
        return memory_system::sync(fd);
    }
    void await_sync() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ > 0; });
    }
    void set_free() {
        const std::lock_guard lock(mutex_);
        free_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool free_ = false;
};

/// The thread may outlive its sync_thread; it lets the slot go last, and the slot the lock.
void await_end(const memory_system& os) {
    while (os.locked("/spool/slot-0000/lock")) std::this_thread::yield();
}

std::shared_ptr<spool_slot> slot_in(memory_system& os, std::unique_ptr<spool_directory>& place) {
    spool_problem problem;
    place = spool_directory::open(os, {"/spool", false}, problem);
    std::shared_ptr<spool_slot> slot = place->take_slot(problem);
    os.put_file("/spool/slot-0000/full.segment", {});
    return slot;
}

class sync_thread_test : public testing::Test {
protected:
    ~sync_thread_test() override {
        syncing.reset();
        await_end(os);
    }
    void await_syncs(std::uint64_t count) const {
        while (os.calls(call::sync) < count) std::this_thread::yield();
    }

    memory_system os;
    std::unique_ptr<spool_directory> place;
    std::unique_ptr<sync_thread> syncing = std::make_unique<sync_thread>(slot_in(os, place));
};

TEST_F(sync_thread_test, brings_a_file_and_its_name_to_the_device) {
    syncing->sync("full.segment");
    await_syncs(2);
    // It has told of the first file's errors once it is at the next.
    syncing->sync("full.segment");
    await_syncs(3);
    EXPECT_EQ(syncing->take_error(), 0);
}

TEST_F(sync_thread_test, passes_over_a_file_that_is_gone) {
    syncing->sync("gone.segment");
    syncing->sync("full.segment");
    await_syncs(2);
    syncing->sync("full.segment");
    await_syncs(3);
    EXPECT_EQ(syncing->take_error(), 0);
}

TEST_F(sync_thread_test, says_once_why_it_failed) {
    os.fail(call::sync, EIO);
    syncing->sync("full.segment");
    int error = 0;
    while (error == 0) error = syncing->take_error();
    EXPECT_EQ(error, EIO);
    syncing->sync("full.segment");
    await_syncs(4);
    syncing->sync("full.segment");
    await_syncs(5);
    EXPECT_EQ(syncing->take_error(), 0);
}

TEST(slow_sync_thread_test, holds_nobody_up_and_the_slot_is_let_go_when_it_is_done) {
    slow_system os;
    std::unique_ptr<spool_directory> place;
    auto slot = slot_in(os, place);
    const std::weak_ptr<spool_slot> watched = slot;
    {
        sync_thread syncing(slot);
        syncing.sync("full.segment");
        os.await_sync();
    }
    slot.reset();
    EXPECT_FALSE(watched.expired()) << "the thread still uses it";
    os.set_free();
    await_end(os);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace logferry::journal
