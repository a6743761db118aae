// A producer is put aside in the middle of a reservation, for as long as it takes the others to fill the buffer and the
// consumer to fall asleep over what it cannot pass. Nobody but that producer can wake it then. Where builds have
// failpoints, its place is exact; tests/stress finds such places by chance.
#ifdef LOGFERRY_FAILPOINTS

#include <utility>

#include <failpoint/failpoint.hpp>

#include "journal_fixture.hpp"

namespace logferry::journal {
namespace {

class put_aside_test : public journal_test {
public:
    put_aside_test() {
        settings chosen;
        chosen.size = segments * segment_bytes;
        chosen.segment_size = segment_bytes;
        chosen.wake = [](void* context) noexcept { ++*static_cast<int*>(context); };
        chosen.wake_context = &wakes;
        open(chosen);
        self = this;
    }
    ~put_aside_test() override { failpoint::visit = nullptr; }

    /// Whoever comes there next finds that all this has happened meanwhile.
    static void put_aside_at(const char* name, void (put_aside_test::*happens)()) {
        self->place = name;
        self->meanwhile = happens;
        failpoint::visit = [](const char* at) noexcept {
            if (self->meanwhile == nullptr || self->place != at) return;
            (self->*std::exchange(self->meanwhile, nullptr))();
        };
    }

    void the_others_fill_the_buffer_and_the_consumer_falls_asleep() {
        while (write_bricks_until_refused(importance::high) > 0) {
            read_all(*reader);
            log->maintain();
        }
        log->announce(journal::sleep::deep);
        ASSERT_FALSE(reader->readable());
        ASSERT_FALSE(log->maintenance_due());
        EXPECT_EQ(write(brick), state::full);
        ASSERT_EQ(wakes, 0);
    }
    /// And once more before the producer has seen that it is late.
    void its_slot_belongs_to_another_segment() {
        for (std::size_t i = 0; i < segments; ++i) {
            write_segments(1);
            read_all(*reader);
            log->maintain();
        }
        write("in the slot's next segment");
        put_aside_at("reserved", &put_aside_test::the_others_fill_the_buffer_and_the_consumer_falls_asleep);
    }

    static constexpr std::size_t segments = 8;
    int wakes = 0;

private:
    static inline put_aside_test* self = nullptr;
    std::string place;
    void (put_aside_test::*meanwhile)() = nullptr;
};

TEST_F(put_aside_test, before_it_says_where_the_records_of_a_full_segment_end) {
    write_segments(1);
    put_aside_at("sealing", &put_aside_test::the_others_fill_the_buffer_and_the_consumer_falls_asleep);
    EXPECT_EQ(write("over the edge"), state::full);
    EXPECT_EQ(wakes, 1);
    EXPECT_TRUE(reader->readable());
}

TEST_F(put_aside_test, before_it_sees_that_its_reservation_came_too_late) {
    put_aside_at("looked", &put_aside_test::its_slot_belongs_to_another_segment);
    EXPECT_EQ(write("late"), state::full);
    EXPECT_EQ(wakes, 1);
    EXPECT_TRUE(reader->readable());
}

}  // namespace
}  // namespace logferry::journal

#endif
