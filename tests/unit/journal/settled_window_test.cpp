// Settled runs, against a list that is looked through from one end to the other.
#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <journal/settled_window.hpp>

namespace logferry::journal {
namespace {

std::vector<position_range> runs_of(const settled_window& window, position read_to, std::size_t most = 100) {
    std::vector<position_range> out(most);
    out.resize(window.settled_runs(read_to, out.data(), most));
    return out;
}

TEST(settled_window_test, forgets_what_is_settled_at_the_front) {
    settled_window window;
    const auto a = window.hand_out(0);
    const auto b = window.hand_out(100);
    EXPECT_EQ(window.oldest(), 0u);
    window.settle(a);
    EXPECT_EQ(window.oldest(), 100u);
    EXPECT_FALSE(window.unsettled(a));
    window.settle(b);
    EXPECT_TRUE(window.empty());
    EXPECT_FALSE(window.unsettled(b));
}

TEST(settled_window_test, lists_what_is_settled_behind_the_oldest) {
    settled_window window;
    std::vector<std::uint64_t> tokens;
    for (position at = 0; at < 60; at += 10) tokens.push_back(window.hand_out(at));
    EXPECT_TRUE(runs_of(window, 60).empty());
    window.settle(tokens[1]);
    window.settle(tokens[3]);
    EXPECT_EQ(runs_of(window, 60), (std::vector<position_range>{{10, 20}, {30, 40}}));
    window.settle(tokens[2]);
    EXPECT_EQ(runs_of(window, 60), (std::vector<position_range>{{10, 40}}));
    window.settle(tokens[5]);
    EXPECT_EQ(runs_of(window, 77), (std::vector<position_range>{{10, 40}, {50, 77}}));
    EXPECT_EQ(runs_of(window, 77, 1), (std::vector<position_range>{{10, 40}}));
    window.settle(tokens[0]);
    EXPECT_EQ(window.oldest(), 40u);
    EXPECT_EQ(runs_of(window, 77), (std::vector<position_range>{{50, 77}}));
}

TEST(settled_window_test, is_what_a_simple_list_says_whatever_the_order) {
    struct record {
        position at;
        bool settled;
    };
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 chance(seed);
        settled_window window;
        std::vector<record> list;  // by token
        std::vector<std::uint64_t> open;
        for (int step = 0; step < 300; ++step) {
            if (open.empty() || chance() % 2 == 0) {
                const position at = 16 * list.size() + 3;
                ASSERT_EQ(window.hand_out(at), list.size());
                open.push_back(list.size());
                list.push_back({at, false});
            } else {
                const auto pick = open.begin() + static_cast<std::ptrdiff_t>(chance() % open.size());
                list[*pick].settled = true;
                window.settle(*pick);
                open.erase(pick);
            }
            const position read_to = 16 * list.size() + 3;
            const auto oldest = std::find_if(list.begin(), list.end(), [](const auto& r) { return !r.settled; });
            ASSERT_EQ(window.empty(), oldest == list.end());
            if (oldest == list.end()) continue;
            ASSERT_EQ(window.oldest(), oldest->at);

            std::vector<position_range> expected;
            std::vector<position> unsettled;
            for (auto r = oldest; r != list.end(); ++r) {
                const auto end = r + 1 == list.end() ? read_to : (r + 1)->at;
                ASSERT_EQ(window.unsettled(static_cast<std::uint64_t>(r - list.begin())), !r->settled);
                if (!r->settled) unsettled.push_back(r->at);
                if (!r->settled) continue;
                if (!expected.empty() && expected.back().end == r->at)
                    expected.back().end = end;
                else
                    expected.push_back({r->at, end});
            }
            ASSERT_EQ(runs_of(window, read_to, 1000), expected) << "seed " << seed << " step " << step;
            std::vector<position> visited;
            window.for_each_unsettled([&](position at) { visited.push_back(at); });
            ASSERT_EQ(visited, unsettled);
        }
    }
}

}  // namespace
}  // namespace logferry::journal
