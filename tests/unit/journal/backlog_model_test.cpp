// Whatever is done in whatever order, whichever calls of the system fail, and however often the process dies: no record
// is lost unless it is counted, none is altered, and everything has an end.
#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "recovery_fixture.hpp"

namespace logferry::journal {
namespace {

using call = memory_system::call;

class backlog_model_test : public recovery_test {
protected:
    struct in_flight {
        std::uint64_t token;
        std::string text;
        position at;
    };
    struct destination {
        std::multiset<std::string> delivered;
        std::set<std::string> given_up;
        std::vector<in_flight> taken;
    };

    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(chance); }

    /// Journals in a few slots. A record's text says where it is, and is told apart by its length.
    void fill_spool() {
        for (const std::string slot : {"slot-0000", "slot-0001", "slot-0002"}) {
            if (!os.exists("/spool/" + slot)) os.put_directory("/spool/" + slot);
            const auto journals = pick(3);
            for (std::size_t j = 0; j < journals; ++j) put_journal(slot, 1 + 10 * j);
        }
    }
    void put_journal(const std::string& slot, std::uint64_t created) {
        const auto first = pick(100);
        const auto segments = 1 + pick(4);
        for (std::size_t s = 0; s < segments; ++s) {
            spool_writer::segment file(created, first + s, 8192);
            file.journal_id = chance();
            file.salt = chance() | 1u;
            while (file.room() > 600 && pick(20) != 0) add_record(file, slot);
            put(file, slot);
        }
    }
    void add_record(spool_writer::segment& file, const std::string& slot) {
        auto text = slot + "/" + file.name() + "@" + std::to_string(file.end());
        text.append(pick(400), '.');
        switch (pick(8)) {
            case 0:
                file.unclaimed(text.size());
                break;
            case 1:
                file.unfinished(text.size(), text);
                break;
            case 2:
                file.padding(text.size());
                break;
            default:
                file.record(text);
                written.insert(text);
        }
    }
    /// Flips bits in some of the files.
    void damage() {
        for (const std::string slot : {"slot-0000", "slot-0001", "slot-0002"}) {
            for (const auto& name : left(slot)) {
                if (pick(3) != 0) continue;
                const auto bytes = os.bytes(path(name, slot));
                const auto at = pick(bytes.size());
                const std::byte flipped[] = {bytes[at] ^ static_cast<std::byte>(1u << pick(8))};
                os.change(path(name, slot), at, flipped);
            }
        }
    }

    void begin_life() {
        // A process that cannot use its spool has no backlog. It tries again.
        for (auto& d : destinations) d.taken.clear();
        process = live({"a", "b"});
        if (!process) return;
        for (std::size_t i = 0; i < 2; ++i) {
            process->old->cursor(i).on_give_up([this, i](std::span<const std::byte> data) {
                destinations[i].given_up.emplace(reinterpret_cast<const char*>(data.data()), data.size());
            });
        }
    }
    void die() {
        remember_counts();
        os.crash();
        process.reset();
    }
    /// What earlier processes have counted is not forgotten.
    void remember_counts() {
        if (!process) return;
        const auto& c = process->old->counts();
        counted += c.damaged_places + c.missing_segments + c.discarded_files + c.foreign_files;
        for (std::size_t i = 0; i < 2; ++i) counted += process->old->cursor(i).corrupt();
    }

    bool take(std::size_t i) {
        entry e;
        std::uint64_t journal_id = 0;
        if (!process->old->cursor(i).next(e, journal_id)) return false;
        const auto text = text_of(e);
        EXPECT_TRUE(written.contains(text)) << "nobody wrote this: " << text;
        destinations[i].taken.push_back({e.token, text, e.at});
        return true;
    }
    void settle(std::size_t i, std::size_t which) {
        auto& taken = destinations[i].taken;
        const auto done = taken[which];
        taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(which));
        destinations[i].delivered.insert(done.text);
        process->old->cursor(i).settle(done.token);
    }
    void read_again(std::size_t i) {
        const auto& wanted = destinations[i].taken[pick(destinations[i].taken.size())];
        entry e;
        std::uint64_t journal_id = 0;
        if (process->old->cursor(i).read_again(wanted.token, e, journal_id) != backlog_cursor::again::here) return;
        EXPECT_EQ(text_of(e), wanted.text);
        EXPECT_EQ(e.at, wanted.at);
    }

    /// What is on its way from a file that was given up ends with the process.
    void note_adrift() {
        for (std::size_t i = 0; i < 2; ++i) {
            std::uint64_t adrift = 0;
            for (const auto& each : destinations[i].taken) {
                entry e;
                std::uint64_t journal_id = 0;
                if (process->old->cursor(i).read_again(each.token, e, journal_id) != backlog_cursor::again::gone)
                    continue;
                destinations[i].given_up.insert(each.text);
                ++adrift;
            }
            EXPECT_LE(process->old->cursor(i).unspooled(), adrift);
        }
    }

