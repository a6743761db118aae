// Lives and deaths of processes on one spool, against a simple model: random operations, a disk that fails now and
// then, crashes at any moment, closes, and destinations at different speeds. In the end every record whose commit
// returned while it lay on the disk has come to every destination, but for those that were told as given up.
#include <cerrno>
#include <map>
#include <random>
#include <set>

#include <journal/backlog.hpp>
#include <journal/spool.hpp>
#include <support/memory_system.hpp>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

constexpr std::size_t destinations = 2;
const std::vector<std::string> names = {"a", "b"};

std::vector<std::byte> payload_of(std::uint64_t id) {
    std::minstd_rand random(static_cast<unsigned>(id * 2654435761u + 1));
    std::vector<std::byte> bytes(sizeof id + random() % 3000);
    for (auto& b : bytes) b = static_cast<std::byte>(random());
    std::memcpy(bytes.data(), &id, sizeof id);
    return bytes;
}

struct fate {
    bool safe = false;  // committed in a file
    bool came[destinations] = {};
    bool given_up[destinations] = {};
};

struct held_record {
    std::uint64_t id;
    std::uint64_t token;
    bool of_backlog;
};

class spool_model_test : public ::testing::TestWithParam<int> {
protected:
    explicit spool_model_test() : random(static_cast<unsigned>(GetParam()) * 7919u + 1) {}

    [[nodiscard]] unsigned below(unsigned n) { return static_cast<unsigned>(random() % n); }

    // A process's life -------------------------------------------------------------------------------------------

    void start() {
        disk = std::make_unique<spool>(os, spool_settings{{"/spool", false}, segment_bytes, false});
        disk->open();
        settings chosen;
        chosen.size = 24 * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.disk = disk.get();
        log = std::make_unique<journal>(chosen);
        for (std::size_t d = 0; d < destinations; ++d) {
            live[d] = &log->add_cursor(names[d]);
            live[d]->on_give_up([this, d](auto bytes) { give_up(bytes, d); });
        }
        find_backlog();
    }
    void find_backlog() {
        if (left || !disk->slot()) return;
        backlog_settings chosen;
        chosen.destinations = names;
        left = std::make_unique<backlog>(*disk->directory(), *disk->slot(), disk->created(), chosen);
        for (std::size_t d = 0; d < destinations; ++d) {
            left->cursor(d).on_give_up([this, d](auto bytes) { give_up(bytes, d); });
        }
        left->look_for_orphans();
    }
    void end() {
        for (auto& h : held) h.clear();
        unfinished.clear();
        left.reset();
        log.reset();
        disk.reset();
    }
    void crash() {
        os.crash();
        end();
        for (auto& ids : settled_now) ids.clear();
    }
    void close() {
        for (const auto& [room, id] : std::exchange(unfinished, {})) finish(room, id);
        log->close();
        maintain();
        log->settle_spool();
        remember_settled();
        end();
    }
    void maintain() {
        find_backlog();
        if (left) {
            left->maintain();
            log->leave_room_for(left->own_segments());
        }
        log->maintain();
    }

    // Operations -------------------------------------------------------------------------------------------------

