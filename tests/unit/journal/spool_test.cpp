// The live journal with a spool: what lies on the disk, what happens when the disk says no, and what the next process
// finds.
#include <cerrno>
#include <map>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <journal/backlog.hpp>
#include <journal/spool.hpp>
#include <journal/spool_format.hpp>
#include <support/memory_system.hpp>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

using call = memory_system::call;

/// One process after another on the same disk.
class spool_test : public journal_test {
protected:
    void SetUp() override { start(); }

    void start(std::size_t segments = 16, when_full policy = when_full::shed) {
        disk = std::make_unique<spool>(os, spool_settings{{"/spool", false}, segment_bytes, false});
        problem = disk->open();
        settings chosen;
        chosen.size = segments * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.policy = policy;
        chosen.block_for = std::chrono::milliseconds(1);
        chosen.disk = disk.get();
        log = std::make_unique<journal>(chosen);
        reader = &log->add_cursor("a");
    }
    void TearDown() override { end(); }
    void end() {
        left.reset();
        log.reset();
        disk.reset();
    }
    void close() {
        log->close();
        log->settle_spool();
        end();
    }
    void crash() {
        os.crash();
        end();
    }
    void start_anew() {
        start();
        left = std::make_unique<backlog>(*disk->directory(), *disk->slot(), disk->created(),
                                         backlog_settings{{"a"}, 0, 1 << 20, segment_bytes});
    }
    /// What the earlier process left, settled at once.
    std::vector<std::string> recovered() {
        std::vector<std::string> texts;
        entry e;
        std::uint64_t id = 0;
        while (left->cursor(0).next(e, id)) {
            texts.emplace_back(text_of(e));
            left->cursor(0).settle(e.token);
        }
        left->maintain();
        return texts;
    }
    /// With a consumer that keeps up.
    void write_segments(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            write_bricks(bricks_per_segment);
            log->maintain();
        }
    }
    [[nodiscard]] std::size_t files(std::string_view ending) const {
        std::size_t count = 0;
        for (const auto& name : os.names("/spool/slot-0000")) count += name.ends_with(ending);
        return count;
    }
    void disk_full() { os.set_room(os.used()); }
    void disk_has_room() { os.set_room(UINT64_MAX); }

    memory_system os;
    std::unique_ptr<spool> disk;
    spool_problem problem;
    std::unique_ptr<backlog> left;
};

TEST_F(spool_test, what_was_committed_is_there_after_the_death_of_the_process) {
    write("one");
    write("two");
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("one", "two"));
}

TEST_F(spool_test, what_was_not_committed_is_not) {
    write("one");
    const auto room = reserve("half a record");
    ASSERT_NE(room.data, nullptr);
    write("three");
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("one", "three"));
    EXPECT_EQ(left->counts().unfinished_records, 1u);
}

TEST_F(spool_test, an_empty_record_is_one_too) {
    write("");
    write("x");
    write("");
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("", "x", ""));
}

TEST_F(spool_test, a_record_keeps_its_id) {
    write("one");
    const auto id = disk->journal_id();
    entry live;
    ASSERT_TRUE(reader->next(live));
    crash();
    start_anew();
    entry later;
    std::uint64_t later_id = 0;
    ASSERT_TRUE(left->cursor(0).next(later, later_id));
    EXPECT_EQ(later.at, live.at);
    EXPECT_EQ(later_id, id);
    EXPECT_NE(disk->journal_id(), id);
}

TEST_F(spool_test, what_is_settled_is_not_sent_again) {
    write("one");
    write("two");
    write("three");
    EXPECT_EQ(read(), "one");
    ASSERT_TRUE(take(*reader).has_value());
    EXPECT_EQ(read(), "three");
    log->maintain();
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("two"));
}

TEST_F(spool_test, a_segment_that_is_settled_leaves_the_disk) {
    const auto before = files(".segment");
    write_segments(3);
    EXPECT_EQ(files(".segment"), before + 2);
    read_all(*reader);
    log->maintain();
    EXPECT_EQ(files(".segment"), before);
}

TEST_F(spool_test, after_a_close_with_everything_settled_nothing_is_left) {
    write_segments(2);
    read_all(*reader);
    close();
    EXPECT_EQ(files(".segment"), 0u);
    EXPECT_EQ(files(".cursors"), 0u);
    EXPECT_EQ(os.mappings(), 0u);
    EXPECT_EQ(os.open_descriptors(), 0u);
}

