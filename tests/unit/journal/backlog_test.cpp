// What earlier processes left: it is delivered to each destination, in order, whatever has happened to the files, and
// then the files are gone.
#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "recovery_fixture.hpp"

namespace logferry::journal {
namespace {

using spool_writer::cursors;
using spool_writer::segment;
using call = memory_system::call;

class backlog_test : public recovery_test {
protected:
    /// A segment with records whose texts say where they are: "3.0", "3.1", ...
    static segment numbered(std::uint64_t created, std::uint64_t number, std::size_t records = 3) {
        segment made(created, number);
        for (std::size_t i = 0; i < records; ++i) made.record(label(number, i));
        return made;
    }
    static std::string label(std::uint64_t number, std::size_t record) {
        return std::to_string(number) + "." + std::to_string(record);
    }
    static texts labels(std::initializer_list<std::uint64_t> numbers, std::size_t records = 3) {
        texts all;
        for (const auto number : numbers) {
            for (std::size_t i = 0; i < records; ++i) all.push_back(label(number, i));
        }
        return all;
    }
    /// Of the i-th record of a `numbered` segment.
    static position at(std::uint64_t number, std::size_t record) { return number * 64 * 1024 + record * 32; }

    /// The next record, which stays unsettled.
    static entry take(backlog& from, std::size_t destination = 0) {
        entry e;
        std::uint64_t journal_id = 0;
        EXPECT_TRUE(from.cursor(destination).next(e, journal_id));
        return e;
    }
    static std::string take_text(backlog& from, std::size_t destination = 0) {
        return text_of(take(from, destination));
    }
};

// What is there ------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, an_empty_slot_is_finished_at_once) {
    const auto process = live();
    EXPECT_TRUE(process->old->cursor(0).finished());
    EXPECT_FALSE(process->old->cursor(0).readable());
    EXPECT_TRUE(read_all(*process->old).empty());
    EXPECT_EQ(process->old->take_news(), "");
    EXPECT_FALSE(process->old->give_up_oldest());
}

TEST_F(backlog_test, gives_all_records_in_order_and_leaves_nothing) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    const auto process = live();
    EXPECT_EQ(process->old->counts().segments, 3u);
    EXPECT_EQ(process->old->counts().journals, 1u);
    EXPECT_EQ(process->old->own_segments(), 3u);
    EXPECT_EQ(process->old->take_news(), "3 segment files of earlier processes were found");
    EXPECT_EQ(read_all(*process->old), labels({0, 1, 2}));
    EXPECT_EQ(left(), texts{});
    EXPECT_EQ(process->old->own_segments(), 0u);
    EXPECT_EQ(process->old->counts().segments, 0u);
    EXPECT_EQ(process->old->counts().journals, 0u);
    EXPECT_EQ(process->old->cursor(0).recovered(), 9u);
    EXPECT_EQ(process->old->take_news(), "");
}

TEST_F(backlog_test, keeps_the_ids_that_the_records_were_written_with) {
    auto file = numbered(1, 5);
    file.journal_id = 0xabcdef;
    put(file);
    const auto process = live();
    entry e;
    for (std::size_t i = 0; i < 3; ++i) {
        std::uint64_t journal_id = 0;
        ASSERT_TRUE(process->old->cursor(0).next(e, journal_id));
        EXPECT_EQ(journal_id, 0xabcdefu);
        EXPECT_EQ(e.at, at(5, i));
    }
}

TEST_F(backlog_test, reads_the_oldest_journal_first) {
    put(numbered(0x20, 7));
    put(numbered(0x100, 3));
    put(numbered(0x3, 9));
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({9, 7, 3}));
}

TEST_F(backlog_test, drops_what_was_never_used_before_anybody_comes_to_it) {
    put(numbered(1, 0));
    put(segment(1, 1));
    put(segment(1, 2));
    put(segment(2, 0));
    segment hole(3, 0);
    hole.unfinished(100);
    put(hole);
    put(segment(3, 1));
    const auto process = live();
    EXPECT_EQ(process->old->counts().segments, 2u) << "the one with records, and the one with a hole";
    EXPECT_EQ(left(), (texts{numbered(1, 0).name(), hole.name()}));
    EXPECT_EQ(process->old->own_segments(), 1u) << "what they do not use is given back";
    EXPECT_EQ(read_all(*process->old), labels({0}));
    EXPECT_EQ(process->old->counts().unfinished_records, 1u);
    EXPECT_EQ(process->old->counts().missing_segments, 0u);
    EXPECT_EQ(process->old->counts().journals, 0u);
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, drops_what_was_never_used_also_where_somebody_died_making_one) {
    put(numbered(1, 0));
    put(segment(1, 1));
    os.put_file(path(segment(1, 2).name()), spool_writer::bytes(4096 + 64 * 1024));
    os.put_file(path(segment(1, 3).name()), {});
    const auto process = live();
    EXPECT_EQ(process->old->counts().segments, 1u);
    EXPECT_EQ(left(), texts{numbered(1, 0).name()});
    EXPECT_EQ(process->old->counts().damaged_places, 0u);
}

