// A producer is put aside after each instruction of `reserve` and of `commit`, the consumer after each of `maintain`,
// while everybody else goes on, for as long as it takes to use every slot again.
#include <algorithm>
#include <map>
#include <set>

#include <journal/spool.hpp>
#include <support/memory_system.hpp>

#include "interrupted.hpp"
#include "journal_fixture.hpp"

#ifdef LOGFERRY_CAN_INTERRUPT

namespace logferry::journal {
namespace {

class interrupt_test : public journal_test {
protected:
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t size = 300;

    void open_small(when_full policy) {
        settings chosen;
        chosen.segment_size = page;
        chosen.size = 4 * page;
        chosen.policy = policy;
        chosen.wake = [](void* context) noexcept { ++*static_cast<int*>(context); };
        chosen.wake_context = &wakes;
        wakes = 0;
        granted.clear();
        seen.clear();
        open(chosen);
    }

    // Whatever runs inside a signal handler only takes notes; they are compared afterwards.
    bool produce() {
        const auto room = log->reserve(size, importance::high);
        if (!room.data) return false;
        finish(room);
        return true;
    }
    void finish(const reservation& room) {
        const auto number = static_cast<std::uint32_t>(granted.size());
        std::memset(room.data, 0x55, size);
        std::memcpy(room.data, &number, sizeof number);
        granted.push_back(number);
        log->commit(room);
    }
    void consume() {
        for (entry e; reader->next(e);) {
            std::uint32_t number = 0;
            std::memcpy(&number, e.data.data(), sizeof number);
            seen.push_back(number);
            const bool rest =
                std::all_of(e.data.begin() + 4, e.data.end(), [](auto b) { return b == std::byte{0x55}; });
            damaged |= !rest || e.data.size() != size;
            reader->settle(e.token);
        }
    }
    void consume_and_maintain() {
        consume();
        log->maintain();
    }

    // What the world does meanwhile.
    void use_every_slot_again() {
        for (int i = 0; i < 12; ++i) {
            while (i % 3 != 2 && produce()) {
            }
            produce();
            consume_and_maintain();
        }
    }
    void fill() {
        while (produce()) {
        }
    }

    /// `call` is interrupted after its first instruction, then, all anew, after its second, and so on to its end.
    void interrupt_everywhere(const std::function<void()>& prepare, const std::function<void()>& call,
                              const std::function<void()>& world, const std::function<void()>& check) {
        test::interrupter stop;
        for (std::uint64_t n = 1;; ++n) {
            prepare();
            const bool more = stop.at(n, call, world);
            check();
            ASSERT_FALSE(HasFailure()) << "interrupted after instruction " << n;
            if (!more) {
                RecordProperty("instructions", std::to_string(n));
                EXPECT_GT(n, 10u) << "nothing was interrupted";
                return;
            }
        }
    }

    void check_books() {
        for (int i = 0; i < 3; ++i) consume_and_maintain();
        EXPECT_FALSE(damaged);
        auto in_order = seen;
        std::sort(in_order.begin(), in_order.end());
        EXPECT_EQ(in_order.size() + reader->given_up(), granted.size());
        EXPECT_EQ(std::set(in_order.begin(), in_order.end()).size(), in_order.size()) << "read twice";
        EXPECT_EQ(log->accepted(), granted.size());
        EXPECT_EQ(reader->settled_to(), log->end());
    }
    void check_books_and_that_life_goes_on() {
        check_books();
        const auto before = granted.size();
        use_every_slot_again();
        EXPECT_GT(granted.size(), before + 3 * (page / stride(size)));
        check_books();
    }

    /// The same on a disk that is full, so that the journal begins in memory.
    void open_on_full_disk() {
        log.reset();
        disk.reset();
        os = std::make_unique<memory_system>();
        disk = std::make_unique<spool>(*os, spool_settings{{"/spool", false}, page, false});
        disk->open();
        os->set_room(0);
        settings chosen;
        chosen.segment_size = page;
        chosen.size = 8 * page;
        chosen.disk = disk.get();
        granted.clear();
        seen.clear();
        open(chosen);
    }
    void let_the_disk_have_room() {
        os->set_room(UINT64_MAX);
        disk->try_again();
        for (int i = 0; i < 3; ++i) consume_and_maintain();
    }

    std::function<void()> with_bricks(std::size_t count, when_full policy = when_full::shed) {
        return [this, count, policy] {
            open_small(policy);
            for (std::size_t i = 0; i < count; ++i) produce();
        };
    }

    void TearDown() override { log.reset(); }