TEST_F(spool_test, after_a_close_with_something_left_that_is_there_and_no_more) {
    write_segments(2);
    read_some(*reader, bricks_per_segment + 1);
    close();
    EXPECT_EQ(files(".segment"), 1u);
    EXPECT_EQ(files(".cursors"), 1u);
    start_anew();
    EXPECT_EQ(recovered().size(), bricks_per_segment - 1);
    EXPECT_EQ(files(".cursors"), 1u) << "the live journal's own";
}

TEST_F(spool_test, memory_takes_over_when_the_disk_is_full) {
    disk_full();
    write_segments(8);
    EXPECT_TRUE(disk->in_trouble());
    EXPECT_THAT(disk->trouble(), testing::HasSubstr("No space left"));
    EXPECT_GT(log->unspooled(), 0u);
    EXPECT_EQ(read_all(*reader), 8 * bricks_per_segment);
}

TEST_F(spool_test, the_disk_is_asked_once_until_somebody_says_so) {
    disk_full();
    write_segments(8);
    const auto asked = os.calls(call::create_file);
    for (int i = 0; i < 100; ++i) log->maintain();
    EXPECT_EQ(os.calls(call::create_file), asked);
    disk->try_again();
    log->maintain();
    EXPECT_EQ(os.calls(call::create_file), asked + 1);
}

TEST_F(spool_test, the_disk_takes_over_again_when_it_has_room_and_at_once) {
    disk_full();
    write_segments(8);
    write("in memory");
    ASSERT_TRUE(log->off_disk());
    disk_has_room();
    disk->try_again();
    log->maintain();
    log->maintain();
    EXPECT_FALSE(log->off_disk());
    EXPECT_FALSE(disk->in_trouble());
    write("on the disk");
    crash();
    start_anew();
    const auto texts = recovered();
    ASSERT_FALSE(texts.empty());
    EXPECT_EQ(texts.back(), "on the disk");
    EXPECT_THAT(texts, testing::Not(testing::Contains("in memory")));
}

TEST_F(spool_test, an_unused_segment_in_memory_is_changed_for_a_file) {
    end();
    os.set_room(0);
    start();
    ASSERT_TRUE(log->off_disk());
    disk_has_room();
    disk->try_again();
    log->maintain();
    EXPECT_FALSE(log->off_disk());
    write("on the disk from the first");
    EXPECT_EQ(log->unspooled(), 0u);
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("on the disk from the first"));
}

TEST_F(spool_test, every_call_of_making_a_segment_may_fail) {
    for (const auto what : {call::create_file, call::allocate, call::write_at, call::map}) {
        os.fail(what, EIO, 1000);
        write_segments(6);
        EXPECT_TRUE(disk->in_trouble());
        os.fail_nothing();
        disk->try_again();
        log->maintain();
        log->maintain();
        EXPECT_FALSE(disk->in_trouble());
        EXPECT_EQ(read_all(*reader), 6 * bricks_per_segment);
        log->maintain();
    }
    EXPECT_LE(files(".segment"), 5u) << "a failure leaves no file behind";
}

TEST_F(spool_test, a_file_without_room_for_its_pages_is_no_file) {
    os.fail(call::populate, ENOSPC, 1000);
    write_segments(7);
    EXPECT_GT(log->unspooled(), 0u);
    EXPECT_EQ(read_all(*reader), 7 * bricks_per_segment);
}

TEST_F(spool_test, a_directory_that_somebody_removed_is_made_again) {
    write("lost with the directory");
    os.erase("/spool");
    os.fail(call::create_file, ENOENT);  // so says Linux in a directory that has no name any more
    write_segments(6);
    EXPECT_TRUE(disk->in_trouble());
    EXPECT_TRUE(disk->try_again());
    log->maintain();
    log->maintain();
    EXPECT_FALSE(log->off_disk());
    write("safe");
    EXPECT_EQ(read_all(*reader), 6 * bricks_per_segment + 2);
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::Contains("safe"));
}

TEST_F(spool_test, trying_for_long_takes_no_descriptors) {
    end();
    os.fail(call::lock, EIO, 1'000'000);
    start();
    EXPECT_TRUE(disk->in_trouble());
    EXPECT_NE(problem.text, "");
    const auto open = os.open_descriptors();
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(disk->try_again());
    EXPECT_EQ(os.open_descriptors(), open);
    os.fail_nothing();
    EXPECT_TRUE(disk->try_again());
}