TEST_F(backlog_test, looks_again_where_it_could_not_look_what_was_used) {
    put(numbered(1, 0));
    put(segment(1, 1));
    put(segment(1, 2));
    auto process = live();
    process->old.reset();
    put(segment(1, 1));
    put(segment(1, 2));
    os.fail(call::open_file, EMFILE, 100);
    process->old = std::make_unique<backlog>(*process->spool, *process->slot, now, backlog_settings{{"a"}});
    os.fail_nothing();
    EXPECT_EQ(process->old->counts().segments, 3u);
    process->old->maintain();
    EXPECT_EQ(process->old->counts().segments, 1u);
}

TEST_F(backlog_test, room_that_a_short_life_did_not_use_is_free_for_the_next) {
    for (std::uint64_t created = 1; created <= 20; ++created) {
        segment one(created, 0);
        one.record("life " + std::to_string(created));
        put(one);
    }
    const auto process = live();
    EXPECT_EQ(process->old->counts().segments, 20u);
    EXPECT_LE(process->old->own_segments(), 6u) << "a page or two and the cursors each";
    EXPECT_EQ(read_all(*process->old).size(), 20u);
    EXPECT_EQ(process->old->own_segments(), 0u);
}

TEST_F(backlog_test, a_destination_whose_place_is_lost_does_not_get_that_of_another) {
    put(numbered(1, 0));
    cursors known(1);
    known.page(0, 0, 1, "gone", at(0, 2));
    known.page(1, 0, 1, "a", at(0, 1));
    auto bytes = known.file();
    bytes[4096 * 3 + 100] ^= std::byte{1};
    os.put_file(path(known.name()), bytes);
    EXPECT_EQ(read_all(*live()->old), labels({0}));
}

TEST_F(backlog_test, does_not_take_what_it_cannot_read_for_nothing) {
    put(numbered(1, 0));
    cursors known(1);
    known.page(0, 0, 1, "gone", at(0, 2));
    known.page(1, 0, 1, "a", at(0, 1));
    for (const int error : {EIO, EMFILE, EROFS}) {
        put(numbered(1, 0));
        put(known);
        const auto process = live();
        os.fail(error == EIO ? call::read_at : call::open_file, error, 2);
        EXPECT_EQ(read_all(*process->old), (texts{"0.1", "0.2"})) << error;
    }
}

TEST_F(backlog_test, does_not_touch_the_files_of_the_living_journal) {
    put(numbered(now, 0));
    put(cursors(now));
    put(numbered(1, 1));
    const auto before = os.bytes(path(segment(now, 0).name()));
    const auto process = live();
    EXPECT_EQ(process->old->own_segments(), 1u);
    EXPECT_EQ(read_all(*process->old), labels({1}));
    EXPECT_EQ(left(), (texts{segment(now, 0).name(), cursors(now).name()}));
    EXPECT_EQ(os.bytes(path(segment(now, 0).name())), before);
}

TEST_F(backlog_test, removes_what_holds_nothing_without_a_word) {
    put(segment(1, 0));  // a spare
    os.put_file(path(segment(1, 1).name()), {});
    os.put_file(path(segment(1, 2).name()), spool_writer::bytes(4096 + 64 * 1024));
    os.put_file(path(segment(1, 3).name()), spool_writer::bytes(100));
    put(cursors(2));  // of a journal of which nothing else is left
    const auto process = live();
    EXPECT_TRUE(read_all(*process->old).empty());
    EXPECT_EQ(left(), texts{});
    EXPECT_TRUE(quarantined().empty());
    EXPECT_EQ(process->old->counts().damaged_places, 0u);
}

TEST_F(backlog_test, hands_out_one_record_again_as_often_as_asked) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    texts seen;
    std::vector<std::uint64_t> tokens;
    std::uint64_t journal_id = 0;
    for (entry e; reader.next(e, journal_id);) {
        seen.push_back(text_of(e));
        tokens.push_back(e.token);
    }
    ASSERT_EQ(seen, labels({0, 1}));
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = tokens.size(); i-- > 0;) {
            entry again;
            std::uint64_t id = 0;
            ASSERT_EQ(reader.read_again(tokens[i], again, id), backlog_cursor::again::here);
            EXPECT_EQ(text_of(again), seen[i]);
            EXPECT_EQ(again.at, at(i / 3, i % 3));
            EXPECT_EQ(id, segment(1, 0).journal_id);
        }
    }
    reader.settle(tokens[0]);
    entry again;
    using answer = backlog_cursor::again;
    EXPECT_EQ(reader.read_again(tokens[0], again, journal_id), answer::gone);
    os.fail(call::open_file, EMFILE, 100);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(reader.read_again(tokens[1], again, journal_id), answer::later);
    EXPECT_EQ(reader.read_again(tokens[1], again, journal_id), answer::here);
    os.fail(call::read_at, EIO, 100);
    EXPECT_EQ(reader.read_again(tokens[1], again, journal_id), answer::later);
    EXPECT_EQ(reader.read_again(tokens[1], again, journal_id), answer::later);
    EXPECT_EQ(reader.read_again(tokens[1], again, journal_id), answer::gone) << "it will not get better";
    os.fail_nothing();
    EXPECT_EQ(reader.recovered(), 6u);
}

TEST_F(backlog_test, reading_again_does_not_disturb_the_reading) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    const auto first = take(*process->old);
    texts seen{text_of(first)};
    std::uint64_t journal_id = 0;
    for (entry e; reader.next(e, journal_id);) {
        seen.push_back(text_of(e));
        entry again;
        ASSERT_EQ(reader.read_again(first.token, again, journal_id), backlog_cursor::again::here);
        ASSERT_EQ(text_of(again), "0.0");
    }
    EXPECT_EQ(seen, labels({0, 1, 2}));
}

