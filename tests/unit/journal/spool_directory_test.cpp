// Which directories are used as a spool, who gets which slot, and what becomes of files that are put aside. With real
// directories; what a test cannot make (a foreign owner, a network, errors of the device) with those in memory.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <journal/spool_directory.hpp>

#include "process_fixture.hpp"
#include "support/memory_system.hpp"

namespace logferry::journal {
namespace {

using quarantined = spool_slot::quarantined;

using call = memory_system::call;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr std::uint64_t plenty = 1 << 20;

class spool_directory_test : public testing::Test {
protected:
    spool_directory_test() : path(around.path() / "spool") {}

    std::unique_ptr<spool_directory> open_at(const std::string& where) {
        return spool_directory::open(this_system(), {where, false}, problem);
    }
    std::unique_ptr<spool_directory> open() {
        auto opened = open_at(path);
        if (!opened) throw std::runtime_error(problem.text);
        EXPECT_EQ(problem.text, "");
        return opened;
    }
    std::unique_ptr<spool_slot> take(spool_directory& from) {
        auto slot = from.take_slot(problem);
        if (!slot) throw std::runtime_error(problem.text);
        return slot;
    }
    void expect_refused(const std::string& where, const std::string& why) {
        EXPECT_FALSE(open_at(where));
        EXPECT_THAT(problem.text, AllOf(HasSubstr(why), Not(HasSubstr(around.path())), Not(HasSubstr("\n"))));
        EXPECT_FALSE(problem.passing);
    }
    [[nodiscard]] unsigned mode(const std::filesystem::path& of) const {
        struct stat is {};
        EXPECT_EQ(::lstat(of.c_str(), &is), 0);
        return is.st_mode & 07777;
    }
    static void put_file(const std::filesystem::path& where, const std::string& text) { std::ofstream(where) << text; }
    static void put_file(const spool_slot& slot, const char* name, std::size_t size = 0) {
        const int fd = slot.create(name);
        ASSERT_GE(fd, 0);
        const std::string text(size, 'x');
        EXPECT_EQ(slot.os().write_at(fd, text.data(), size, 0), static_cast<std::int64_t>(size));
        slot.os().close(fd);
    }
    static std::vector<std::string> list(const spool_slot& slot) {
        std::vector<std::string> names;
        EXPECT_EQ(slot.list(names), 0);
        return names;
    }
    static std::vector<std::string> list(const std::filesystem::path& of) {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(of)) names.push_back(entry.path().filename());
        return names;
    }

