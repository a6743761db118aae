#include <transport/descriptor_list.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace logferry::transport {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

int any_descriptor() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(descriptor_list, closes_what_is_in_it_and_nothing_else) {
    descriptor_list list;
    const int kept = any_descriptor();
    const int removed = any_descriptor();
    const int unknown = any_descriptor();
    ASSERT_TRUE(list.add(kept));
    ASSERT_TRUE(list.add(removed));
    list.remove(removed);
    list.remove(unknown);
    list.close_all();
    EXPECT_FALSE(is_open(kept));
    EXPECT_TRUE(is_open(removed));
    EXPECT_TRUE(is_open(unknown));
    ::close(removed);
    ::close(unknown);
}

TEST(descriptor_list, knows_nothing_of_what_comes_under_the_same_number_later) {
    descriptor_list list;
    const int first = any_descriptor();
    ASSERT_TRUE(list.add(first));
    list.close_all();
    const int second = any_descriptor();
    ASSERT_EQ(second, first);
    list.close_all();
    EXPECT_TRUE(is_open(second));
    ::close(second);
}

TEST(descriptor_list, holds_any_number_in_any_order_of_coming_and_going) {
    constexpr std::size_t many = 500;
    descriptor_list list;
    std::vector<int> all(many);
    std::generate(all.begin(), all.end(), any_descriptor);
    std::set<int> in_it;
    std::minstd_rand chance(1);
    for (int step = 0; step < 20'000; ++step) {
        const int fd = all[chance() % many];
        if (in_it.insert(fd).second) {
            ASSERT_TRUE(list.add(fd));
        } else {
            list.remove(fd);
            in_it.erase(fd);
        }
    }
    ASSERT_GT(in_it.size(), 100u);
    list.close_all();
    for (const int fd : all) {
        EXPECT_EQ(is_open(fd), in_it.count(fd) == 0) << fd;
        if (in_it.count(fd) == 0) ::close(fd);
    }
}

}  // namespace
}  // namespace logferry::transport