// Settling -----------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, keeps_a_file_until_all_of_it_is_settled) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    std::vector<entry> all;
    std::uint64_t journal_id = 0;
    for (entry e; reader.next(e, journal_id);) all.push_back(e);
    EXPECT_FALSE(reader.readable());
    EXPECT_FALSE(reader.finished());
    for (const std::size_t i : {2u, 0u, 3u, 4u, 5u}) {
        reader.settle(all[i].token);
        process->old->maintain();
        EXPECT_EQ(process->old->own_segments(), 2u) << i;
    }
    reader.settle(all[1].token);
    EXPECT_TRUE(reader.finished());
    process->old->maintain();
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, does_not_enter_a_journal_before_the_older_one_is_settled) {
    put(numbered(1, 0, 1));
    put(numbered(2, 5, 1));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    const auto first = take(*process->old);
    entry e;
    std::uint64_t journal_id = 0;
    EXPECT_FALSE(reader.next(e, journal_id));
    EXPECT_FALSE(reader.readable());
    reader.settle(first.token);
    EXPECT_TRUE(reader.readable());
    EXPECT_EQ(take_text(*process->old), "5.0");
}

TEST_F(backlog_test, a_round_without_news_asks_nothing_of_the_system) {
    put(numbered(1, 0));
    const auto process = live();
    take(*process->old);
    process->old->maintain();
    const auto calls = os.calls();
    for (int i = 0; i < 10; ++i) process->old->maintain();
    EXPECT_EQ(os.calls(), calls);
}

TEST_F(backlog_test, persists_before_it_removes) {
    put(numbered(1, 0, 1));
    put(numbered(1, 1, 1));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    reader.settle(take(*process->old).token);
    take(*process->old);
    std::vector<call> order;
    os.fail_when([&order](call what, std::uint64_t) {
        order.push_back(what);
        return 0;
    });
    process->old->maintain();
    const auto saved = std::find(order.begin(), order.end(), call::write_at);
    const auto removed = std::find(order.begin(), order.end(), call::remove);
    ASSERT_NE(removed, order.end());
    EXPECT_LT(saved, removed);
    EXPECT_EQ(std::find(removed, order.end(), call::write_at), order.end());
}

TEST_F(backlog_test, removes_files_also_when_nothing_can_be_written) {
    for (std::uint64_t number = 0; number < 5; ++number) put(numbered(1, number));
    os.set_room(os.used());
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({0, 1, 2, 3, 4}));
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, tries_again_a_file_that_cannot_be_removed) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    os.fail(call::remove, EROFS, 3);
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({0, 1}));
    EXPECT_TRUE(process->old->cursor(0).finished());
    EXPECT_EQ(os.calls(call::remove), 1u) << "at most once a second";
    EXPECT_EQ(process->old->own_segments(), 2u);
    EXPECT_FALSE(process->old->give_up_oldest());
    for (int i = 0; i < 3; ++i) {
        os.advance(1'000'000'000);
        process->old->maintain();
    }
    EXPECT_EQ(left(), texts{});
    EXPECT_EQ(process->old->own_segments(), 0u);
}

// Lives --------------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, goes_on_where_the_cursor_says) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    cursors known(1);
    known.page(0, 0, 1, "a", at(1, 1));
    put(known);
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), (texts{"1.1", "1.2", "2.0", "2.1", "2.2"}));
    EXPECT_EQ(process->old->cursor(0).recovered(), 5u);
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, skips_what_was_settled_behind_the_cursor) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    cursors known(1);
    known.page(0, 0, 1, "a", at(0, 1), {{at(0, 2), at(1, 1)}, {at(1, 2), at(2, 2)}});
    put(known);
    EXPECT_EQ(read_all(*live()->old), (texts{"0.1", "1.1", "2.2"}));
}

TEST_F(backlog_test, does_not_send_again_what_was_settled_however_often_it_dies) {
    for (const std::uint64_t number : {0u, 1u, 2u, 3u}) put(numbered(1, number, 5));
    texts delivered;
    for (int death = 0; death < 10; ++death) {
        const auto process = live();
        auto& reader = process->old->cursor(0);
        std::vector<entry> taken;
        std::uint64_t journal_id = 0;
        for (entry e; taken.size() < 4 && reader.next(e, journal_id);) {
            taken.push_back(e);
            // Every other one is delivered: so there are ranges, and what lies between them is in flight.
            if (taken.size() % 2 == 0) {
                delivered.push_back(text_of(e));
                reader.settle(e.token);
            }
        }
        process->old->maintain();
        os.crash();
    }
    const auto rest = read_all(*live()->old);
    delivered.insert(delivered.end(), rest.begin(), rest.end());
    std::sort(delivered.begin(), delivered.end());
    EXPECT_EQ(delivered, labels({0, 1, 2, 3}, 5)) << "each once";
}

