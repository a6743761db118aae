// What a crash of the system, a failing disk or somebody's hand does to files that nobody uses. It costs the records
// that it hits and no other, nothing false is sent, and the next program works as ever.
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "spoiled_file.hpp"
#include "spool_fault.hpp"

namespace logferry::fault {
namespace {

namespace fs = std::filesystem;

class damage : public spool_fault {
protected:
    /// What a program has left that could deliver nothing.
    struct legacy {
        explicit legacy(std::uint64_t records = 2000, const json& more = as_usual) {
            const auto app = in.start(closed.url(""), more);
            app->log(records, 4);
            app->kill();
            for (const auto& each : segments_of(in.spool())) files.emplace_back(each);
            std::erase_if(files, [](const auto& each) { return each.records() == 0; });
            EXPECT_EQ(std::accumulate(files.begin(), files.end(), std::size_t{0},
                                      [](auto sum, const auto& each) { return sum + each.records(); }),
                      records);
        }
        [[nodiscard]] std::set<std::uint64_t> spared() const {
            std::set<std::uint64_t> all;
            for (const auto& each : files) each.add_spared(all);
            return all;
        }

        house in;
        support::reserved_port closed;
        /// Those with records, in their order.
        std::vector<spoiled_file> files;
    };

    /// The next program sends at least those records, `unsettled` of them twice at most, sets aside what it could not
    /// use, and does its own work.
    void send_the_rest(legacy& of, const std::set<std::uint64_t>& spared, std::uint64_t unsettled = 0,
                       const json& more = as_usual) {
        fake_vendor vendor(takes_all(), of.in.vendor(), std::move(of.closed));
        const auto next = of.in.start(vendor.url(), more);
        ASSERT_TRUE(next->ready()) << next->books().last_error.data();
        next->log(100, 2);
        next->drain(60s);
        found_ = next->books();
        EXPECT_EQ(found_.pending, 0u) << found_.last_error.data();
        EXPECT_TRUE(found_.balanced);
        close(*next, long_enough);
        // Damaged files are moved aside when they are released, which may be after the last record is settled.
        found_ = next->books();
        EXPECT_EQ(next->end(), 0);
        EXPECT_TRUE(segments_of(of.in.spool()).empty());

        const auto gone = missing(of.in, vendor.book());
        for (const auto id : gone) EXPECT_FALSE(spared.contains(id)) << id << " was hit by nothing";
        spared_ += spared.size();
        gone_ += gone.size();
        report("spared", spared_);
        report("gone", gone_);
        compare(of.in, vendor.book(), unsettled, gone.size());
    }
    [[nodiscard]] const spool_ledger& found() const noexcept { return found_.spool; }

private:
    ledger found_;
    std::uint64_t spared_ = 0;
    std::uint64_t gone_ = 0;
};

TEST_F(damage, A11_pages_that_never_reached_the_device) {
    constexpr std::size_t page = 4096;
    for (int round = 0; round < rounds(10); ++round) {
        legacy left;
        for (auto& file : left.files) {
            for (std::size_t at = 0; at < file.size(); at += page) {
                if (any(7) == 0) file.change(at, at + page, [](char) { return '\0'; });
            }
            file.save();
        }
        send_the_rest(left, left.spared());
    }
}

TEST_F(damage, A12_bytes_changed_at_random) {
    constexpr int in_each_file = 5;
    for (int round = 0; round < rounds(10); ++round) {
        legacy left;
        for (auto& file : left.files) {
            for (int change = 0; change < in_each_file; ++change) {
                const auto at = any(file.size() - 1);
                const auto flipped = static_cast<char>(1 + any(254));
                file.change(at, at + 1, [flipped](char was) { return static_cast<char>(was ^ flipped); });
            }
            file.save();
        }
        send_the_rest(left, left.spared());
    }
}

TEST_F(damage, A13_files_cut_anywhere) {
    for (int round = 0; round < rounds(10); ++round) {
        legacy left;
        for (auto& file : left.files) {
            file.cut(any(file.size()));
            file.save();
        }
        // One has nothing left, and one more than it should.
        left.files.front().cut(0);
        left.files.front().save();
        std::ofstream(left.files.back().path(), std::ios::app) << std::string(100'000, 'x');
        send_the_rest(left, left.spared());
    }
}

TEST_F(damage, A15_a_segment_is_missing) {
    legacy left;
    auto& file = left.files[left.files.size() / 2];
    fs::remove(file.path());
    file.count_as_hit(0, file.size());
    send_the_rest(left, left.spared());
    EXPECT_EQ(found().missing_segments, 1u);
}

TEST_F(damage, A15_two_segments_with_each_others_names) {
    legacy left;
    const auto& one = left.files.front().path();
    const auto& other = left.files.back().path();
    fs::rename(one, one.string() + ".aside");
    fs::rename(other, one);
    fs::rename(one.string() + ".aside", other);
    send_the_rest(left, left.spared());
    EXPECT_EQ(found().quarantined_files, 2u);
}

TEST_F(damage, A15_a_segment_that_is_there_twice) {
    legacy left;
    fs::copy(left.files.front().path(), left.files.back().path(), fs::copy_options::overwrite_existing);
    auto& lost = left.files.back();
    lost.count_as_hit(0, lost.size());
    send_the_rest(left, left.spared(), left.files.front().records());
    EXPECT_EQ(found().quarantined_files, 1u);
}

/// A program has delivered some of what it logged, and written down how far it came.
class lost_places : public spool_fault {
protected:
    void recover_after(const std::function<void(const fs::path& cursors)>& spoil) {
        house in;
        std::atomic<bool> open{false};
        fake_vendor vendor([&](const arrival& a) { return reply{.status = open || a.number < 5 ? 200 : 503}; },
                           in.vendor());
        {
            const auto app = in.start(vendor.url());
            app->log(1000, 2);
            ASSERT_TRUE(app->wait_until([&](const ledger& books) {
                return vendor.book().requests() > 5 && books.delivered == vendor.book().distinct();
            }));
            app->kill();
        }
        const auto delivered = vendor.book().distinct();
        for (const auto& each : files_of(in.spool())) {
            if (each.extension() == ".cursors") spoil(each);
        }
        open = true;
        recover(in, vendor, delivered + house::on_their_way);
    }
};

void overwrite(const fs::path& file, const std::string& with) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << with;
}

TEST_F(lost_places, A16_the_cursors_are_missing) {
    recover_after([](const fs::path& cursors) { fs::remove(cursors); });
}

TEST_F(lost_places, A16_the_cursors_are_empty_or_zero_or_noise) {
    recover_after([](const fs::path& cursors) { overwrite(cursors, ""); });
    recover_after([](const fs::path& cursors) { overwrite(cursors, std::string(fs::file_size(cursors), '\0')); });
    recover_after([this](const fs::path& cursors) {
        std::string noise(fs::file_size(cursors), '\0');
        for (char& each : noise) each = static_cast<char>(any(255));
        overwrite(cursors, noise);
    });
}

TEST_F(damage, B6_a_sector_that_cannot_be_read) {
    // What is read at once, and so what is given up for one sector.
    constexpr std::size_t slice = 256 * 1024;
    constexpr std::size_t sector = 300 * 1024;
    const json large = {{"segment_size", 1024 * 1024}};
    legacy left(2000, large);
    auto& file = left.files.front();
    struct stat is {};
    ASSERT_EQ(::stat(file.path().c_str(), &is), 0);
    auto& disk = left.in.page().disk;
    disk.inode = is.st_ino;
    disk.sector_begins = sector;
    disk.reading = EIO;
    file.count_as_hit(sector, sector + slice);
    send_the_rest(left, left.spared(), 0, large);
    // The record that reaches into the sector, and the rest.
    EXPECT_GE(found().damaged_places, 1u);
    EXPECT_LE(found().damaged_places, 2u);
    EXPECT_EQ(found().quarantined_files, 1u);
}

TEST_F(damage, B25_an_older_copy_of_the_spool_is_put_back) {
    legacy left;
    const auto copy = left.in.spool().string() + ".copy";
    fs::copy(left.in.spool(), copy, fs::copy_options::recursive);
    fake_vendor vendor(takes_all(), left.in.vendor(), std::move(left.closed));
    recover(left.in, vendor, 0);
    fs::remove_all(left.in.spool());
    fs::rename(copy, left.in.spool());
    // Everything once more, which the vendor can tell by the records' ids, and nothing else.
    recover(left.in, vendor, left.in.page().calls_that(call::returned));
}

}  // namespace
}  // namespace logferry::fault