    std::unique_ptr<memory_system> os;
    std::unique_ptr<spool> disk;
    std::vector<std::uint32_t> granted;
    std::vector<std::uint32_t> seen;
    bool damaged = false;
    int wakes = 0;
    static constexpr std::size_t per_segment = (page - alignment) / stride(size);
};

TEST_F(interrupt_test, reserving_while_every_slot_is_used_again) {
    reservation room;
    for (const auto policy : {when_full::shed, when_full::drop_oldest}) {
        // In the middle of a segment, across its end, across the end of the last one.
        for (const auto bricks : {std::size_t{3}, per_segment, 4 * per_segment}) {
            interrupt_everywhere(
                with_bricks(bricks, policy), [&] { room = log->reserve(size, importance::high); },
                [&] { use_every_slot_again(); },
                [&] {
                    if (room.data) finish(room);
                    check_books_and_that_life_goes_on();
                });
        }
    }
}

TEST_F(interrupt_test, reserving_while_memory_is_changed_for_files_and_every_slot_is_used_again) {
    reservation room;
    // None: the active segment itself is changed. Some: it is sealed.
    for (const auto bricks : {std::size_t{0}, std::size_t{3}, per_segment}) {
        interrupt_everywhere(
            [&] {
                open_on_full_disk();
                for (std::size_t i = 0; i < bricks; ++i) produce();
            },
            [&] { room = log->reserve(size, importance::high); },
            [&] {
                let_the_disk_have_room();
                use_every_slot_again();
            },
            [&] {
                if (room.data) finish(room);
                check_books_and_that_life_goes_on();
            });
    }
}

TEST_F(interrupt_test, reserving_while_the_journal_closes) {
    reservation room;
    for (const auto bricks : {std::size_t{0}, std::size_t{3}, per_segment, 4 * per_segment}) {
        interrupt_everywhere(
            with_bricks(bricks), [&] { room = log->reserve(size, importance::high); },
            [&] {
                log->close();
                consume_and_maintain();
            },
            [&] {
                log->close();
                if (room.data) finish(room);
                check_books();
                EXPECT_EQ(log->reserve(size, importance::high).what, state::closed);
            });
    }
}

TEST_F(interrupt_test, closing_while_others_write) {
    for (const auto bricks : {std::size_t{0}, std::size_t{3}, per_segment - 1, per_segment, 4 * per_segment}) {
        interrupt_everywhere(
            with_bricks(bricks), [&] { log->close(); }, [&] { use_every_slot_again(); },
            [&] {
                EXPECT_EQ(log->reserve(size, importance::high).what, state::closed);
                check_books();
            });
    }
}

TEST_F(interrupt_test, maintaining_while_others_write) {
    const auto busy = [this](std::size_t bricks, when_full policy) {
        return [this, bricks, policy] {
            open_small(policy);
            // Long enough that warm blocks go round.
            use_every_slot_again();
            for (std::size_t i = 0; i < bricks; ++i) produce();
            if (policy == when_full::shed) consume();
        };
    };
    for (const auto& prepare : {busy(per_segment, when_full::shed), busy(4 * per_segment, when_full::drop_oldest)}) {
        interrupt_everywhere(
            prepare, [&] { log->maintain(); }, [&] { fill(); }, [&] { check_books_and_that_life_goes_on(); });
    }
}

TEST_F(interrupt_test, maintaining_while_the_journal_closes) {
    interrupt_everywhere(
        [&] {
            open_small(when_full::shed);
            use_every_slot_again();
            for (std::size_t i = 0; i < per_segment; ++i) produce();
            consume();
        },
        [&] { log->maintain(); },
        [&] {
            produce();
            log->close();
            produce();
        },
        [&] {
            log->close();
            check_books();
        });
}

TEST_F(interrupt_test, committing_while_the_consumer_falls_asleep) {
    bool asleep = false;
    reservation room;
    const auto fall_asleep = [&] {
        log->announce(journal::sleep::deep);
        asleep = !reader->readable() && !log->maintenance_due();
        if (!asleep) log->announce(journal::sleep::awake);
    };
    interrupt_everywhere(
        [&] {
            open_small(when_full::shed);
            asleep = false;
            room = log->reserve(size, importance::high);
            granted.push_back(0);
            std::memset(room.data, 0x55, size);
            std::memset(room.data, 0, 4);
        },
        [&] { log->commit(room); }, fall_asleep,
        [&] {
            EXPECT_EQ(wakes, asleep ? 1 : 0);
            check_books();
        });
}

TEST_F(interrupt_test, crossing_a_segment_while_the_consumer_dozes_off) {
    bool asleep = false;
    reservation room;
    interrupt_everywhere(
        [&] {
            with_bricks(per_segment)();
            log->maintain();
            asleep = false;
        },
        [&] { room = log->reserve(size, importance::high); },
        [&] {
            log->announce(journal::sleep::doze);
            asleep = !log->maintenance_due();
            if (!asleep) log->announce(journal::sleep::awake);
        },
        [&] {
            EXPECT_EQ(wakes, asleep ? 1 : 0);
            finish(room);
            check_books();
        });
}

TEST_F(interrupt_test, counting_while_others_write) {
    std::uint64_t accepted = 0;
    std::uint64_t before = 0;
    interrupt_everywhere(
        [&] {
            with_bricks(3)();
            before = granted.size();
        },
        [&] { accepted = log->accepted(); }, [&] { fill(); },
        [&] {
            EXPECT_GE(accepted, before);
            EXPECT_LE(accepted, granted.size());
            check_books();
        });
}

}  // namespace
}  // namespace logferry::journal

#endif