    void write(bool and_finish) {
        const auto bytes = payload_of(next_id);
        const auto room = log->reserve(bytes.size(), importance::high);
        if (room.data == nullptr) return;
        std::memcpy(room.data, bytes.data(), bytes.size());
        if (and_finish) {
            finish(room, next_id);
        } else {
            unfinished.emplace_back(room, next_id);
        }
        ++next_id;
    }
    void finish(const reservation& room, std::uint64_t id) {
        log->commit(room);
        fates[id].safe = room.spooled;
    }
    void read(std::size_t d, bool of_backlog) {
        if (held[d].size() >= 60) return;  // as many runs as a cursor's page has room for, and fewer
        entry e;
        std::uint64_t journal_id = 0;
        const bool found = of_backlog ? left && left->cursor(d).next(e, journal_id) : live[d]->next(e);
        if (!found) return;
        std::uint64_t id = 0;
        ASSERT_GE(e.data.size(), sizeof id);
        std::memcpy(&id, e.data.data(), sizeof id);
        const auto bytes = payload_of(id);
        ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), e.data.begin(), e.data.end())) << "altered: " << id;
        ASSERT_EQ(fates.count(id), 1u) << "never committed: " << id;
        if (harmless) {
            EXPECT_EQ(settled_and_saved[d].count(id), 0u) << "again: " << id;
        }
        fates[id].came[d] = true;
        held[d].push_back({id, e.token, of_backlog});
    }
    void settle(std::size_t d) {
        if (held[d].empty()) return;
        const auto which = held[d].begin() + below(static_cast<unsigned>(held[d].size()));
        if (which->of_backlog) {
            left->cursor(d).settle(which->token);
        } else {
            live[d]->settle(which->token);
        }
        settled_now[d].insert(which->id);
        held[d].erase(which);
    }
    void remember_settled() {
        for (std::size_t d = 0; d < destinations; ++d) settled_and_saved[d].merge(settled_now[d]);
    }
    void give_up(std::span<const std::byte> bytes, std::size_t d) {
        std::uint64_t id = 0;
        std::memcpy(&id, bytes.data(), sizeof id);
        fates[id].given_up[d] = true;
    }
    void trouble_the_disk() {
        constexpr int errors[] = {ENOSPC, EIO, EMFILE, ENOMEM, EROFS};
        const auto error = errors[below(5)];
        // No device that reports errors where bytes are read: what cannot be read is passed, and that is counted and
        // tested elsewhere.
        const auto chance = 2 + below(10);
        const auto seed = random();
        os.fail_when([error, chance, seed](memory_system::call what, std::uint64_t nth) {
            using call = memory_system::call;
            const bool reads = what == call::read_at || what == call::open_file || what == call::status;
            if (reads && error == EIO) return 0;
            return (nth * 2654435761u + seed) % chance == 0 ? error : 0;
        });
    }
    void heal_the_disk() {
        os.fail_nothing();
        disk->try_again();
    }

    void one_step() {
        const auto d = below(destinations);
        switch (below(20)) {
            case 0:
                maintain();
                remember_settled();
                break;
            case 1:
                write(false);
                break;
            case 2:
                if (!unfinished.empty()) {
                    finish(unfinished.front().first, unfinished.front().second);
                    unfinished.erase(unfinished.begin());
                }
                break;
            case 3:
                if (!harmless && below(10) == 0) trouble_the_disk();
                break;
            case 4:
                if (!harmless && below(4) == 0) heal_the_disk();
                break;
            case 5:
                if (below(60) == 0) {
                    crash();
                    start();
                }
                break;
            case 6:
                if (below(60) == 0) {
                    close();
                    start();
                }
                break;
            case 7:
            case 8:
            case 9:
                read(d, true);
                break;
            case 10:
            case 11:
            case 12:
                read(d, false);
                break;
            case 13:
            case 14:
            case 15:
                settle(d);
                settle(d);
                break;
            default:
                write(true);
        }
    }

    void finish_everything() {
        os.fail_nothing();
        crash();
        start();
        for (int idle = 0; idle < 100; ++idle) {
            for (std::size_t d = 0; d < destinations; ++d) {
                for (std::size_t before = ~std::size_t{0}; before != held[d].size();) {
                    before = held[d].size();
                    read(d, true);
                    if (HasFatalFailure()) return;
                    if (held[d].size() != before) idle = 0;
                }
                while (!held[d].empty()) settle(d);
            }
            os.advance(std::int64_t{2} * 1'000'000'000);
            maintain();
        }
        for (std::size_t d = 0; d < destinations; ++d) EXPECT_TRUE(left->cursor(d).finished());
        EXPECT_EQ(left->counts().damaged_places, 0u);
        close();
    }

    void expect_nothing_lost() {
        std::size_t safe = 0;
        for (const auto& [id, f] : fates) {
            if (!f.safe) continue;
            ++safe;
            for (std::size_t d = 0; d < destinations; ++d) {
                EXPECT_TRUE(f.came[d] || f.given_up[d]) << "lost: record " << id << " for " << names[d];
            }
        }
        EXPECT_GT(safe, 1000u) << "the disk was used too rarely for this to say anything";
        for (const auto& name : os.names("/spool/slot-0000")) EXPECT_EQ(name, "lock");
    }

    std::mt19937 random;
    memory_system os;
    std::unique_ptr<spool> disk;
    std::unique_ptr<journal> log;
    std::unique_ptr<backlog> left;
    cursor* live[destinations] = {};
    std::vector<held_record> held[destinations];
    std::vector<std::pair<reservation, std::uint64_t>> unfinished;
    std::map<std::uint64_t, fate> fates;
    std::set<std::uint64_t> settled_now[destinations];
    std::set<std::uint64_t> settled_and_saved[destinations];
    std::uint64_t next_id = 1;
    // The disk never fails, so nothing that was settled and saved may come again.
    const bool harmless = GetParam() % 2 == 0;
};

TEST_P(spool_model_test, nothing_on_the_disk_is_lost) {
    start();
    for (int step = 0; step < 20'000 && !HasFatalFailure(); ++step) one_step();
    ASSERT_FALSE(HasFatalFailure());
    finish_everything();
    ASSERT_FALSE(HasFatalFailure());
    expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(seeds, spool_model_test, ::testing::Range(0, 12));

}  // namespace
}  // namespace logferry::journal
