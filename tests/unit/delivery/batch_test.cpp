#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <delivery/batch.hpp>

namespace logferry::delivery {
namespace {

const framing list{"[", ",", "]"};

batch sealed(const std::vector<std::string>& records, const framing& frame = list) {
    batch b;
    b.order = 10;
    std::uint64_t token = 0;
    for (const auto& text : records) {
        begin_entry(b, frame, ++token, 0, level::info);
        b.body.append(text);
        end_entry(b);
    }
    b.seal(frame);
    return b;
}

std::vector<std::uint64_t> tokens(const batch& b) {
    std::vector<std::uint64_t> all;
    for (const auto& entry : b.entries) all.push_back(entry.token);
    return all;
}

TEST(batch, frames_its_records) {
    EXPECT_EQ(sealed({"a", "bb", "ccc"}).body, "[a,bb,ccc]");
    EXPECT_EQ(sealed({"a"}).body, "[a]");
    EXPECT_EQ(sealed({"a", "b"}, {"", "\n", "\n"}).body, "a\nb\n");
}

TEST(batch, an_undone_record_leaves_no_trace) {
    batch b;
    begin_entry(b, list, 1, 0, level::info);
    b.body.append("half of a rec");
    undo_entry(b);
    EXPECT_EQ(b.body, "");
    begin_entry(b, list, 2, 0, level::info);
    b.body.append("a");
    end_entry(b);
    begin_entry(b, list, 3, 0, level::info);
    undo_entry(b);
    b.seal(list);
    EXPECT_EQ(b.body, "[a]");
    EXPECT_EQ(tokens(b), (std::vector<std::uint64_t>{2}));
}

TEST(batch, halves_hold_the_same_bytes_in_the_same_order) {
    auto whole = sealed({"a", "bb", "ccc", "dd", "e"});
    whole.tries = 3;
    whole.last_try = true;
    whole.sent = true;
    batch rest;
    halve(whole, rest, list);
    EXPECT_EQ(whole.body, "[a,bb]");
    EXPECT_EQ(rest.body, "[ccc,dd,e]");
    EXPECT_EQ(tokens(rest), (std::vector<std::uint64_t>{3, 4, 5}));
    EXPECT_LT(whole.order, rest.order);
    EXPECT_EQ(whole.tries, 0u) << "other bytes: none of them has failed yet";
    EXPECT_FALSE(whole.last_try);
    EXPECT_TRUE(rest.sent);

    batch last;
    halve(rest, last, list);
    EXPECT_EQ(rest.body, "[ccc]");
    EXPECT_EQ(last.body, "[dd,e]");
    EXPECT_LT(rest.order, last.order);
}

TEST(batch, gives_up_single_records) {
    auto b = sealed({"a", "bb", "ccc"});
    b.tries = 2;
    batch scratch;
    std::vector<batch_entry> out;
    extract_if(b, list, scratch, out, [](const batch_entry& entry) { return entry.token == 2; });
    EXPECT_EQ(b.body, "[a,ccc]");
    EXPECT_EQ(b.tries, 0u);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].token, 2u);

    extract_if(b, list, scratch, out, [](const batch_entry&) { return true; });
    EXPECT_TRUE(b.empty());
    EXPECT_EQ(out.size(), 3u);
}

TEST(batch, that_loses_nothing_stays_as_it_is) {
    auto b = sealed({"a", "bb"});
    b.tries = 2;
    batch scratch;
    std::vector<batch_entry> out;
    extract_if(b, list, scratch, out, [](const batch_entry&) { return false; });
    EXPECT_EQ(b.body, "[a,bb]");
    EXPECT_EQ(b.tries, 2u);
}

TEST(batch_pool, hands_out_what_it_got_back_empty) {
    batch_pool pool;
    auto b = pool.take();
    auto* const same = b.get();
    b->body = std::string(5000, 'x');
    b->tries = 7;
    pool.give_back(std::move(b));
    b = pool.take();
    EXPECT_EQ(b.get(), same);
    EXPECT_TRUE(b->body.empty());
    EXPECT_GE(b->body.capacity(), 5000u);
    EXPECT_EQ(b->tries, 0u);
}

TEST(batch_pool, keeps_little_through_a_quiet_time) {
    batch_pool pool;
    auto small = pool.take();
    auto* const kept = small.get();
    pool.give_back(std::move(small));
    pool.trim();
    auto again = pool.take();
    EXPECT_EQ(again.get(), kept);

    again->body.reserve(2'000'000);
    pool.give_back(std::move(again));
    pool.trim();
    EXPECT_LT(pool.take()->body.capacity(), 2'000'000u);
}

}  // namespace
}  // namespace logferry::delivery