    temporary_directory around;
    const std::filesystem::path path;
    spool_problem problem;
};

// The directory
// -----------------------------------------------------------------------------------------------------------

TEST_F(spool_directory_test, is_made_private_with_all_that_it_holds) {
    const auto before = ::umask(0);
    auto slot = take(*open());
    put_file(*slot, "file");
    ::umask(before);
    EXPECT_THAT(list(path), UnorderedElementsAre("slot-0000", "quarantine"));
    EXPECT_EQ(mode(path), 0700u);
    EXPECT_EQ(mode(path / "quarantine"), 0700u);
    EXPECT_EQ(mode(path / "slot-0000"), 0700u);
    EXPECT_EQ(mode(path / "slot-0000/lock"), 0600u);
    EXPECT_EQ(mode(path / "slot-0000/file"), 0600u);
}

TEST_F(spool_directory_test, is_used_when_it_is_there_and_ours) {
    std::filesystem::create_directory(path);
    ::chmod(path.c_str(), 0755);
    EXPECT_EQ(take(*open())->number(), 0u);
    EXPECT_EQ(take(*open())->number(), 0u);
    EXPECT_EQ(mode(path), 0755u);
}

TEST_F(spool_directory_test, leaves_no_descriptor_to_an_exec_nor_behind_it) {
    const auto before = open_descriptors();
    {
        const auto opened = open();
        const auto slot = take(*opened);
        put_file(*slot, "file");
        const int file = slot->open("file");
        std::vector<int> ours;
        const auto now = open_descriptors();
        std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::back_inserter(ours));
        EXPECT_EQ(ours.size(), 5u);  // the spool, the quarantine, the slot, its lock, the file
        for (const int fd : ours) EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
        slot->os().close(file);
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(spool_directory_test, must_not_be_a_symbolic_link_however_it_is_written) {
    std::filesystem::create_directory(around.path() / "elsewhere");
    std::filesystem::create_directory_symlink(around.path() / "elsewhere", path);
    for (const auto* ending : {"", "/", "//", "/.", "/./", "/././/"}) {
        SCOPED_TRACE(ending);
        expect_refused(path.string() + ending, "symbolic link");
    }
    EXPECT_THAT(list(around.path() / "elsewhere"), IsEmpty());
    // What leads to it may be one.
    EXPECT_TRUE(open_at(path / "inside")) << problem.text;
    EXPECT_TRUE(std::filesystem::is_directory(around.path() / "elsewhere/inside/quarantine"));
}

TEST_F(spool_directory_test, must_not_be_a_symbolic_link_that_leads_nowhere) {
    std::filesystem::create_symlink("nowhere", path);
    expect_refused(path, "symbolic link");
    EXPECT_THAT(list(around.path()), ElementsAre("spool"));
}

TEST_F(spool_directory_test, may_be_written_with_slashes_at_its_end) {
    EXPECT_TRUE(open_at(path.string() + "//./")) << problem.text;
    EXPECT_TRUE(std::filesystem::is_directory(path / "quarantine"));
}

TEST_F(spool_directory_test, must_be_a_directory) {
    put_file(path, "text");
    expect_refused(path, "not a directory");
    expect_refused(path / "inside", "not a directory");
}

TEST_F(spool_directory_test, must_not_be_writable_by_others) {
    std::filesystem::create_directory(path);
    for (const mode_t bits : {0720, 0702, 0777, 01777}) {
        ::chmod(path.c_str(), bits);
        expect_refused(path, "other users may write");
    }
    EXPECT_THAT(list(path), IsEmpty());
}

TEST_F(spool_directory_test, must_not_belong_to_another_user) {
    if (::geteuid() == 0) {
        std::filesystem::create_directory(path);
        ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
        expect_refused(path, "another user");
    }
    memory_system os;
    os.put_directory("/spool");
    os.set_owned_by_us("/spool", false);
    EXPECT_FALSE(spool_directory::open(os, {"/spool", false}, problem));
    EXPECT_THAT(problem.text, HasSubstr("another user"));
    EXPECT_FALSE(problem.passing);
    EXPECT_THAT(os.names("/spool"), IsEmpty());
}

TEST_F(spool_directory_test, needs_the_directory_that_it_is_made_in) {
    expect_refused(around.path() / "missing/spool", "does not exist; make that one first");
    expect_refused("", "does not exist");
    EXPECT_THAT(list(around.path()), IsEmpty());
}

TEST_F(spool_directory_test, lies_on_another_machine_only_when_that_is_allowed) {
    memory_system os;
    os.set_network(true);
    EXPECT_FALSE(spool_directory::open(os, {"/spool", false}, problem));
    EXPECT_THAT(problem.text, HasSubstr("another machine"));
    EXPECT_FALSE(problem.passing);
    EXPECT_TRUE(spool_directory::open(os, {"/spool", true}, problem));
    EXPECT_EQ(problem.text, "");
}

TEST_F(spool_directory_test, tells_what_may_pass_from_what_is_a_mistake) {
    const auto passes = [this](int error) {
        memory_system os;
        os.fail(call::open_directory, error);
        EXPECT_FALSE(spool_directory::open(os, {"/spool", false}, problem));
        EXPECT_THAT(problem.text, HasSubstr("; ")) << "a remedy for errno " << error;
        return problem.passing;
    };
    for (const int error : {ENOSPC, EDQUOT, EROFS, EIO, EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR, ENOLCK, EMLINK, EFBIG}) {
        EXPECT_TRUE(passes(error)) << "errno " << error;
    }
    for (const int error : {ENOTDIR, ELOOP, EACCES, EPERM, ENAMETOOLONG, ENODEV, ENOSYS}) {
        EXPECT_FALSE(passes(error)) << "errno " << error;
    }
}

TEST_F(spool_directory_test, is_shared_with_whoever_makes_it_at_the_same_moment) {
    // Everything that is made is there already, made by somebody else.
    class crowded : public memory_system {
        int make_directory(int at, const char* name) noexcept override {
            const int error = memory_system::make_directory(at, name);
            return error == 0 ? -EEXIST : error;
        }
        int create_file(int at, const char* name) noexcept override {
            const int fd = memory_system::create_file(at, name);
            if (fd < 0) return fd;
            memory_system::close(fd);
            return -EEXIST;
        }
    } os;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    ASSERT_TRUE(opened) << problem.text;
    EXPECT_EQ(take(*opened)->number(), 0u);
    EXPECT_EQ(os.names("/spool/slot-0000"), std::vector<std::string>{"lock"});
}

// Slots
// -------------------------------------------------------------------------------------------------------------------

TEST_F(spool_directory_test, gives_the_first_slot_that_nobody_lives_in) {
    const auto one = open();
    const auto other = open();
    auto first = take(*one);
    const auto second = take(*other);
    const auto third = take(*one);
    EXPECT_EQ(first->number(), 0u);
    EXPECT_EQ(second->number(), 1u);
    EXPECT_EQ(third->number(), 2u);
    put_file(*first, "left");
    first.reset();
    const auto again = take(*other);
    EXPECT_EQ(again->number(), 0u);
    EXPECT_THAT(list(*again), ElementsAre("left"));
}

TEST_F(spool_directory_test, passes_slots_that_are_not_what_they_should_be) {
    const auto elsewhere = around.path() / "elsewhere";
    std::filesystem::create_directory(elsewhere);
    put_file(elsewhere / "lock", "");
    const auto opened = open();
    std::filesystem::create_directory_symlink(elsewhere, path / "slot-0000");
    put_file(path / "slot-0001", "a file");
    for (const auto* name : {"slot-0002", "slot-0003", "slot-0004", "slot-0005", "slot-0006"}) {
        std::filesystem::create_directory(path / name);
        ::chmod((path / name).c_str(), 0700);
    }
    ::chmod((path / "slot-0002").c_str(), 0770);
    std::filesystem::create_symlink(elsewhere / "lock", path / "slot-0003/lock");
    std::filesystem::create_hard_link(elsewhere / "lock", path / "slot-0004/lock");
    std::filesystem::create_directory(path / "slot-0005/lock");
    ASSERT_EQ(::mkfifo((path / "slot-0006/lock").c_str(), 0600), 0);

    for (const auto* name : {"slot-0003", "slot-0004", "slot-0005", "slot-0006"}) put_file(path / name / "left", "");
    EXPECT_FALSE(opened->adopt_orphan());
    EXPECT_EQ(take(*opened)->number(), 7u);
    EXPECT_THAT(list(elsewhere), ElementsAre("lock"));
    EXPECT_THAT(list(path / "slot-0002"), IsEmpty());
}

TEST_F(spool_directory_test, passes_slots_and_locks_of_other_users) {
    memory_system os;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    os.put_directory("/spool/slot-0000");
    os.set_owned_by_us("/spool/slot-0000", false);
    os.put_directory("/spool/slot-0001");
    os.put_file("/spool/slot-0001/lock", {});
    os.set_owned_by_us("/spool/slot-0001/lock", false);
    os.put_directory("/spool/slot-0002");
    os.put_file("/spool/slot-0002/lock", {});
    os.set_mode("/spool/slot-0002/lock", 0666);
    EXPECT_EQ(take(*opened)->number(), 3u);
    EXPECT_FALSE(os.locked("/spool/slot-0001/lock"));
    EXPECT_FALSE(os.locked("/spool/slot-0002/lock"));
}

TEST_F(spool_directory_test, does_not_live_in_a_slot_whose_lock_has_lost_its_name) {
    class meddled_with : public memory_system {
        int lock(int fd) noexcept override {
            if (!std::exchange(done_, true)) erase("/spool/slot-0000/lock");
            return memory_system::lock(fd);
        }
        bool done_ = false;
    } os;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    EXPECT_EQ(take(*opened)->number(), 1u);
    EXPECT_EQ(take(*opened)->number(), 0u);
}

TEST_F(spool_directory_test, goes_on_in_memory_of_a_directory_that_was_removed) {
    const auto opened = open();
    const auto slot = take(*opened);
    std::filesystem::remove_all(path);
    EXPECT_EQ(slot->create("file"), -ENOENT);
    EXPECT_FALSE(opened->take_slot(problem));
    EXPECT_FALSE(opened->adopt_orphan());
    EXPECT_NE(slot->quarantine("file", "damaged", plenty), quarantined::kept);
    EXPECT_EQ(take(*open())->number(), 0u);
}

TEST_F(spool_directory_test, stops_at_once_when_no_slot_can_be_made) {
    memory_system os;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    for (const auto what : {call::make_directory, call::create_file}) {
        os.fail(what, ENOSPC, UINT64_MAX);
        const auto before = os.calls();
        EXPECT_FALSE(opened->take_slot(problem));
        EXPECT_LT(os.calls() - before, 20u);
        EXPECT_TRUE(problem.passing);
        EXPECT_THAT(problem.text, HasSubstr("no room"));
        os.fail_nothing();
    }
    os.fail(call::open_directory, EMFILE, UINT64_MAX);
    const auto before = os.calls();
    EXPECT_FALSE(opened->take_slot(problem));
    EXPECT_EQ(os.calls() - before, 1u);
    EXPECT_TRUE(problem.passing);
    os.fail_nothing();
    EXPECT_EQ(take(*opened)->number(), 0u);
    EXPECT_EQ(problem.text, "");
}

TEST_F(spool_directory_test, says_when_all_slots_are_lived_in) {
    memory_system os;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    std::vector<std::unique_ptr<spool_slot>> all;
    for (unsigned number = 0; number < spool_directory::most_slots; ++number) {
        os.put_directory("/spool/" + slot_name(number));
    }
    os.fail_when([](call what, std::uint64_t) { return what == call::lock ? EWOULDBLOCK : 0; });
    EXPECT_FALSE(opened->take_slot(problem));
    EXPECT_THAT(problem.text, HasSubstr("in use"));
    EXPECT_TRUE(problem.passing);
    EXPECT_EQ(os.open_descriptors(), 2u);
}

TEST_F(spool_directory_test, opens_only_files_that_are_trusted) {
    const auto opened = open();
    const auto slot = take(*opened);
    const auto home = path / "slot-0000";
    put_file(*slot, "file", 10);
    std::filesystem::create_symlink("file", home / "link");
    std::filesystem::create_directory(home / "directory");
    put_file(*slot, "twice");
    std::filesystem::create_hard_link(home / "twice", around.path() / "second_name");
    ASSERT_EQ(::mkfifo((home / "fifo").c_str(), 0600), 0);
    const int fd = slot->open("file");
    EXPECT_GE(fd, 0);
    slot->os().close(fd);
    EXPECT_EQ(slot->open("missing"), -ENOENT);
    for (const auto* name : {"link", "directory", "twice", "fifo"}) EXPECT_EQ(slot->open(name), -EPERM) << name;
    EXPECT_EQ(slot->create("file"), -EEXIST);
    EXPECT_EQ(slot->create("link"), -EEXIST);

    memory_system os;
    const auto other = spool_directory::open(os, {"/spool", false}, problem);
    const auto in_memory = take(*other);
    put_file(*in_memory, "foreign");
    os.set_owned_by_us("/spool/slot-0000/foreign", false);
    EXPECT_EQ(in_memory->open("foreign"), -EPERM);
    os.fail(call::status, EIO);
    EXPECT_EQ(in_memory->open("foreign"), -EIO);
}

TEST_F(spool_directory_test, lists_and_removes_what_lies_in_a_slot) {
    const auto opened = open();
    const auto slot = take(*opened);
    EXPECT_THAT(list(*slot), IsEmpty());
    put_file(*slot, "one");
    put_file(*slot, "two");
    EXPECT_THAT(list(*slot), UnorderedElementsAre("one", "two"));
    EXPECT_EQ(slot->remove("one"), 0);
    EXPECT_EQ(slot->remove("one"), -ENOENT);
    EXPECT_THAT(list(*slot), ElementsAre("two"));
}

// Orphans
// -----------------------------------------------------------------------------------------------------------------

TEST_F(spool_directory_test, adopts_slots_that_hold_something_and_that_nobody_lives_in) {
    const auto opened = open();
    std::vector<std::unique_ptr<spool_slot>> slots;
    for (int i = 0; i < 5; ++i) slots.push_back(take(*opened));
    for (const int i : {1, 2, 4}) put_file(*slots[static_cast<std::size_t>(i)], "left");
    EXPECT_FALSE(opened->adopt_orphan());
    slots[0].reset();
    slots[1].reset();
    slots[4].reset();

    const auto other = open();
    auto orphan = other->adopt_orphan();
    ASSERT_TRUE(orphan);
    EXPECT_EQ(orphan->number(), 1u);
    EXPECT_THAT(list(*orphan), ElementsAre("left"));
    const auto last = opened->adopt_orphan();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->number(), 4u);
    EXPECT_FALSE(other->adopt_orphan());
    // What was looked at and found empty is free again.
    EXPECT_EQ(take(*other)->number(), 0u);

    orphan.reset();
    EXPECT_FALSE(other->adopt_orphan(2));
    orphan = other->adopt_orphan(1);
    ASSERT_TRUE(orphan);
    orphan->remove("left");
    orphan.reset();
    EXPECT_FALSE(other->adopt_orphan());
}

TEST_F(spool_directory_test, adopts_the_first_first) {
    const auto opened = open();
    std::vector<std::unique_ptr<spool_slot>> slots;
    for (int i = 0; i < 30; ++i) slots.push_back(take(*opened));
    for (const auto& slot : slots) put_file(*slot, "left");
    slots.clear();
    for (unsigned number = 0; number < 30; ++number) {
        slots.push_back(opened->adopt_orphan());
        ASSERT_TRUE(slots.back());
        EXPECT_EQ(slots.back()->number(), number);
    }
}

TEST_F(spool_directory_test, makes_no_slot_to_adopt_and_takes_no_other_name_for_one) {
    const auto opened = open();
    for (const auto* name : {"slot-4096", "slot-00001", "slot-001", "slot-abcd", "slot-000:", "Slot-0001", "other"}) {
        std::filesystem::create_directory(path / name);
        ::chmod((path / name).c_str(), 0700);
        put_file(path / name / "left", "");
    }
    const auto before = list(path).size();
    EXPECT_FALSE(opened->adopt_orphan());
    EXPECT_EQ(list(path).size(), before);
}

TEST_F(spool_directory_test, adopts_a_slot_whose_lock_was_removed) {
    const auto opened = open();
    put_file(*take(*opened), "left");
    std::filesystem::remove(path / "slot-0000/lock");
    const auto orphan = opened->adopt_orphan();
    ASSERT_TRUE(orphan);
    EXPECT_TRUE(std::filesystem::exists(path / "slot-0000/lock"));
    EXPECT_EQ(take(*opened)->number(), 1u);
}

// Processes
// ---------------------------------------------------------------------------------------------------------------

/// A pipe: what is written at one end wakes who reads at the other, and so does the end of the writers.
class signal_pipe {
public:
    signal_pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        read_ = ends[0];
        write_ = ends[1];
    }
    ~signal_pipe() {
        ::close(read_);
        close_writer();
    }
    signal_pipe(const signal_pipe&) = delete;
    signal_pipe& operator=(const signal_pipe&) = delete;