TEST_F(backlog_test, loses_nothing_and_repeats_only_what_was_in_flight_when_it_dies_three_times) {
    for (std::uint64_t number = 0; number < 6; ++number) put(numbered(1, number, 20));
    std::vector<std::string> delivered;
    std::size_t in_flight = 0;
    for (int death = 0; death < 3; ++death) {
        const auto process = live();
        auto& reader = process->old->cursor(0);
        std::vector<entry> batch;
        std::uint64_t journal_id = 0;
        entry e;
        for (int i = 0; i < 30 && reader.next(e, journal_id); ++i) {
            delivered.push_back(text_of(e));
            batch.push_back(e);
            if (batch.size() == 7) {
                for (const auto& done : batch) reader.settle(done.token);
                batch.clear();
                process->old->maintain();
            }
        }
        in_flight += batch.size();
        os.crash();
    }
    const auto rest = read_all(*live()->old);
    delivered.insert(delivered.end(), rest.begin(), rest.end());
    EXPECT_EQ(delivered.size(), 120 + in_flight);
    const std::set<std::string> distinct(delivered.begin(), delivered.end());
    EXPECT_EQ(distinct.size(), 120u);
    EXPECT_EQ(left(), texts{});
}

// The last segments lay in memory while the disk was full, or were removed before the others.
TEST_F(backlog_test, believes_a_place_behind_the_last_file) {
    put(numbered(1, 4));
    put(numbered(1, 5));
    cursors beyond(1);
    beyond.page(0, 0, 1, "a", at(6, 1), {{at(6, 2), at(7, 0)}});
    put(beyond);
    EXPECT_EQ(read_all(*live()->old), texts{});
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, replays_when_the_cursor_is_of_no_use) {
    const auto replays = [this](const spool_writer::bytes& file) {
        put(numbered(1, 4));
        put(numbered(1, 5));
        os.put_file(path(cursors(1).name()), file);
        const auto process = live();
        EXPECT_EQ(read_all(*process->old), labels({4, 5}));
        EXPECT_EQ(left(), texts{});
    };
    replays({});
    replays(spool_writer::bytes(12'288));
    replays(spool_writer::bytes(12'288, std::byte{0xff}));

    cursors before(1);
    before.page(0, 0, 1, "a", at(3, 1));
    replays(before.file());
    cursors others(2);
    others.page(0, 0, 1, "a", at(5, 2));
    replays(others.file());
    cursors nonsense(1);
    nonsense.page(0, 0, 1, "a", 0, {{at(5, 1), at(5, 0)}, {at(4, 0), at(6, 0)}});
    replays(nonsense.file());
    cursors torn(1);
    torn.page(0, 0, 1, "a", at(5, 2));
    auto bytes = torn.file();
    bytes[4096 + 17] ^= std::byte{1};
    replays(bytes);
}

TEST_F(backlog_test, has_nothing_to_do_where_all_was_settled) {
    put(numbered(1, 4));
    put(numbered(1, 5));
    cursors all(1);
    all.page(0, 0, 1, "a", at(6, 0));
    put(all);
    const auto process = live();
    EXPECT_TRUE(read_all(*process->old).empty());
    EXPECT_EQ(process->old->cursor(0).recovered(), 0u);
    EXPECT_EQ(left(), texts{});
}

// Destinations -------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, two_destinations_go_at_their_own_speed) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    const auto process = live({"a", "b"});
    texts quick;
    std::uint64_t journal_id = 0;
    for (entry e; process->old->cursor(0).next(e, journal_id);) {
        quick.push_back(text_of(e));
        process->old->cursor(0).settle(e.token);
    }
    EXPECT_EQ(quick, labels({0, 1, 2}));
    process->old->maintain();
    EXPECT_TRUE(process->old->cursor(0).finished());
    EXPECT_EQ(process->old->own_segments(), 3u);
    EXPECT_EQ(read_all(*process->old, 1), labels({0, 1, 2}));
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, each_destination_goes_on_from_its_own_place_after_a_death) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    {
        const auto process = live({"a", "b"});
        for (int i = 0; i < 7; ++i) process->old->cursor(0).settle(take(*process->old, 0).token);
        for (int i = 0; i < 2; ++i) process->old->cursor(1).settle(take(*process->old, 1).token);
        process->old->maintain();
        os.crash();
    }
    const auto process = live({"b", "a"});
    EXPECT_EQ(read_all(*process->old, 1), (texts{"2.1", "2.2"}));
    EXPECT_EQ(read_all(*process->old, 0), (texts{"0.2", "1.0", "1.1", "1.2", "2.0", "2.1", "2.2"}));
}

TEST_F(backlog_test, one_that_finished_a_journal_others_are_in_does_not_get_it_again) {
    put(numbered(1, 0));
    put(numbered(2, 1));
    {
        const auto process = live({"a", "b"});
        for (int i = 0; i < 4; ++i) process->old->cursor(0).settle(take(*process->old, 0).token);
        process->old->maintain();
        os.crash();
    }
    const auto process = live({"a", "b"});
    EXPECT_EQ(read_all(*process->old, 0), (texts{"1.1", "1.2"}));
    EXPECT_EQ(read_all(*process->old, 1), labels({0, 1}));
}

TEST_F(backlog_test, a_new_destination_starts_at_the_beginning) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    cursors known(1);
    known.page(0, 0, 1, "a", at(1, 0));
    put(known);
    const auto process = live({"a", "new"});
    EXPECT_EQ(read_all(*process->old, 0), labels({1}));
    EXPECT_EQ(read_all(*process->old, 1), labels({0, 1}));
}

TEST_F(backlog_test, a_renamed_destination_takes_the_place_of_the_one_that_is_gone) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    cursors known(1);
    known.page(0, 0, 1, "a", at(0, 1));
    known.page(1, 0, 1, "old", at(1, 1));
    known.page(2, 0, 1, "older", at(1, 0));
    put(known);
    const auto process = live({"a", "renamed"});
    EXPECT_EQ(read_all(*process->old, 1), labels({1})) << "the least of those that are gone";
    EXPECT_EQ(read_all(*process->old, 0), (texts{"0.1", "0.2", "1.0", "1.1", "1.2"}));
}

