// The disk is full, goes away, or cannot be written; files disappear or are cut under the program. It goes on in
// memory, says so once, and is back on the disk when that is possible.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>

#include "small_disk.hpp"

namespace logferry::fault {
namespace {

namespace fs = std::filesystem;

/// Fills every segment that was ready, and more.
constexpr std::uint64_t many_records = 3000;
/// What one segment that is ready has room for.
constexpr std::uint64_t few_records = 60;

class disks : public spool_fault {
protected:
    /// The program logs, and the disk is in trouble from `spoil` to `mend`: nothing is lost, and what is logged later
    /// outlives a kill again.
    void trouble(const house& in, const json& settings, const std::function<void(program&)>& spoil,
                 const std::function<void()>& mend, std::uint64_t records = many_records, int threads = 4) {
        moody mood(false);
        fake_vendor vendor(mood, in.vendor());
        const auto app = in.start(vendor.url(), settings);
        ASSERT_TRUE(app->ready()) << app->books().last_error.data();
        EXPECT_TRUE(app->stats().spool.in_use);

        spoil(*app);
        app->log(records, threads);
        ASSERT_TRUE(app->wait_until([](const ledger& books) { return books.spool.unspooled > 0; }));
        EXPECT_EQ(app->books().dropped_total(), 0u);
        report("unspooled", app->books().spool.unspooled);
        EXPECT_FALSE(app->books().spool.in_use);
        EXPECT_EQ(events(*app, event::kind::spool), 1u);

        mend();
        mood.open(true);
        app->drain(30s);
        EXPECT_EQ(app->books().pending, 0u) << app->books().last_error.data();
        back_on_disk(*app);
        mood.open(false);
        outlives_a_kill(in, *app, vendor, mood, settings);
    }

    void back_on_disk(program& app) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_TRUE(app.wait_until([](const ledger& books) { return books.spool.in_use; }));
        const auto took = std::chrono::steady_clock::now() - start;
        report("back_after_ms", std::chrono::duration_cast<milliseconds>(took).count());
    }

    void outlives_a_kill(const house& in, program& app, const fake_vendor& vendor, moody& mood, const json& settings) {
        const auto before = app.stats().spool.unspooled;
        app.log(few_records, 4);
        EXPECT_EQ(app.stats().spool.unspooled, before);
        app.kill();
        mood.open(true);
        recover(in, vendor, house::on_their_way, settings);
    }
};

TEST_F(disks, B1_disk_full_and_free_again) {
    small_disk disk;
    house in(disk.path());
    trouble(
        in, as_usual, [&](const program& app) { disk.fill(app); }, [&] { disk.make_room(); });
    report("tmpfs", disk.real());
}

TEST_F(disks, B1_disk_full_at_the_start) {
    small_disk disk;
    house in(disk.path());
    moody mood(false);
    fake_vendor vendor(mood, in.vendor());
    if (!disk.real()) GTEST_SKIP() << "a limit for files is a property of a program, not of a disk";
    {
        // The spool's directories are there, but no room for a segment.
        const auto earlier = in.start(vendor.url());
        disk.fill(*earlier);
        close(*earlier, long_enough);  // or files that it has made for later stay
        EXPECT_EQ(earlier->end(), 0);
        ASSERT_TRUE(segments_of(in.spool()).empty());
        disk.fill(*earlier);
    }
    const auto app = in.start(vendor.url());
    ASSERT_TRUE(app->ready()) << app->books().last_error.data();
    app->log(many_records, 4);
    EXPECT_TRUE(app->wait_until([](const ledger& books) { return books.spool.unspooled == many_records; }));
    mood.open(true);
    disk.make_room();
    app->drain(30s);
    EXPECT_EQ(app->books().pending, 0u);
    back_on_disk(*app);
    mood.open(false);
    outlives_a_kill(in, *app, vendor, mood, as_usual);
}

TEST_F(disks, B2_others_fill_the_disk_after_allocation) {
    small_disk disk;
    house in(disk.path());
    moody mood(false);
    fake_vendor vendor(mood, in.vendor());
    const auto app = in.start(vendor.url());
    disk.fill(*app);
    app->log(few_records, 4);
    EXPECT_EQ(app->stats().spool.unspooled, 0u);
    app->kill();
    mood.open(true);
    // The disk is still full, and that hinders nobody from sending what is there.
    recover(in, vendor, house::on_their_way);
}

TEST_F(disks, B4_inodes_used_up) {
    small_disk disk;
    if (!disk.real()) GTEST_SKIP() << "an ordinary directory has too many";
    house in(disk.path());
    trouble(
        in, as_usual, [&](const program&) { disk.use_up_names(); }, [&] { disk.make_room(); });
}

TEST_F(disks, B4_quota_used_up) {
    house in;
    auto& refused = in.page().disk.allocating;
    trouble(
        in, as_usual, [&](const program&) { refused = EDQUOT; }, [&] { refused = 0; });
}

TEST_F(disks, B7_files_removed_while_it_runs) {
    house in;
    moody mood(true);
    fake_vendor vendor(mood, in.vendor());
    const auto app = in.start(vendor.url());
    app->log(few_records, 4);
    for (const auto& each : segments_of(in.spool())) fs::remove(each);
    // Goes on as if nothing had happened, and after some segments all lie in files again.
    app->log(many_records, 4);
    app->drain(30s);
    EXPECT_EQ(app->books().pending, 0u);
    EXPECT_EQ(app->books().spool.unspooled, 0u);
    mood.open(false);
    outlives_a_kill(in, *app, vendor, mood, as_usual);
}

TEST_F(disks, B8_file_cut_while_it_is_written) {
    house in;
    moody mood(false);
    fake_vendor vendor(mood, in.vendor());
    // Waits for files where it is quicker than they are made, so that the last one used is the one that is written.
    auto waits = as_usual;
    waits["overflow"] = "block";
    const auto app = in.start(vendor.url(), waits);
    app->log(many_records);
    const auto files = segments_of(in.spool());
    const auto used = std::find_if(files.rbegin(), files.rend(), [](const fs::path& each) {
        std::ifstream in_file(each, std::ios::binary);
        in_file.seekg(4096);
        return in_file.get() > 0;  // neither empty nor without the end that a file gets after its name
    });
    ASSERT_NE(used, files.rend());
    fs::resize_file(*used, 4096 + 8192);
    const int status = app->log_until_its_end(1);
    if (slowness == 1) {
        EXPECT_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGBUS);
    }