TEST_F(spool_test, a_directory_that_is_removed_again_and_again_takes_no_descriptors) {
    std::size_t open = 0;
    for (int i = 0; i < 20; ++i) {
        os.erase("/spool");
        os.fail(call::create_file, ENOENT);
        write_segments(6);
        read_all(*reader);
        EXPECT_TRUE(disk->try_again());
        log->maintain();
        if (i == 3) open = os.open_descriptors();
    }
    EXPECT_LE(os.open_descriptors(), open);
}

TEST_F(spool_test, a_destination_that_got_nothing_is_not_taken_for_a_new_one) {
    end();
    disk = std::make_unique<spool>(os, spool_settings{{"/spool", false}, segment_bytes, false});
    disk->open();
    settings chosen;
    chosen.size = 16 * segment_bytes;
    chosen.segment_size = segment_bytes;
    chosen.disk = disk.get();
    log = std::make_unique<journal>(chosen);
    reader = &log->add_cursor("fast");
    log->add_cursor("down");
    write("for both");
    read_all(*reader);
    log->maintain();
    crash();
    start();
    left = std::make_unique<backlog>(*disk->directory(), *disk->slot(), disk->created(),
                                     backlog_settings{{"down"}, 0, 1 << 20, segment_bytes});
    EXPECT_THAT(recovered(), testing::ElementsAre("for both"));
}

TEST_F(spool_test, a_place_that_could_not_be_saved_is_saved_later) {
    write("one");
    read_all(*reader);
    os.fail(call::write_at, EIO);
    log->maintain();
    log->maintain();
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::IsEmpty());
}

TEST_F(spool_test, files_over_what_is_allowed_are_memory_until_more_is_allowed) {
    write_segments(3);
    read_all(*reader);
    disk->allow_files(2);
    write_segments(3);
    EXPECT_TRUE(disk->in_trouble());
    EXPECT_LE(files(".segment"), 5u) << "those that were there";
    read_all(*reader);
    log->maintain();
    write_segments(2);
    read_all(*reader);
    log->maintain();
    EXPECT_LE(files(".segment"), 2u);
    disk->allow_files(16);
    disk->try_again();
    log->maintain();
    log->maintain();
    EXPECT_FALSE(disk->in_trouble());
    EXPECT_FALSE(log->off_disk());
}

TEST_F(spool_test, a_burst_that_no_files_are_ready_for_goes_on_in_memory) {
    const auto taken = write_bricks_until_refused(importance::high);
    EXPECT_EQ(taken, 16 * bricks_per_segment);
    EXPECT_EQ(log->unspooled(), 11 * bricks_per_segment) << "five files were ready";
    EXPECT_FALSE(disk->in_trouble());
    read_all(*reader);
    log->maintain();
    log->maintain();
    const auto in_memory = log->unspooled();
    EXPECT_EQ(write(brick), state::granted);
    EXPECT_EQ(log->unspooled(), in_memory) << "the next one lies on the disk again";
    log->maintain();
    EXPECT_FALSE(log->off_disk());
}

TEST_F(spool_test, who_would_rather_wait_finds_files) {
    end();
    start(16, when_full::block);
    EXPECT_EQ(write_bricks_until_refused(importance::high), 5 * bricks_per_segment);
    log->maintain();
    EXPECT_EQ(write(brick), state::granted);
    EXPECT_EQ(log->unspooled(), 0u);
}

TEST_F(spool_test, more_files_are_ready_where_they_are_needed_quickly) {
    for (int i = 0; i < 3; ++i) {
        write_bricks(3 * bricks_per_segment);
        log->maintain();
        read_all(*reader);
        log->maintain();
    }
    EXPECT_LE(files(".segment"), 16u);
    end();
    start(64);
    write_bricks(4 * bricks_per_segment);
    log->maintain();
    read_all(*reader);
    log->maintain();
    EXPECT_GT(files(".segment"), 10u);
    log->trim();
    write_segments(20);
    read_all(*reader);
    log->maintain();
    EXPECT_LE(files(".segment"), 16u + 5u);
}