TEST_F(backlog_test, a_removed_destination_holds_nothing_up) {
    put(numbered(1, 0));
    cursors known(1);
    known.page(0, 0, 1, "a", at(0, 2));
    known.page(1, 0, 1, "removed", at(0, 0));
    put(known);
    EXPECT_EQ(read_all(*live()->old), texts{"0.2"});
    EXPECT_EQ(left(), texts{});
}

// Damage -------------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, counts_what_is_unfinished_once_for_all_destinations) {
    auto file = numbered(1, 0, 1);
    file.unfinished(50, "half");
    file.record("last");
    file.unfinished(10);
    put(file);
    const auto process = live({"a", "b"});
    EXPECT_EQ(read_all(*process->old, 0), (texts{"0.0", "last"}));
    EXPECT_EQ(read_all(*process->old, 1), (texts{"0.0", "last"}));
    EXPECT_EQ(process->old->counts().unfinished_records, 2u);
    EXPECT_EQ(process->old->counts().damaged_places, 0u);
    EXPECT_TRUE(quarantined().empty()) << "that is no damage";
}

TEST_F(backlog_test, keeps_damaged_files_in_the_quarantine) {
    auto head = numbered(1, 0).file();
    head[20] ^= std::byte{1};
    os.put_file(path(segment(1, 0).name()), head);
    auto record = numbered(1, 1).file();
    record[4096 + 32] ^= std::byte{1};
    os.put_file(path(segment(1, 1).name()), record);
    auto payload = numbered(1, 2).file();
    payload[4096 + 32 + 16] ^= std::byte{1};
    os.put_file(path(segment(1, 2).name()), payload);
    put(numbered(1, 3));
    const auto process = live({"a", "b"});
    const texts expected{"1.0", "1.2", "2.0", "2.2", "3.0", "3.1", "3.2"};
    EXPECT_EQ(read_all(*process->old, 0), expected);
    EXPECT_TRUE(quarantined().empty()) << "not before all are through";
    EXPECT_EQ(read_all(*process->old, 1), expected);
    EXPECT_EQ(process->old->counts().damaged_places, 2u);
    EXPECT_EQ(process->old->counts().quarantined_files, 3u);
    EXPECT_EQ(process->old->cursor(0).corrupt(), 1u);
    EXPECT_EQ(process->old->cursor(1).corrupt(), 1u);
    EXPECT_EQ(process->old->cursor(0).recovered(), 8u);
    EXPECT_EQ(left(), texts{});
    const auto kept = quarantined();
    ASSERT_EQ(kept.size(), 3u);
    EXPECT_TRUE(kept[0].ends_with(".damaged-head"));
    EXPECT_TRUE(kept[1].ends_with(".damaged-records"));
    EXPECT_TRUE(kept[2].ends_with(".damaged-records"));
    EXPECT_EQ(process->old->take_news(),
              "4 segment files of earlier processes were found; 3 damaged segments were moved to the quarantine");
}

TEST_F(backlog_test, a_quarantine_without_room_takes_nothing) {
    auto head = numbered(1, 0).file();
    head[20] ^= std::byte{1};
    os.put_file(path(segment(1, 0).name()), head);
    quarantine_bytes = 0;
    const auto process = live();
    EXPECT_TRUE(read_all(*process->old).empty());
    EXPECT_EQ(process->old->counts().discarded_files, 1u);
    EXPECT_EQ(process->old->counts().quarantined_files, 0u);
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, notices_segments_that_are_missing) {
    for (const std::uint64_t number : {2u, 3u, 6u, 8u}) put(numbered(1, number));
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({2, 3, 6, 8}));
    EXPECT_EQ(process->old->counts().missing_segments, 3u);
}

TEST_F(backlog_test, gets_over_a_file_that_vanishes) {
    for (const std::uint64_t number : {0u, 1u, 2u}) put(numbered(1, number));
    const auto process = live();
    os.erase(path(segment(1, 1).name()));
    EXPECT_EQ(read_all(*process->old), labels({0, 2}));
    EXPECT_EQ(process->old->counts().missing_segments, 1u);
    EXPECT_EQ(process->old->own_segments(), 0u);
}

