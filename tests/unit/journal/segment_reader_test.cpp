// One segment file: whatever has happened to it, every record that is whole is found, nothing else is taken for one,
// and what is passed is said.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <journal/segment_reader.hpp>

#include "recovery_fixture.hpp"

namespace logferry::journal {
namespace {

using found = segment_reader::found;
using opened = segment_reader::opened;

class segment_reader_test : public recovery_test {
protected:
    segment_reader_test() {
        spool_problem problem;
        spool = spool_directory::open(os, {"/spool", false}, problem);
        slot = spool->take_slot(problem);
    }

    /// What reading a file comes to, in words, records in angle brackets; what cannot be read is passed at once.
    std::string story(segment_reader& of) {
        std::string told;
        at.clear();
        for (std::size_t steps = 0; steps < 100'000; ++steps) {
            const auto what = of.next();
            if (what == found::end) return told;
            if (what == found::more) continue;
            if (!told.empty()) told += ' ';
            if (what == found::record) {
                const std::string text(reinterpret_cast<const char*>(of.data().data()), of.data().size());
                told += '<' + text + '>';
                at.emplace(of.found_at(), text);
            }
            if (what == found::corrupt) told += "corrupt";
            if (what == found::unfinished) told += "unfinished";
            if (what == found::damage) told += "damage";
            if (what == found::unreadable) {
                told += "unreadable";
                of.pass_unreadable();
            }
        }
        return told + " and no end";
    }
    std::string story() {
        segment_reader reader(largest);
        if (reader.open(*slot, "file") != opened::good) return "not open";
        return story(reader);
    }
    std::string story_of(const spool_writer::bytes& file) {
        os.put_file(path("file"), file);
        return story();
    }
    opened opening(const spool_writer::bytes& file) {
        os.put_file(path("file"), file);
        segment_reader reader(largest);
        const auto state = reader.open(*slot, "file");
        EXPECT_EQ(reader.is_open(), state == opened::good);
        return state;
    }

