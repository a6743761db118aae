// Where a spool may lie: in a directory of this user's own that nobody else can write to, and nowhere else.
#include <unistd.h>

#include <fstream>
#include <string>

#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

namespace fs = std::filesystem;

constexpr uid_t nobody = 65534;
class places : public spool_fault {
protected:
    /// The program does not open it, says what is wrong, and puts nothing there.
    void expect_refused(const fs::path& spool, const std::string& because) {
        fake_vendor vendor(takes_all());
        program app{{"url", vendor.url()}, {"spool", spool.string()}};
        EXPECT_FALSE(app.ready());
        const std::string said = app.books().last_error.data();
        EXPECT_NE(said.find("buffer.spool"), said.npos) << said;
        EXPECT_NE(said.find(because), said.npos) << said;
        audit_dead(app, vendor.book());
        EXPECT_TRUE(!fs::is_directory(spool) || fs::is_empty(spool));
    }
};

TEST_F(places, B16_a_place_that_cannot_be_trusted_is_refused) {
    temporary_directory place;
    const auto in_it = [&](const char* name) { return place.path() / name; };

    expect_refused(in_it("missing") / "spool", "does not exist");
    std::ofstream(in_it("file")).put('x');
    expect_refused(in_it("file"), "not a directory");
    fs::create_directory(in_it("target"));
    fs::create_directory_symlink(in_it("target"), in_it("link"));
    expect_refused(in_it("link"), "symbolic link");
    expect_refused(in_it("link") / "", "symbolic link");
    fs::create_directory(in_it("shared"));
    fs::permissions(in_it("shared"), fs::perms::all);
    expect_refused(in_it("shared"), "other users may write to it");
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    fs::create_directory(in_it("theirs"));
    ASSERT_EQ(::chown(in_it("theirs").c_str(), nobody, nobody), 0);
    expect_refused(in_it("theirs"), "belongs to another user");
}

TEST_F(places, B16_slots_of_somebody_else_are_passed) {
    temporary_directory place;
    house in(place.path());
    fs::create_directory(in.spool());
    fs::create_directory(place.path() / "target");
    fs::create_directory_symlink(place.path() / "target", in.spool() / "slot-0000");
    fs::create_directory(in.spool() / "slot-0001");
    fs::permissions(in.spool() / "slot-0001", fs::perms::all);
    fs::create_directory(in.spool() / "slot-0002");
    fs::create_symlink(place.path() / "elsewhere", in.spool() / "slot-0002" / "lock");

    support::reserved_port closed;
    {
        const auto app = in.start(closed.url(""));
        ASSERT_TRUE(app->ready()) << app->books().last_error.data();
        app->log(500, 2);
        EXPECT_EQ(app->stats().spool.unspooled, 0u);
        app->kill();
    }
    for (const auto& each : segments_of(in.spool())) EXPECT_EQ(each.parent_path().filename(), "slot-0003");
    EXPECT_TRUE(fs::is_empty(place.path() / "target"));
    EXPECT_FALSE(fs::exists(place.path() / "elsewhere"));
    fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
    recover(in, vendor, house::on_their_way);
}

TEST_F(places, B16_segments_that_are_links_are_left_alone) {
    house in;
    support::reserved_port closed;
    {
        const auto app = in.start(closed.url(""));
        app->log(500, 2);
        app->kill();
    }
    // Not a file of ours: what it leads to is not read, sent or removed.
    const auto somebodys = in.spool().parent_path() / "somebodys";
    std::ofstream(somebodys) << std::string(100'000, 's');
    const auto first = segments_of(in.spool()).front();
    const auto created = first.filename().string().substr(0, 16);
    const auto link = first.parent_path() / (created + "-00000000ffffffff.segment");
    fs::create_symlink(somebodys, link);
    fake_vendor vendor(takes_all(), in.vendor(), std::move(closed));
    const auto next = in.start(vendor.url());
    next->drain(60s);
    EXPECT_EQ(next->books().pending, 0u);
    close(*next, long_enough);
    EXPECT_EQ(next->end(), 0);
    compare(in, vendor.book(), house::on_their_way);
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(fs::file_size(somebodys), 100'000u);
}

}  // namespace
}  // namespace logferry::fault