TEST_F(backlog_test, delivers_swapped_files_with_the_ids_of_their_heads) {
    for (const std::uint64_t number : {0u, 3u}) put(numbered(1, number));
    os.put_file(path(segment(1, 1).name()), numbered(1, 2).file());
    os.put_file(path(segment(1, 2).name()), numbered(1, 1).file());
    // Nothing that the cursor says about names is believed of such files.
    cursors known(1);
    known.page(0, 0, 1, "a", at(2, 1));
    put(known);
    const auto process = live();
    texts seen;
    auto& reader = process->old->cursor(0);
    std::uint64_t journal_id = 0;
    for (entry e; reader.next(e, journal_id);) {
        seen.push_back(text_of(e));
        EXPECT_EQ(e.at / (64 * 1024), static_cast<std::uint64_t>(seen.back()[0] - '0'));
        reader.settle(e.token);
    }
    EXPECT_EQ(seen, labels({2, 1, 3}));
    process->old->maintain();
    EXPECT_EQ(process->old->counts().damaged_places, 2u);
    ASSERT_EQ(quarantined().size(), 2u);
    EXPECT_TRUE(quarantined()[0].ends_with(".wrong-name"));
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, delivers_two_files_with_one_id) {
    put(numbered(1, 0));
    os.put_file(path(segment(1, 1).name()), numbered(1, 0).file());
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({0, 0}));
    EXPECT_EQ(process->old->counts().quarantined_files, 1u);
}

TEST_F(backlog_test, a_file_of_another_journal_is_delivered_where_its_name_puts_it) {
    put(numbered(1, 0));
    os.put_file(path(segment(1, 1).name()), numbered(77, 9).file());
    put(numbered(1, 2));
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({0, 9, 2}));
    EXPECT_EQ(process->old->counts().damaged_places, 1u);
}

TEST_F(backlog_test, leaves_foreign_files_alone) {
    put(numbered(1, 0));
    os.put_file(path("README"), spool_writer::bytes(10));
    os.put_file(path("0000000000000001-0.segment"), spool_writer::bytes(10));
    os.put_link(path(segment(1, 1).name()));
    os.put_directory(path(segment(1, 2).name()));
    os.put_file("/elsewhere", numbered(1, 3).file());
    os.put_name(path(segment(1, 3).name()), "/elsewhere");
    os.put_file(path(segment(1, 4).name()), numbered(1, 4).file());
    os.set_owned_by_us(path(segment(1, 4).name()), false);
    auto later = numbered(1, 5);
    later.version = 2;
    put(later);
    put(numbered(1, 6));
    const auto before = left();
    const auto process = live();
    EXPECT_EQ(read_all(*process->old), labels({0, 6}));
    EXPECT_EQ(process->old->counts().foreign_files, 7u);
    EXPECT_EQ(process->old->own_segments(), 0u);
    auto expected = before;
    std::erase(expected, segment(1, 0).name());
    std::erase(expected, segment(1, 6).name());
    auto after = left();
    std::erase(after, cursors(1).name());
    EXPECT_EQ(after, expected);
}

TEST_F(backlog_test, passes_bytes_that_cannot_be_read_after_some_tries) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    EXPECT_EQ(take_text(*process->old), "0.0");
    const auto begin = os.calls();
    // The reading of the second file's records, each time.
    os.fail_when([&](call what, std::uint64_t nth) { return what == call::read_at && nth > begin + 3 ? EIO : 0; });
    texts seen;
    int rests = 0;
    std::uint64_t journal_id = 0;
    for (int round = 0; round < 20; ++round) {
        for (entry e; reader.next(e, journal_id);) seen.push_back(text_of(e));
        rests += !reader.readable() && !reader.finished();
        process->old->maintain();
    }
    EXPECT_EQ(seen, (texts{"0.1", "0.2"}));
    EXPECT_GE(rests, 2);
    EXPECT_EQ(process->old->counts().damaged_places, 1u);
}

TEST_F(backlog_test, waits_as_long_as_it_takes_for_what_the_process_lacks) {
    put(numbered(1, 0));
    const auto process = live();
    os.fail(call::open_file, EMFILE, 1'000'000);
    entry e;
    std::uint64_t journal_id = 0;
    for (int round = 0; round < 100; ++round) {
        EXPECT_FALSE(process->old->cursor(0).next(e, journal_id));
        EXPECT_FALSE(process->old->cursor(0).readable());
        EXPECT_FALSE(process->old->give_up_oldest());
        process->old->maintain();
    }
    os.fail_nothing();
    EXPECT_EQ(read_all(*process->old), labels({0}));
    EXPECT_EQ(process->old->counts().damaged_places, 0u);
}

TEST_F(backlog_test, a_slot_that_cannot_be_listed_is_listed_later) {
    put(numbered(1, 0));
    auto process = live();
    process->old.reset();
    os.fail(call::list, EIO);
    process->old = std::make_unique<backlog>(*process->spool, *process->slot, now, backlog_settings{{"a"}, 0, 1000});
    EXPECT_TRUE(process->old->cursor(0).finished());
    process->old->look_for_orphans();
    EXPECT_EQ(read_all(*process->old), labels({0}));
}

// Giving up ----------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, gives_up_the_oldest_file_and_tells_what_was_in_it) {
    for (const std::uint64_t number : {0u, 1u}) put(numbered(1, number));
    const auto process = live();
    texts told;
    process->old->cursor(0).on_give_up([&told](std::span<const std::byte> data) {
        told.emplace_back(reinterpret_cast<const char*>(data.data()), data.size());
    });
    process->old->cursor(0).settle(take(*process->old).token);
    ASSERT_TRUE(process->old->give_up_oldest());
    EXPECT_EQ(told, (texts{"0.1", "0.2"}));
    EXPECT_EQ(process->old->cursor(0).given_up(), 2u);
    EXPECT_EQ(process->old->cursor(0).recovered(), 3u);
    process->old->maintain();
    EXPECT_EQ(process->old->own_segments(), 1u);
    EXPECT_EQ(read_all(*process->old), labels({1}));
    EXPECT_EQ(process->old->cursor(0).given_up(), 2u);
    EXPECT_EQ(process->old->cursor(0).recovered(), 6u);
}