    void step() {
        const auto i = pick(2);
        auto& taken = destinations[i].taken;
        if (!process) return begin_life();
        switch (pick(16)) {
            case 0:
                process->old->maintain();
                break;
            case 1:
                process->old->look_for_orphans();
                break;
            case 2:
                os.advance(static_cast<std::int64_t>(pick(2'000'000'000)));
                break;
            case 3:
                if (pick(10) == 0) die();
                break;
            case 4:
                if (pick(10) == 0 && process->old->give_up_oldest()) note_adrift();
                break;
            case 5:
            case 6:
                if (!taken.empty()) read_again(i);
                break;
            case 7:
            case 8:
            case 9:
            case 10:
                if (!taken.empty()) settle(i, pick(taken.size()));
                break;
            default:
                if (taken.size() < 20) take(i);
        }
    }

    /// Nothing fails any more: all comes to its end, in a bounded number of calls.
    void finish() {
        os.fail_nothing();
        if (process) die();
        begin_life();
        ASSERT_TRUE(process);
        const auto calls = os.calls();
        for (int round = 0; round < 300; ++round) {
            process->old->look_for_orphans();
            for (std::size_t i = 0; i < 2; ++i) {
                while (take(i)) settle(i, 0);
            }
            os.advance(1'000'000'000);
            process->old->maintain();
        }
        EXPECT_LT(os.calls() - calls, 50'000u);
        EXPECT_TRUE(process->old->cursor(0).finished());
        EXPECT_TRUE(process->old->cursor(1).finished());
        remember_counts();
    }
    [[nodiscard]] std::size_t lost() const {
        std::size_t count = 0;
        for (const auto& d : destinations) {
            for (const auto& text : written) count += !d.delivered.contains(text) && !d.given_up.contains(text);
        }
        return count;
    }

    void run(unsigned seed, bool damaged, const std::function<int(call)>& error_of) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        chance.seed(seed);
        fill_spool();
        if (damaged) damage();
        std::minstd_rand faults(seed + 1);
        // Some runs are mostly well, in others hardly anything works.
        const auto one_in = std::vector<unsigned>{2, 5, 20, 100}[seed % 4];
        os.fail_when([&](call what, std::uint64_t) { return faults() % one_in == 0 ? error_of(what) : 0; });
        for (int i = 0; i < 600; ++i) step();
        finish();
    }

    std::mt19937 chance;
    std::set<std::string> written;
    std::vector<destination> destinations{2};
    std::unique_ptr<life> process;
    std::uint64_t counted = 0;
};

/// A test of its own for each seed, with nothing left from the one before.
template <typename Run>
void for_seeds(unsigned from, unsigned to, Run run) {
    for (auto seed = from; seed < to && !::testing::Test::HasFailure(); ++seed) run(seed);
}

class one_run : public backlog_model_test {
public:
    void TestBody() override {}
    using backlog_model_test::counted;
    using backlog_model_test::left;
    using backlog_model_test::lost;
    using backlog_model_test::quarantined;
    using backlog_model_test::run;
};

TEST(backlog_model, loses_nothing_when_the_process_lacks_things_and_the_disk_takes_nothing) {
    for_seeds(0, 400, [](unsigned seed) {
        one_run test;
        std::minstd_rand which(seed + 2);
        test.run(seed, false, [&which](call what) {
            switch (what) {
                case call::open_file:
                case call::open_directory:
                case call::status:
                case call::read_at:
                    return std::vector<int>{EMFILE, ENFILE, ENOMEM, EAGAIN}[which() % 4];
                default:
                    return std::vector<int>{EIO, ENOSPC, EROFS, EDQUOT, EACCES}[which() % 5];
            }
        });
        EXPECT_EQ(test.lost(), 0u) << "seed " << seed;
        EXPECT_EQ(test.counted, 0u) << "seed " << seed;
        EXPECT_TRUE(test.quarantined().empty()) << "seed " << seed;
        for (const auto* slot : {"slot-0000", "slot-0001", "slot-0002"}) {
            EXPECT_TRUE(test.left(slot).empty()) << "seed " << seed << ": " << slot << " holds " << test.left(slot)[0];
        }
    });
}

TEST(backlog_model, loses_nothing_that_is_not_counted_when_anything_fails_and_files_are_damaged) {
    for_seeds(0, 400, [](unsigned seed) {
        one_run test;
        std::minstd_rand which(seed + 2);
        test.run(seed, true, [&which](call) {
            return std::vector<int>{EIO, ENOSPC, EROFS, EACCES, EPERM, ELOOP, EMFILE, ENOMEM, ENOENT}[which() % 9];
        });
        EXPECT_TRUE(test.lost() == 0 || test.counted > 0) << "seed " << seed << ": " << test.lost() << " are lost";
    });
}

TEST(backlog_model, loses_only_what_a_flipped_bit_has_hit) {
    for_seeds(0, 400, [](unsigned seed) {
        one_run test;
        test.run(seed, true, [](call) { return 0; });
        // A bit costs a head of a file at most, or one record, for each of two destinations.
        EXPECT_LE(test.lost(), test.counted * 2 * 8192 / 32) << "seed " << seed;
        EXPECT_TRUE(test.lost() == 0 || test.counted > 0) << "seed " << seed;
    });
}

}  // namespace
}  // namespace logferry::journal