    void close_writer() {
        if (write_ >= 0) ::close(std::exchange(write_, -1));
    }
    void send(unsigned number) const { ASSERT_EQ(::write(write_, &number, sizeof number), ssize_t{sizeof number}); }
    /// Nothing when all writers are gone.
    [[nodiscard]] std::optional<unsigned> receive() const {
        unsigned number = 0;
        if (::read(read_, &number, sizeof number) != ssize_t{sizeof number}) return std::nullopt;
        return number;
    }

private:
    int read_;
    int write_;
};

constexpr unsigned no_slot = 9999;

/// Takes a slot when the gate opens, tells its number, and lives there until `end`.
void live_in_a_slot(const std::string& path, signal_pipe& gate, const signal_pipe& taken, signal_pipe& end) {
    gate.close_writer();
    end.close_writer();
    EXPECT_FALSE(gate.receive());
    spool_problem problem;
    const auto opened = spool_directory::open(this_system(), {path, false}, problem);
    const auto slot = opened ? opened->take_slot(problem) : nullptr;
    EXPECT_TRUE(slot) << problem.text;
    taken.send(slot ? slot->number() : no_slot);
    EXPECT_FALSE(end.receive());
}

TEST_F(spool_directory_test, gives_two_hundred_processes_a_slot_each_and_the_slots_of_the_dead_to_others) {
    constexpr std::size_t processes = 200;
    signal_pipe gate;
    signal_pipe taken;
    signal_pipe end;
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < processes; ++i) {
        children.push_back(start_child([&] { live_in_a_slot(path, gate, taken, end); }));
    }
    gate.close_writer();
    std::set<unsigned> numbers;
    for (std::size_t i = 0; i < processes; ++i) numbers.insert(taken.receive().value_or(no_slot));
    // Each its own, and none left out.
    EXPECT_EQ(numbers.size(), processes);
    EXPECT_EQ(*numbers.rbegin(), processes - 1);

    const auto opened = open();
    EXPECT_EQ(take(*opened)->number(), processes);
    for (std::size_t i = 0; i < processes / 2; ++i) {
        ::kill(children[i], SIGKILL);
        EXPECT_EQ(::waitpid(children[i], nullptr, 0), children[i]);
    }
    std::vector<std::unique_ptr<spool_slot>> freed;
    for (std::size_t i = 0; i < processes / 2; ++i) freed.push_back(take(*opened));
    for (const auto& slot : freed) EXPECT_LT(slot->number(), processes);
    EXPECT_EQ(take(*opened)->number(), processes);

    end.close_writer();
    for (std::size_t i = processes / 2; i < processes; ++i) expect_success(children[i]);
}