TEST_F(backlog_test, does_not_wait_for_what_is_on_its_way) {
    put(numbered(1, 0));
    put(numbered(2, 0));
    put(numbered(2, 1));
    const auto process = live({"a", "b"});
    auto& reader = process->old->cursor(1);
    const auto held = take(*process->old, 1);
    EXPECT_TRUE(process->old->give_up_oldest());
    process->old->maintain();
    EXPECT_EQ(process->old->cursor(0).given_up(), 3u);
    EXPECT_EQ(reader.given_up(), 2u);
    EXPECT_EQ(reader.unspooled(), 1u);
    entry e;
    std::uint64_t journal_id = 0;
    EXPECT_EQ(reader.read_again(held.token, e, journal_id), backlog_cursor::again::gone);
    EXPECT_TRUE(process->old->give_up_oldest()) << "of the next journal";
    process->old->maintain();
    EXPECT_EQ(process->old->own_segments(), 1u);
    reader.settle(held.token);
    EXPECT_EQ(reader.unspooled(), 0u);
    EXPECT_EQ(read_all(*process->old, 1), (texts{"1.0", "1.1", "1.2"}));
}

TEST_F(backlog_test, gives_up_nothing_while_it_cannot_look_what_is_settled) {
    put(numbered(1, 0));
    put(numbered(2, 0));
    const auto process = live();
    os.fail(call::read_at, EIO, 3);  // the first file's records
    for (int round = 0; round < 10 && process->old->own_segments() == 2; ++round) {
        process->old->give_up_oldest();
        process->old->maintain();
    }
    os.fail(call::open_file, EMFILE, 1'000);
    EXPECT_FALSE(process->old->give_up_oldest());
    os.fail_nothing();
    EXPECT_TRUE(process->old->give_up_oldest());
}

TEST_F(backlog_test, costs_nothing_those_that_are_through) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    const auto process = live({"a", "b"});
    for (int i = 0; i < 4; ++i) process->old->cursor(0).settle(take(*process->old, 0).token);
    ASSERT_TRUE(process->old->give_up_oldest());
    EXPECT_EQ(process->old->cursor(0).given_up(), 0u);
    EXPECT_EQ(process->old->cursor(1).given_up(), 3u);
    EXPECT_EQ(take_text(*process->old, 0), "1.1");
    EXPECT_EQ(take_text(*process->old, 1), "1.0");
}

TEST_F(backlog_test, gives_up_one_file_after_another_across_journals) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    put(numbered(2, 5));
    const auto process = live({"a", "b"});
    for (std::uint64_t remaining = 3; remaining > 0; --remaining) {
        ASSERT_EQ(process->old->counts().segments, remaining);
        ASSERT_TRUE(process->old->give_up_oldest());
        process->old->maintain();
    }
    EXPECT_EQ(process->old->counts().segments, 0u);
    EXPECT_FALSE(process->old->give_up_oldest());
    EXPECT_EQ(process->old->cursor(0).given_up(), 9u);
    EXPECT_EQ(process->old->cursor(1).given_up(), 9u);
    EXPECT_TRUE(read_all(*process->old, 0).empty());
    EXPECT_TRUE(read_all(*process->old, 1).empty());
    EXPECT_EQ(left(), texts{});
}

TEST_F(backlog_test, gives_up_only_what_the_next_process_should_not_get_either) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    {
        const auto process = live();
        ASSERT_TRUE(process->old->give_up_oldest());
        process->old->maintain();
        os.crash();
    }
    EXPECT_EQ(read_all(*live()->old), labels({1}));
}

TEST_F(backlog_test, gives_up_a_damaged_file_that_cannot_even_be_read) {
    put(numbered(1, 0));
    put(numbered(1, 1));
    const auto process = live();
    os.fail(call::read_at, EIO, 1'000);
    EXPECT_TRUE(process->old->give_up_oldest());
    os.fail_nothing();
    process->old->maintain();
    EXPECT_EQ(process->old->counts().damaged_places, 1u);
    EXPECT_EQ(read_all(*process->old), labels({1}));
}

TEST_F(backlog_test, does_not_give_up_what_it_cannot_open_just_now) {
    put(numbered(1, 0));
    const auto process = live();
    for (const int error : {EROFS, EMFILE, ESTALE}) {
        os.fail(call::open_file, error, 1'000'000);
        EXPECT_FALSE(process->old->give_up_oldest());
    }
    os.fail_nothing();
    EXPECT_EQ(read_all(*process->old), labels({0}));
}

// Orphans ------------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, adopts_what_lies_in_other_slots) {
    os.put_directory("/spool/slot-0001");
    os.put_directory("/spool/slot-0002");
    put(numbered(5, 1), "slot-0001");
    put(numbered(3, 2), "slot-0002");
    put(numbered(9, 0));
    const auto process = live();
    process->old->look_for_orphans();
    EXPECT_EQ(process->old->counts().adopted_slots, 2u);
    EXPECT_EQ(process->old->own_segments(), 1u);
    EXPECT_TRUE(os.locked("/spool/slot-0001/lock"));
    EXPECT_EQ(read_all(*process->old), labels({0, 1, 2}));
    EXPECT_EQ(left("slot-0001"), texts{});
    EXPECT_EQ(left("slot-0002"), texts{});
    EXPECT_FALSE(os.locked("/spool/slot-0001/lock"));
    EXPECT_FALSE(os.locked("/spool/slot-0002/lock"));
}