TEST_F(spool_test, places_are_written_down_before_anything_is_removed) {
    for (const bool closing : {false, true}) {
        write_segments(2);
        read_all(*reader);
        std::vector<call> order;
        os.fail_when([&order](call what, std::uint64_t) {
            if (what == call::write_at || what == call::remove) order.push_back(what);
            return 0;
        });
        if (closing) {
            log->close();
            log->settle_spool();
        } else {
            log->maintain();
        }
        os.fail_nothing();
        ASSERT_FALSE(order.empty());
        EXPECT_EQ(order.front(), call::write_at) << (closing ? "at the close" : "in a round");
        EXPECT_THAT(order, testing::Contains(call::remove));
    }
}

TEST_F(spool_test, full_segments_are_brought_to_the_device_and_no_others) {
    end();
    disk = std::make_unique<spool>(os, spool_settings{{"/spool", false}, segment_bytes, true});
    disk->open();
    settings chosen;
    chosen.size = 16 * segment_bytes;
    chosen.segment_size = segment_bytes;
    chosen.disk = disk.get();
    log = std::make_unique<journal>(chosen);
    log->add_cursor("a");
    write_bricks(3 * bricks_per_segment + 1);
    log->maintain();
    // Each of the three, and each time the directory.
    while (os.calls(call::sync) < 6) std::this_thread::yield();
    log->maintain();
    disk.get()->remove_stuck();
    log->close();
    log->settle_spool();
    end();
    EXPECT_EQ(os.calls(call::sync), 6u);
    // The thread that brings them may outlive the spool.
    while (os.locked("/spool/slot-0000/lock")) std::this_thread::yield();
}

TEST_F(spool_test, what_is_abandoned_is_no_damage) {
    // A reservation that came too late for its number: padding, which recovery passes.
    write("one");
    const auto room = reserve("abandoned");
    ASSERT_NE(room.data, nullptr);
    auto& state = *reinterpret_cast<std::uint64_t*>(room.data - sizeof(record_head));
    state = (state & ~std::uint64_t{in_progress}) | padding;
    write("two");
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("one", "two"));
    EXPECT_EQ(left->counts().damaged_places, 0u);
    EXPECT_EQ(left->counts().unfinished_records, 0u);
}

TEST_F(spool_test, what_cannot_be_removed_is_not_sent_again) {
    write_segments(2);
    read_all(*reader);
    os.fail(call::remove, EIO, 1000);
    log->maintain();
    crash();
    os.fail_nothing();
    start_anew();
    EXPECT_THAT(recovered(), testing::IsEmpty());
    EXPECT_TRUE(left->cursor(0).finished());
}

TEST_F(spool_test, room_that_others_take_is_not_the_journals) {
    end();
    start(16, when_full::block);
    log->leave_room_for(8);
    std::size_t written = 0;
    for (int i = 0; i < 20; ++i) {
        written += write_bricks_until_refused(importance::high);
        log->maintain();
    }
    EXPECT_EQ(written, 8 * bricks_per_segment);
    log->leave_room_for(0);
    log->maintain();
    EXPECT_EQ(write(brick), state::granted);
}

TEST_F(spool_test, some_room_is_always_the_journals) {
    end();
    start(16, when_full::block);
    log->leave_room_for(1000);
    std::size_t written = 0;
    for (int i = 0; i < 10; ++i) {
        written += write_bricks_until_refused(importance::high);
        log->maintain();
    }
    EXPECT_EQ(written, 5 * bricks_per_segment) << "what was ready, and no more";
    read_all(*reader);
    log->maintain();
    written = 0;
    for (int i = 0; i < 10; ++i) {
        written += write_bricks_until_refused(importance::high);
        log->maintain();
    }
    // The active segment is full from before, so three are left.
    EXPECT_EQ(written, 3 * bricks_per_segment);
}

TEST_F(spool_test, what_lies_in_memory_only_is_counted_for_each_destination) {
    auto& other = *reader;
    disk_full();
    write_segments(8);
    const auto in_memory = log->unspooled();
    ASSERT_GT(in_memory, 0u);
    EXPECT_EQ(other.unspooled(), in_memory);
    read_all(other);
    EXPECT_EQ(other.unspooled(), 0u);
}

TEST_F(spool_test, a_new_journal_is_later_than_the_old_ones_though_the_clock_was_set_back) {
    write("first");
    crash();
    os.advance(-std::int64_t{3600} * 1'000'000'000);
    start();
    write("second");
    crash();
    start_anew();
    EXPECT_THAT(recovered(), testing::ElementsAre("first", "second"));
}

}  // namespace
}  // namespace logferry::journal
