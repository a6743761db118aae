#include <chrono>

#include <gtest/gtest.h>

#include <vendors/rate_cap.hpp>

namespace logferry::vendors {
namespace {

using namespace std::chrono_literals;
const std::chrono::steady_clock::time_point start{};

TEST(rate_cap, allows_so_many_in_any_minute) {
    rate_cap cap(2);
    EXPECT_TRUE(cap.allow(start));
    EXPECT_TRUE(cap.allow(start + 30s));
    EXPECT_FALSE(cap.allow(start + 59s));
    EXPECT_TRUE(cap.allow(start + 60s)) << "the first is a minute ago";
    EXPECT_FALSE(cap.allow(start + 89s));
    EXPECT_TRUE(cap.allow(start + 90s));
}

TEST(rate_cap, of_none_allows_none) {
    rate_cap cap(0);
    EXPECT_FALSE(cap.allow(start));
    EXPECT_FALSE(cap.allow(start + 1h));
}

}  // namespace
}  // namespace logferry::vendors