TEST_F(backlog_test, does_not_take_a_slot_that_somebody_lives_in) {
    const auto first = live();
    put(numbered(1, 0));
    const auto second = live();
    ASSERT_TRUE(second);
    second->old->look_for_orphans();
    EXPECT_TRUE(read_all(*second->old).empty());
    first->end();
    second->old->look_for_orphans();
    EXPECT_EQ(read_all(*second->old), labels({0}));
}

TEST_F(backlog_test, holds_a_bounded_number_of_slots_and_gets_to_all_of_them) {
    for (int i = 1; i <= 40; ++i) {
        const auto slot = "slot-00" + std::string(i < 10 ? "0" : "") + std::to_string(i);
        os.put_directory("/spool/" + slot);
        put(numbered(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(i), 1), slot);
    }
    const auto process = live();
    std::size_t records = 0;
    for (int look = 0; look < 3; ++look) {
        process->old->look_for_orphans();
        EXPECT_LE(process->old->counts().adopted_slots, 16u * static_cast<unsigned>(look + 1));
        EXPECT_LE(os.open_descriptors(), 3u + 2u + 16u * 2u);
        records += read_all(*process->old).size();
    }
    EXPECT_EQ(records, 40u);
}

TEST_F(backlog_test, slots_with_foreign_files_do_not_hide_others) {
    for (const auto* slot : {"slot-0001", "slot-0002", "slot-0003"}) os.put_directory(std::string("/spool/") + slot);
    os.put_file(path("notes", "slot-0001"), spool_writer::bytes(3));
    auto later = numbered(4, 0);
    later.version = 2;
    put(later, "slot-0002");
    put(numbered(1, 7), "slot-0003");
    const auto process = live();
    for (int look = 0; look < 5; ++look) {
        process->old->look_for_orphans();
        EXPECT_EQ(read_all(*process->old), look == 0 ? labels({7}) : texts{});
    }
    EXPECT_EQ(process->old->counts().foreign_files, 2u);
    EXPECT_EQ(process->old->counts().adopted_slots, 2u);
    EXPECT_EQ(left("slot-0001"), texts{"notes"});
    EXPECT_EQ(left("slot-0002").front(), later.name());
    EXPECT_FALSE(os.locked("/spool/slot-0001/lock"));
    EXPECT_FALSE(os.locked("/spool/slot-0002/lock"));
}

TEST_F(backlog_test, a_forked_child_lets_go_of_descriptors_only) {
    os.put_directory("/spool/slot-0001");
    put(numbered(5, 1), "slot-0001");
    put(numbered(1, 0));
    const auto before = live();
    const auto without = os.open_descriptors();
    before->old->look_for_orphans();
    take(*before->old);
    EXPECT_GT(os.open_descriptors(), without);
    const auto calls = os.calls();
    before->old->forget();
    EXPECT_EQ(os.open_descriptors(), without);
    EXPECT_EQ(os.calls(), calls);
    EXPECT_EQ(left("slot-0001"), texts{segment(5, 1).name()});
}

// Size ---------------------------------------------------------------------------------------------------------------

TEST_F(backlog_test, gets_through_a_hundred_thousand_tiny_segments) {
    constexpr std::size_t count = 100'000;
    // One of many files of the same bytes but for their heads; those that are small are made quickly.
    for (std::size_t i = 0; i < count; ++i) {
        segment tiny(1, i, 64);
        tiny.record("x");
        put(tiny);
    }
    const auto process = live();
    EXPECT_GE(process->old->own_segments(), count);
    auto& reader = process->old->cursor(0);
    std::size_t records = 0;
    std::uint64_t most_calls = 0;
    std::uint64_t journal_id = 0;
    for (std::size_t round = 0; round < count && process->old->own_segments() > 0; ++round) {
        const auto calls = os.calls();
        entry e;
        for (int i = 0; i < 100 && reader.next(e, journal_id); ++i) {
            ++records;
            reader.settle(e.token);
        }
        process->old->maintain();
        most_calls = std::max(most_calls, os.calls() - calls);
    }
    EXPECT_EQ(records, count);
    EXPECT_EQ(left(), texts{});
    EXPECT_LT(most_calls, 2'000u) << "in one round";
    EXPECT_LE(os.open_descriptors(), 6u);
}

TEST_F(backlog_test, a_call_that_finds_nothing_comes_back_soon) {
    for (std::uint64_t number = 0; number < 2'000; ++number) put(segment(1, number, 4096));
    put(numbered(1, 2'000, 1));
    const auto process = live();
    auto& reader = process->old->cursor(0);
    entry e;
    std::uint64_t journal_id = 0;
    int rounds = 0;
    for (bool found = false; !found && rounds < 1'000; ++rounds) {
        const auto calls = os.calls();
        found = reader.next(e, journal_id);
        EXPECT_LT(os.calls() - calls, 2'000u);
        EXPECT_TRUE(found || reader.readable());
        process->old->maintain();
    }
    EXPECT_GT(rounds, 5);
    EXPECT_EQ(text_of(e), "2000.0");
}

}  // namespace
}  // namespace logferry::journal
