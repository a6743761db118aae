// Fields for everything that a thread logs meanwhile.
#include <memory>
#include <optional>
#include <thread>

#include <logferry/fields.hpp>

#include "record_fixture.hpp"

namespace logferry {
namespace {

std::string fields_now() { return record::show(record::scope_fields()); }

TEST(scope, adds_nothing_where_there_is_none) { EXPECT_EQ(fields_now(), ""); }

TEST(scope, adds_its_fields_while_it_lives) {
    {
        const scope request{{"request_id", 7}, {"user", "eve"}};
        EXPECT_EQ(fields_now(), "request_id=7 user=\"eve\"");
    }
    EXPECT_EQ(fields_now(), "");
}

TEST(scope, nests_with_the_inner_one_last_which_is_the_one_that_counts) {
    const scope outer{{"a", 1}, {"same", "outer"}};
    {
        const scope inner{{"same", "inner"}, {"b", 2}};
        EXPECT_EQ(fields_now(), "a=1 same=\"outer\" same=\"inner\" b=2");
    }
    EXPECT_EQ(fields_now(), "a=1 same=\"outer\"");
}

TEST(scope, copies_what_it_is_given) {
    std::optional<scope> s;
    {
        std::string gone = "a string that is long enough to live on the heap";
        s.emplace(std::initializer_list<field>{{"text", std::string_view(gone)}});
        gone.assign(gone.size(), '!');
    }
    EXPECT_EQ(fields_now(), "text=\"a string that is long enough to live on the heap\"");
}

TEST(scope, may_be_empty_and_deep) {
    const scope empty{};
    EXPECT_EQ(fields_now(), "");
    std::vector<std::unique_ptr<scope>> scopes;
    for (int i = 0; i < 100; ++i) scopes.push_back(std::make_unique<scope>(std::initializer_list<field>{{"i", i}}));
    EXPECT_TRUE(fields_now().ends_with("i=98 i=99"));
    while (!scopes.empty()) scopes.pop_back();
    EXPECT_EQ(fields_now(), "");
}

TEST(scope, belongs_to_its_thread) {
    const scope here{{"thread", "first"}};
    std::thread([] {
        EXPECT_EQ(fields_now(), "");
        const scope there{{"thread", "second"}};
        EXPECT_EQ(fields_now(), "thread=\"second\"");
    }).join();
    EXPECT_EQ(fields_now(), "thread=\"first\"");
}

TEST(scope, that_ends_on_another_thread_stops_with_the_next_record_of_its_own) {
    auto moved = std::make_unique<scope>(std::initializer_list<field>{{"coroutine", 1}});
    std::thread([&] {
        const scope theirs{{"other", 2}};
        moved.reset();
        EXPECT_EQ(fields_now(), "other=2");
    }).join();
    EXPECT_EQ(fields_now(), "");
    const scope next{{"next", 3}};
    EXPECT_EQ(fields_now(), "next=3");
}

TEST(scope, that_ends_before_an_inner_one_lasts_as_long) {
    auto outer = std::make_unique<scope>(std::initializer_list<field>{{"outer", 1}});
    auto inner = std::make_unique<scope>(std::initializer_list<field>{{"inner", 2}});
    outer.reset();
    EXPECT_EQ(fields_now(), "outer=1 inner=2");
    inner.reset();
    EXPECT_EQ(fields_now(), "");
}

}  // namespace
}  // namespace logferry