/// A process takes a slot and forks. Whether its child, which `forgets` the slot or does not, keeps it locked after the
/// process was killed.
bool child_keeps_the_slot(const std::string& path, bool forgets) {
    signal_pipe end;
    signal_pipe ready;
    const auto parent = start_child([&] {
        end.close_writer();
        spool_problem problem;
        const auto opened = spool_directory::open(this_system(), {path, false}, problem);
        const auto slot = opened->take_slot(problem);
        const auto child = start_child([&] {
            if (forgets) {
                slot->forget();
                opened->forget();
            }
            ready.send(slot->number());
            EXPECT_FALSE(end.receive());
        });
        EXPECT_GT(child, 0);
        ::pause();
    });
    EXPECT_EQ(ready.receive(), 0u);
    spool_problem problem;
    const auto opened = spool_directory::open(this_system(), {path, false}, problem);
    EXPECT_EQ(opened->take_slot(problem)->number(), 1u) << "the parent's lock is not released by the child";
    ::kill(parent, SIGKILL);
    EXPECT_EQ(::waitpid(parent, nullptr, 0), parent);
    return opened->take_slot(problem)->number() != 0;
}

TEST_F(spool_directory_test, is_not_kept_by_a_forked_child_that_forgets_it) {
    EXPECT_FALSE(child_keeps_the_slot(path, true));
    // It is this that `forget` is for.
    EXPECT_TRUE(child_keeps_the_slot(path, false));
}

