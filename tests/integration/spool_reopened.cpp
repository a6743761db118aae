// A spool that is opened again by the process that has just closed it, while somebody still holds the old shipper.
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "world.hpp"

namespace logferry::test {
namespace {

class spool_reopened : public world {
protected:
    spool_reopened() {
        std::string name = testing::TempDir() + "logferry_spool_XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name);
        spool_ = name;
    }
    ~spool_reopened() override {
        std::error_code ignored;  // a worker that was not waited for may still be writing here
        std::filesystem::remove_all(spool_, ignored);
    }

    [[nodiscard]] std::shared_ptr<shipper> open(bool vendor_is_there) {
        auto vendor = logsfori();
        if (!vendor_is_there) vendor.base_url = "http://127.0.0.1:1";
        auto opts = quiet({{vendor}});
        opts.buffer.spool = spool_;
        return shipper::open(std::move(opts));
    }

private:
    std::string spool_;
};

TEST_F(spool_reopened, gives_what_was_left_to_the_next_shipper_of_the_same_process) {
    const auto first = open(false);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(first->submit({}));
    // Nobody answers, so this ends soon; a close that ends before its worker does would leave the slot taken.
    const auto left = first->close(seconds(30));
    EXPECT_TRUE(left.balanced());
    EXPECT_EQ(left.pending(), 10u);
    const auto second = open(true);
    const auto stats = settled(*second);
    EXPECT_EQ(stats.recovered, 10u);
    EXPECT_EQ(stats.delivered, 10u);
    EXPECT_TRUE(second->close(seconds(10)).balanced());
    EXPECT_EQ(first->stats().pending(), 10u) << "its figures no longer change";
}

TEST_F(spool_reopened, takes_nothing_from_a_shipper_that_is_open) {
    const auto first = open(false);
    ASSERT_TRUE(first->submit({}));
    const auto second = open(true);
    EXPECT_EQ(settled(*second).recovered, 0u);
    EXPECT_EQ(first->close(milliseconds(0)).pending(), 1u);
    EXPECT_TRUE(second->close(seconds(10)).balanced());
}

}  // namespace
}  // namespace logferry::test