    // What lay in front of the cut is all there, and nothing is altered.
    mood.open(true);
    const auto last = in.start(vendor.url());
    last->drain(30s);
    EXPECT_EQ(last->books().pending, 0u);
    close(*last, long_enough);
    EXPECT_EQ(last->end(), 0);
    const auto gone = missing(in, vendor.book());
    constexpr std::size_t smallest_record = 100;
    EXPECT_LE(gone.size(), small_segment / smallest_record);
    if (!gone.empty()) {
        EXPECT_EQ(gone.front(), vendor.book().distinct()) << "something in front of the cut";
    }
    report("lost_behind_the_cut", gone.size());
    compare(in, vendor.book(), house::on_their_way, gone.size());
}

TEST_F(disks, B9_directory_removed_while_it_runs) {
    house in;
    trouble(
        in, as_usual,
        [&](const program&) {
            fs::remove_all(in.spool());
            std::ofstream(in.spool()).put('x');  // and something else is there in its place
        },
        [&] { fs::remove(in.spool()); });
}

TEST_F(disks, B9_directory_becomes_read_only) {
    temporary_directory place;
    house in(place.path());
    // Permissions do not keep root from anything.
    constexpr uid_t nobody = 65534;
    const bool root = ::geteuid() == 0;
    if (root) {
        ASSERT_EQ(::chown(place.path().c_str(), nobody, nobody), 0);
    }
    const auto slot = in.spool() / "slot-0000";
    trouble(
        in, root ? json{{"user", nobody}} : as_usual,
        [&](const program&) { fs::permissions(slot, fs::perms::owner_read | fs::perms::owner_exec); },
        [&] { fs::permissions(slot, fs::perms::owner_all); });
}

TEST_F(disks, B9_file_system_is_read_only_at_the_start) {
    small_disk disk;
    if (!disk.real()) GTEST_SKIP() << "a file system cannot be mounted here to be read-only";
    house in(disk.path());
    moody mood(false);
    fake_vendor vendor(mood, in.vendor());
    {
        const auto earlier = in.start(vendor.url());
        earlier->log(few_records, 4);
        earlier->kill();
    }
    disk.make_read_only(true);
    const auto app = in.start(vendor.url());
    ASSERT_TRUE(app->ready()) << app->books().last_error.data();
    EXPECT_FALSE(app->stats().spool.in_use);
    app->log(few_records, 4);
    EXPECT_TRUE(app->wait_until([](const ledger& books) { return books.spool.unspooled == few_records; }));
    disk.make_read_only(false);
    back_on_disk(*app);
    mood.open(true);
    app->drain(30s);
    // What the earlier one had left is found as well.
    EXPECT_EQ(vendor.book().distinct(), 2 * few_records);
    mood.open(false);
    outlives_a_kill(in, *app, vendor, mood, as_usual);
}

TEST_F(disks, B13_files_may_not_grow) {
    house in;
    std::unique_ptr<limit> small;
    trouble(
        in, as_usual, [&](const program& app) { small = std::make_unique<limit>(app, RLIMIT_FSIZE, 0); },
        [&] { small->lift(); });
}

// A sanitizer has no address space to spare, and needs descriptors of its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(disks, B13_no_address_space_is_left) {
    house in;
    constexpr std::size_t segment = 4 * 1024 * 1024;
    std::unique_ptr<limit> small;
    trouble(
        in, {{"segment_size", segment}},
        [&](const program& app) {
            std::ifstream statm("/proc/" + std::to_string(app.pid()) + "/statm");
            rlim_t pages = 0;
            statm >> pages;
            // Enough for what a program does, and not for a segment.
            small = std::make_unique<limit>(app, RLIMIT_AS, pages * 4096 + segment * 3 / 4);
        },
        [&] { small->lift(); }, 80'000, 0);
}

/// Processor time that a program has used.
milliseconds processor_time(const program& of) {
    std::ifstream stat("/proc/" + std::to_string(of.pid()) + "/stat");
    std::string text;
    std::getline(stat, text, ')');
    for (int field = 3; field < 14; ++field) stat >> text;
    long user = 0;
    long system = 0;
    stat >> user >> system;
    return milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

TEST_F(disks, B14_no_descriptor_is_left) {
    house in;
    std::unique_ptr<limit> small;
    const program* limited = nullptr;
    milliseconds before{0};
    trouble(
        in, as_usual,
        [&](const program& app) {
            limited = &app;
            small = std::make_unique<limit>(app, RLIMIT_NOFILE, 3);
        },
        [&] {
            // A second of it: it waits, it does not spin.
            before = processor_time(*limited);
            std::this_thread::sleep_for(1s);
            const auto used = processor_time(*limited) - before;
            report("processor_ms_in_a_second", used.count());
            EXPECT_LT(used, 500ms);
            small->lift();
        });
}
#endif

}  // namespace
}  // namespace logferry::fault