TEST_F(spool_directory_test, is_of_no_use_and_harmless_after_it_was_forgotten) {
    const auto before = open_descriptors();
    const auto opened = open();
    const auto slot = take(*opened);
    slot->forget();
    opened->forget();
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_EQ(slot->create("file"), -EBADF);
    EXPECT_EQ(slot->open("file"), -EBADF);
    EXPECT_NE(slot->quarantine("file", "damaged", plenty), quarantined::kept);
    EXPECT_FALSE(opened->take_slot(problem));
    EXPECT_FALSE(opened->adopt_orphan());
    slot->forget();
}

// Quarantine
// --------------------------------------------------------------------------------------------------------------

TEST_F(spool_directory_test, keeps_damaged_files_under_new_names) {
    const auto opened = open();
    const auto first = take(*opened);
    const auto slot = take(*opened);
    const auto name = slot_name(slot->number());
    for (int i = 0; i < 3; ++i) {
        put_file(*slot, "file", static_cast<std::size_t>(100 + i));
        EXPECT_EQ(slot->quarantine("file", "damaged-head", plenty), quarantined::kept);
        EXPECT_THAT(list(*slot), IsEmpty());
    }
    put_file(*slot, "file", 100);
    EXPECT_EQ(slot->quarantine("file", "wrong-name", plenty), quarantined::kept);
    EXPECT_THAT(list(path / "quarantine"),
                UnorderedElementsAre(name + "-file.damaged-head", name + "-file.damaged-head-2",
                                     name + "-file.damaged-head-3", name + "-file.wrong-name"));
    EXPECT_EQ(std::filesystem::file_size(path / "quarantine" / (name + "-file.damaged-head")), 100u);
    EXPECT_EQ(std::filesystem::file_size(path / "quarantine" / (name + "-file.damaged-head-3")), 102u);
}