    std::unique_ptr<spool_directory> spool;
    std::unique_ptr<spool_slot> slot;
    std::size_t largest = 256 * 1024 * 1024;
    // Records of the last story, by offset.
    std::map<std::uint64_t, std::string> at;
};

spool_writer::segment with(std::initializer_list<std::string_view> records) {
    spool_writer::segment made(1, 0);
    for (const auto text : records) made.record(text);
    return made;
}

// Files that are as their process left them --------------------------------------------------------------------------

TEST_F(segment_reader_test, gives_the_records_in_order) {
    EXPECT_EQ(story_of(with({"one", "", "three"}).file()), "<one> <> <three>");
}

TEST_F(segment_reader_test, finds_nothing_in_a_spare) { EXPECT_EQ(story_of(with({}).file()), ""); }

TEST_F(segment_reader_test, finds_a_record_in_the_very_last_place) {
    spool_writer::segment full(1, 0, 4096);
    full.record("first");
    const std::string rest(full.room() - 16, 'r');
    full.record(rest);
    EXPECT_EQ(story_of(full.file()), "<first> <" + rest + ">");
}

TEST_F(segment_reader_test, skips_holes_of_every_kind) {
    spool_writer::segment holes(1, 0);
    holes.unclaimed(100);
    holes.record("one");
    holes.unfinished(100, "half of what was to be writ");
    holes.record("two");
    holes.padding(300);
    holes.record("three");
    holes.unclaimed(9'000);
    holes.unfinished(1);
    holes.record("four");
    holes.unfinished(200);
    EXPECT_EQ(story_of(holes.file()), "<one> unfinished <two> <three> unfinished <four> unfinished");
}

TEST_F(segment_reader_test, reads_slices_and_records_that_are_larger) {
    spool_writer::segment large(1, 0, 4 * 1024 * 1024);
    std::string expected;
    std::mt19937 chance(1);
    for (const std::size_t length : {100'000u, 300'000u, 16u, 262'128u, 262'144u, 1'000'000u, 5u, 700'000u}) {
        std::string text(length, ' ');
        for (auto& c : text) c = static_cast<char>('a' + chance() % 26);
        large.record(text);
        expected += (expected.empty() ? "<" : " <") + text + ">";
    }
    EXPECT_TRUE(story_of(large.file()) == expected);
}

TEST_F(segment_reader_test, reads_on_where_the_system_gives_little_at_a_time) {
    os.set_most_at_once(7);
    EXPECT_EQ(story_of(with({"one", "two", "three"}).file()), "<one> <two> <three>");
}

TEST_F(segment_reader_test, reads_one_record_once_more_without_losing_its_place) {
    auto file = with({"one", "two"});
    file.unfinished(10);
    const auto third = file.record("three");
    os.put_file(path("file"), file.file());
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    ASSERT_EQ(reader.next(), found::record);
    ASSERT_TRUE(reader.read(third));
    EXPECT_EQ(reader.data().size(), 5u);
    ASSERT_TRUE(reader.read(0));
    EXPECT_EQ(reader.data().size(), 3u);
    EXPECT_FALSE(reader.read(16)) << "there is none";
    EXPECT_FALSE(reader.read(third - 32)) << "unfinished";
    EXPECT_FALSE(reader.read(64 * 1024)) << "behind the end";
    EXPECT_EQ(story(reader), "<two> unfinished <three>");
}

TEST_F(segment_reader_test, finds_the_last_thing_once_more_when_asked) {
    os.put_file(path("file"), with({"one", "two"}).file());
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    ASSERT_EQ(reader.next(), found::record);
    reader.go_back();
    EXPECT_EQ(story(reader), "<one> <two>");
}

// Heads --------------------------------------------------------------------------------------------------------------

TEST_F(segment_reader_test, tells_blank_newer_and_damaged_files_apart) {
    EXPECT_EQ(opening({}), opened::blank);
    EXPECT_EQ(opening(spool_writer::bytes(1)), opened::blank);
    EXPECT_EQ(opening(spool_writer::bytes(4096)), opened::blank);
    EXPECT_EQ(opening(spool_writer::bytes(4096 + 64 * 1024)), opened::blank);

    auto lost = with({"a record"}).file();
    std::fill_n(lost.begin(), 4096, std::byte{0});
    EXPECT_EQ(opening(lost), opened::damaged) << "blank, but something was written behind it";

    spool_writer::bytes far(4096 + 64 * 1024);
    far[60'000] = std::byte{1};
    EXPECT_EQ(opening(far), opened::damaged) << "however far behind";

    auto later = with({});
    later.version = 2;
    EXPECT_EQ(opening(later.file()), opened::newer);
    EXPECT_EQ(opening(spool_writer::bytes(70'000, std::byte{0x5a})), opened::damaged);
}

TEST_F(segment_reader_test, says_why_it_cannot_open) {
    segment_reader reader(largest);
    EXPECT_EQ(reader.open(*slot, "nothing"), opened::failed);
    EXPECT_EQ(reader.error(), ENOENT);
    os.put_file(path("file"), with({}).file());
    os.fail(memory_system::call::read_at, EIO);
    EXPECT_EQ(reader.open(*slot, "file"), opened::failed);
    EXPECT_EQ(reader.error(), EIO);
    EXPECT_FALSE(reader.is_open());
}

// Damage -------------------------------------------------------------------------------------------------------------

TEST_F(segment_reader_test, passes_a_record_whose_bytes_are_damaged) {
    auto file = with({"one", "two", "three"}).file();
    file[4096 + 32 + 16] ^= std::byte{1};
    EXPECT_EQ(story_of(file), "<one> corrupt <three>");
}

TEST_F(segment_reader_test, searches_on_where_a_head_is_damaged) {
    for (std::size_t bit = 0; bit < 64; ++bit) {
        auto file = with({"one", "two", "three"}).file();
        file[4096 + 32 + bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
        const auto told = story_of(file);
        const bool state_bit = bit >= 29 && bit < 32;  // the length is proven all the same
        EXPECT_EQ(told, state_bit ? "<one> corrupt <three>" : "<one> damage <three>") << "bit " << bit;
    }
}

TEST_F(segment_reader_test, finds_the_next_record_behind_damage_of_any_length) {
    for (std::size_t damaged = 16; damaged < 20'000; damaged += 16 * 77) {
        spool_writer::segment file(1, 0);
        file.record("one");
        const auto first = file.end();
        file.record(std::string(damaged, 'x'));
        file.unfinished(40, "not this one");
        file.record("two");
        auto bytes = file.file();
        std::fill_n(bytes.begin() + 4096 + static_cast<std::ptrdiff_t>(first), damaged, std::byte{0xee});
        ASSERT_EQ(story_of(bytes), "<one> damage <two>") << damaged;
    }
}

TEST_F(segment_reader_test, believes_no_length_over_the_largest) {
    largest = 100;
    EXPECT_EQ(story_of(with({"one", std::string(101, 'x'), "two", std::string(100, 'y')}).file()),
              "<one> damage <two> <" + std::string(100, 'y') + ">");
}

TEST_F(segment_reader_test, takes_no_record_that_was_forged_inside_another) {
    // Somebody logs texts that look like records, made with every salt but the right one, for the very place where
    // they will lie, and then the head in front of them is damaged.
    spool_writer::segment outer(1, 0);
    outer.salt = 0xdeadbeef'12345678;
    std::string forgeries(32'000, ' ');
    const auto place = outer.end() + 16;
    for (std::size_t i = 0; i < forgeries.size() / 32; ++i) {
        spool_writer::segment forger(1, 0);
        forger.salt = i < 64 ? outer.salt ^ (std::uint64_t{1} << i) : i;
        for (std::size_t offset = 0; offset < place + 32 * i; offset += 16) forger.unclaimed(0);
        const auto at_offset = forger.record("forged!");
        const auto bytes = forger.file();
        for (std::size_t b = 0; b < 32; ++b) forgeries[32 * i + b] = static_cast<char>(bytes[4096 + at_offset + b]);
    }
    outer.record(forgeries);
    outer.record("honest");
    EXPECT_EQ(story_of(outer.file()), '<' + forgeries + "> <honest>");

    for (const std::size_t damaged_at : {0u, 4u, 7u}) {
        auto bytes = outer.file();
        bytes[4096 + damaged_at] ^= std::byte{0x10};
        EXPECT_EQ(story_of(bytes), "damage <honest>");
    }
    auto bytes = outer.file();
    bytes[4096 + 12'345] ^= std::byte{0x10};
    EXPECT_EQ(story_of(bytes), "corrupt <honest>");
}

TEST_F(segment_reader_test, takes_no_record_that_lies_at_another_place) {
    auto file = with({"one", "two", "three"}).file();
    // What was at one place lies at another too: a page that was written twice.
    std::copy_n(file.begin() + 4096, 96, file.begin() + 4096 + 320);
    EXPECT_EQ(story_of(file), "<one> <two> <three> damage");
}

/// A file with all that a crashed process leaves, and what is in it, by offset.
struct sample {
    spool_writer::segment file{1, 0, 16 * 1024};
    std::map<std::uint64_t, std::string> records;

    explicit sample(unsigned seed) {
        std::mt19937 chance(seed);
        for (int i = 0; file.room() > 1'000 && i < 60; ++i) {
            const auto length = chance() % 400;
            std::string text(length, ' ');
            for (auto& c : text) c = static_cast<char>(chance());
            switch (chance() % 8) {
                case 0:
                    file.unclaimed(length);
                    break;
                case 1:
                    file.unfinished(length, text);
                    break;
                case 2:
                    file.padding(length);
                    break;
                default:
                    records.emplace(file.record(text), text);
            }
        }
    }
};

TEST_F(segment_reader_test, loses_nothing_to_a_flipped_bit_but_what_it_hit) {
    std::mt19937 chance(7);
    for (int flip = 0; flip < 10'000; ++flip) {
        static std::unique_ptr<sample> of;
        if (flip % 100 == 0) of = std::make_unique<sample>(static_cast<unsigned>(flip));
        auto bytes = of->file.file();
        const auto where = 4096 + chance() % (bytes.size() - 4096);
        bytes[where] ^= static_cast<std::byte>(1u << chance() % 8);
        const auto told = story_of(bytes);
        ASSERT_EQ(told.find("no end"), std::string::npos);
        for (const auto& [offset, text] : at) {
            const auto written = of->records.find(offset);
            ASSERT_TRUE(written != of->records.end() && written->second == text) << "a false record, flip " << flip;
        }
        for (const auto& [offset, text] : of->records) {
            const auto begin = 4096 + offset;
            const bool hit = where >= begin && where < begin + spool_writer::segment::stride(text.size());
            ASSERT_TRUE(hit || at.contains(offset)) << "a record was lost to flip " << flip;
            // What was hit is given whole all the same, or it is said that something is not.
            if (hit && !at.contains(offset)) {
                ASSERT_TRUE(told.find("corrupt") != std::string::npos || told.find("damage") != std::string::npos);
            }
        }
    }
}

TEST_F(segment_reader_test, gives_all_in_front_of_a_cut_at_every_byte) {
    const sample of(3);
    const auto whole = of.file.file();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // Every byte of the head's used part and around each record's head; elsewhere some.
        if (size > 64 && size < 4096 && size % 97 != 0) continue;
        os.put_file(path("file"), whole);
        os.resize(path("file"), size);
        const auto told = story();
        if (size < 64) {
            ASSERT_EQ(told, "not open") << size;
            continue;
        }
        ASSERT_TRUE(told.ends_with("damage")) << size << ": " << told.size();
        std::size_t expected = 0;
        for (const auto& [offset, text] : of.records) expected += 4096 + offset + 16 + text.size() <= size;
        ASSERT_EQ(at.size(), expected) << size;
        for (const auto& [offset, text] : at) ASSERT_EQ(of.records.at(offset), text);
    }
}

TEST_F(segment_reader_test, ignores_what_was_put_behind_the_end) {
    const sample of(3);
    auto bytes = of.file.file();
    const auto before = story_of(bytes);
    std::mt19937 chance(1);
    for (const std::size_t more : {1u, 15u, 16u, 4096u, 100'001u}) {
        bytes.resize(of.file.file().size());
        for (std::size_t i = 0; i < more; ++i) bytes.push_back(static_cast<std::byte>(chance()));
        EXPECT_TRUE(story_of(bytes) == before);
    }
}

TEST_F(segment_reader_test, gets_through_noise) {
    std::mt19937 chance(1);
    for (int round = 0; round < 50; ++round) {
        auto bytes = with({}).file();
        for (std::size_t i = 4096; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(chance());
        EXPECT_EQ(story_of(bytes), "damage");
    }
}

// Whoever knows the salt can put the head of a large record at every place, each to be checked.
TEST_F(segment_reader_test, one_call_does_not_take_long_whatever_the_file_is) {
    constexpr std::size_t size = 256 * 1024;
    auto file = spool_writer::segment(1, 0, size).file();
    for (std::size_t place = 16; place + 32 < size; place += 16) {
        spool_writer::segment one(1, 0, size);
        const auto length = static_cast<std::uint32_t>(size - place - 32);
        const auto state = state_word(guard_of(one.salt, place, length), length | committed);
        std::memcpy(file.data() + 4096 + place, &state, sizeof state);
    }
    file[4096] = std::byte{1};  // damage, behind which it searches
    os.put_file(path("file"), file);
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    std::size_t calls = 0;
    for (auto what = found::more; what != found::end; ++calls) {
        const auto before = reader.effort();
        what = reader.next();
        ASSERT_LE(reader.effort() - before, 9u * 1024 * 1024);
    }
    EXPECT_GT(calls, 100u);
}

// Bytes that cannot be read ------------------------------------------------------------------------------------------

TEST_F(segment_reader_test, goes_on_when_a_read_that_failed_succeeds) {
    os.put_file(path("file"), with({"one", "two"}).file());
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    os.fail(memory_system::call::read_at, EIO, 2);
    EXPECT_EQ(reader.next(), found::unreadable);
    EXPECT_EQ(reader.error(), EIO);
    EXPECT_EQ(reader.next(), found::unreadable);
    EXPECT_EQ(story(reader), "<one> <two>");
}

TEST_F(segment_reader_test, passes_a_slice_that_cannot_be_read_and_finds_what_is_behind_it) {
    spool_writer::segment large(1, 0, 1024 * 1024);
    std::size_t behind = 0;
    for (std::size_t i = 0; large.room() > 2'000; ++i) {
        behind += large.end() >= segment_reader::slice;
        large.record(std::string(1'000, static_cast<char>('a' + i % 26)));
    }
    os.put_file(path("file"), large.file());
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    os.fail(memory_system::call::read_at, EIO);
    const auto told = story(reader);
    EXPECT_TRUE(told.starts_with("unreadable <"));
    EXPECT_EQ(at.size(), behind);
}

TEST_F(segment_reader_test, passes_just_a_record_whose_head_could_be_read) {
    spool_writer::segment large(1, 0, 1024 * 1024);
    large.record(std::string(segment_reader::slice - 64, 'a'));
    large.record(std::string(600'000, 'b'));
    large.record("behind");
    os.put_file(path("file"), large.file());
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    ASSERT_EQ(reader.next(), found::record);
    os.set_most_at_once(100'000);
    const auto begin = os.calls();
    os.fail_when([begin](auto, std::uint64_t nth) { return nth == begin + 3 ? EIO : 0; });
    EXPECT_EQ(story(reader), "unreadable <behind>");
}

TEST_F(segment_reader_test, reads_on_after_it_gave_its_memory_back) {
    os.put_file(path("file"), with({"one", "two"}).file());
    segment_reader reader(largest);
    ASSERT_EQ(reader.open(*slot, "file"), opened::good);
    ASSERT_EQ(reader.next(), found::record);
    reader.release();
    EXPECT_EQ(story(reader), "<two>");
}

}  // namespace
}  // namespace logferry::journal