TEST_F(spool_directory_test, removes_damaged_files_when_the_quarantine_has_no_room_for_them) {
    const auto opened = open();
    const auto slot = take(*opened);
    const auto put_aside = [&](std::size_t size, std::uint64_t most) {
        put_file(*slot, "file", size);
        const bool kept = slot->quarantine("file", "damaged", most) == quarantined::kept;
        EXPECT_THAT(list(*slot), IsEmpty());
        return kept;
    };
    EXPECT_FALSE(put_aside(10'001, 10'000));
    EXPECT_FALSE(put_aside(0, 0));
    EXPECT_TRUE(put_aside(10'000, 10'000));
    EXPECT_TRUE(put_aside(20'000, 30'000));
    EXPECT_FALSE(put_aside(5'000, 34'999));
    EXPECT_TRUE(put_aside(5'000, 35'000));
    EXPECT_EQ(list(path / "quarantine").size(), 3u);
}

TEST_F(spool_directory_test, bounds_the_number_of_small_files_in_quarantine) {
    const auto opened = open();
    const auto slot = take(*opened);
    int kept = 0;
    for (int i = 0; i < 100; ++i) {
        put_file(*slot, "file", 1);
        kept += slot->quarantine("file", "damaged", 100'000) == quarantined::kept ? 1 : 0;
    }
    EXPECT_EQ(kept, 24);  // of 4 KiB at least, each
}

TEST_F(spool_directory_test, does_not_look_at_every_file_of_a_quarantine_that_is_full_of_small_ones) {
    memory_system os;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    const auto slot = take(*opened);
    for (int i = 0; i < 1000; ++i) os.put_file("/spool/quarantine/" + std::to_string(i), {});
    put_file(*slot, "file");
    const auto before = os.calls();
    EXPECT_NE(slot->quarantine("file", "damaged", 1000 * 4096), quarantined::kept);
    EXPECT_LT(os.calls() - before, 10u);
}

TEST_F(spool_directory_test, works_without_a_quarantine) {
    const auto try_without = [this](const std::string& what) {
        SCOPED_TRACE(what);
        const auto opened = open();
        const auto slot = take(*opened);
        put_file(*slot, "file", 100);
        EXPECT_NE(slot->quarantine("file", "damaged", plenty), quarantined::kept);
        EXPECT_THAT(list(*slot), IsEmpty());
    };
    const auto elsewhere = around.path() / "elsewhere";
    std::filesystem::create_directory(elsewhere);
    std::filesystem::create_directory(path);
    put_file(path / "quarantine", "text");
    try_without("a file in its place");
    std::filesystem::remove(path / "quarantine");
    std::filesystem::create_directory_symlink(elsewhere, path / "quarantine");
    try_without("a symbolic link in its place");
    EXPECT_THAT(list(elsewhere), IsEmpty());
    std::filesystem::remove(path / "quarantine");
    std::filesystem::create_directory(path / "quarantine");
    ::chmod((path / "quarantine").c_str(), 0777);
    try_without("writable by others");
    EXPECT_THAT(list(path / "quarantine"), IsEmpty());
}

// Faults
// ------------------------------------------------------------------------------------------------------------------

/// All that a spool does, whatever each step says.
void use_a_spool(memory_system& os) {
    spool_problem problem;
    const auto opened = spool_directory::open(os, {"/spool", false}, problem);
    EXPECT_EQ(opened == nullptr, !problem.text.empty());
    if (!opened) return;
    const auto slot = opened->take_slot(problem);
    EXPECT_EQ(slot == nullptr, !problem.text.empty());
    if (slot) {
        const int fd = slot->create("file");
        if (fd >= 0) os.close(fd);
        slot->quarantine("file", "damaged", plenty);
    }
    const auto orphan = opened->adopt_orphan();
    EXPECT_TRUE(!slot || !orphan || slot->number() != orphan->number());
}

void put_an_orphan(memory_system& os) {
    for (const auto* path : {"/spool", "/spool/slot-0000", "/spool/slot-0001"}) os.put_directory(path);
    os.put_file("/spool/slot-0001/left", {});
}

TEST_F(spool_directory_test, survives_a_failure_of_any_call) {
    memory_system unharmed;
    put_an_orphan(unharmed);
    use_a_spool(unharmed);
    const auto calls = unharmed.calls();
    EXPECT_GT(calls, 20u);
    for (const int error : {EIO, ENOSPC, EMFILE, EACCES, ENOENT}) {
        for (std::uint64_t nth = 1; nth <= calls; ++nth) {
            SCOPED_TRACE("errno " + std::to_string(error) + " by call " + std::to_string(nth));
            memory_system os;
            put_an_orphan(os);
            os.fail_nth(nth, error);
            use_a_spool(os);
            EXPECT_EQ(os.open_descriptors(), 0u);
            EXPECT_TRUE(os.exists("/spool/slot-0001/left"));
        }
    }
}

}  // namespace
}  // namespace logferry::journal
