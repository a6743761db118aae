// Fields for one log call: readable in every other sink, typed in ours, and only from the arguments.
#include <limits>
#include <thread>

#include <logferry/fields.hpp>

#include "record_fixture.hpp"

namespace logferry {
namespace {

template <typename... Args>
std::string text_of(const Args&... args) {
    return std::string(kv(args...).render());
}

std::string fields_for(std::string_view message) { return record::show(record::call_fields(message)); }

TEST(kv_text, is_key_and_value) {
    EXPECT_EQ(text_of("order_id", 42), "order_id=42");
    EXPECT_EQ(text_of("order_id", 42, "amount", 9.99, "paid", true), "order_id=42 amount=9.99 paid=true");
    EXPECT_EQ(text_of("user", std::string("eve")), "user=eve");
    EXPECT_EQ(text_of("n", std::numeric_limits<std::int64_t>::min()), "n=-9223372036854775808");
    EXPECT_EQ(text_of("u", std::numeric_limits<std::uint64_t>::max()), "u=18446744073709551615");
    EXPECT_EQ(text_of("third", 0.1 + 0.2), "third=0.30000000000000004");
}

TEST(kv_text, is_quoted_where_it_would_be_read_wrongly) {
    EXPECT_EQ(text_of("v", ""), R"(v="")");
    EXPECT_EQ(text_of("v", "two words"), R"(v="two words")");
    EXPECT_EQ(text_of("v", "a=b"), R"(v="a=b")");
    EXPECT_EQ(text_of("v", R"(say "hi")"), R"(v="say \"hi\"")");
    EXPECT_EQ(text_of("v", R"(back\slash)"), R"(v="back\\slash")");
    EXPECT_EQ(text_of("v", "\xC3\xA9t\xC3\xA9"), "v=\xC3\xA9t\xC3\xA9");
    EXPECT_EQ(text_of("a key", 1), R"("a key"=1)");
}

TEST(kv_text, never_breaks_the_line_of_another_sink) {
    EXPECT_EQ(text_of("v", "a\nlevel=error forged=1"), R"(v="a\nlevel=error forged=1")");
    EXPECT_EQ(text_of("v", std::string_view("\0\x1b[2J\x7f\r", 7)), R"(v="\x00\x1b[2J\x7f\x0d")");
    EXPECT_EQ(text_of("k\ney", 1), R"("k\ney"=1)");
}

TEST(kv_text, shows_json_as_it_is_unless_it_would_break_the_line) {
    EXPECT_EQ(text_of("j", value::json(R"({"a": [1, 2]})")), R"(j={"a": [1, 2]})");
    EXPECT_EQ(text_of("j", value::json("{\n}")), R"(j="{\n}")");
}

TEST(kv_fields, go_with_the_message_that_contains_the_text) {
    const auto& pack = kv("order_id", 42, "amount", 9.5, "who", "eve");
    const auto message = "payment failed " + std::string(pack.render());
    EXPECT_EQ(fields_for(message), "order_id=42 amount=9.5f who=\"eve\"");
}

TEST(kv_fields, do_not_go_with_another_message) {
    const auto& pack = kv("order_id", 42);
    EXPECT_EQ(pack.render(), "order_id=42");
    EXPECT_EQ(fields_for("meanwhile, something else"), "");
    EXPECT_EQ(fields_for(""), "");
    EXPECT_EQ(fields_for("order_id=4"), "");
}

TEST(kv_fields, are_forgotten_when_the_expression_ends) {
    const auto message = "failed " + text_of("order_id", 42);
    EXPECT_EQ(message, "failed order_id=42");
    EXPECT_EQ(fields_for(message), "");
}

TEST(kv_fields, do_not_come_from_text) {
    EXPECT_EQ(fields_for("order_id=42 user=admin"), "");
    // Nor do they come with a pack that was never rendered.
    const auto& pack = kv("order_id", 42);
    EXPECT_EQ(fields_for("order_id=42"), "");
    EXPECT_EQ(pack.size(), 1u);
}

TEST(kv_fields, are_only_those_of_the_pack_whatever_its_text_looks_like) {
    const auto& pack = kv("note", "x admin=true");
    const auto message = std::string(pack.render());
    EXPECT_EQ(fields_for(message), "note=\"x admin=true\"");
}

TEST(kv_fields, of_two_packs_in_one_call_come_in_their_order) {
    const auto& first = kv("a", 1);
    const auto& second = kv("b", 2);
    const auto text = std::string(first.render());
    const auto message = text + " and " + std::string(second.render());
    EXPECT_EQ(fields_for(message), "a=1 b=2");
    EXPECT_EQ(fields_for("only a=1"), "a=1");
    EXPECT_EQ(fields_for("only b=2"), "b=2");
}

TEST(kv_fields, of_two_packs_that_look_alike_are_both_there) {
    const auto& first = kv("a", 1);
    const auto& second = kv("a", 1);
    const auto text = std::string(first.render());
    EXPECT_EQ(fields_for(text + " " + std::string(second.render())), "a=1 a=1");
    EXPECT_EQ(fields_for(text), "a=1");
}

TEST(kv_fields, are_not_doubled_when_a_pack_is_rendered_for_each_sink) {
    const auto& pack = kv("a", 1);
    std::string message;
    for (int sink = 0; sink < 3; ++sink) message = std::string(pack.render());
    EXPECT_EQ(fields_for(message), "a=1");
}

TEST(kv_fields, of_an_outer_call_stay_with_it_when_an_inner_one_logs) {
    const auto& outer = kv("outer", 1);
    const auto outer_message = "outer " + std::string(outer.render());
    {
        const auto& inner = kv("inner", 2);
        EXPECT_EQ(fields_for("inner " + std::string(inner.render())), "inner=2");
    }
    EXPECT_EQ(fields_for(outer_message), "outer=1");
}

TEST(kv_fields, survive_packs_that_end_in_any_order) {
    auto first = std::make_unique<kv_pack<1>>(field{"a", 1});
    auto second = std::make_unique<kv_pack<1>>(field{"b", 2});
    auto third = std::make_unique<kv_pack<1>>(field{"c", 3});
    for (const auto* p : {first.get(), second.get(), third.get()}) EXPECT_NE(p->render(), "");
    second.reset();
    EXPECT_EQ(fields_for("a=1 b=2 c=3"), "a=1 c=3");
    first.reset();
    EXPECT_EQ(fields_for("a=1 b=2 c=3"), "c=3");
    const auto& fourth = kv("d", 4);
    EXPECT_EQ(fourth.render(), "d=4");
    EXPECT_EQ(fields_for("c=3 d=4"), "c=3 d=4");
    third.reset();
    EXPECT_EQ(fields_for("c=3 d=4"), "d=4");
}

TEST(kv_fields, belong_to_the_thread_that_rendered_them) {
    const auto& pack = kv("a", 1);
    EXPECT_EQ(pack.render(), "a=1");
    std::thread([] {
        EXPECT_EQ(fields_for("a=1"), "");
        const auto& theirs = kv("b", 2);
        EXPECT_EQ(theirs.render(), "b=2");
        EXPECT_EQ(fields_for("a=1 b=2"), "b=2");
    }).join();
    EXPECT_EQ(fields_for("a=1 b=2"), "a=1");
}

// A destructor of a thread's own objects may log, after ours are gone.
struct logs_at_the_end {
    ~logs_at_the_end() {
        const auto& pack = kv("late", 1);
        if (pack.render() == "late=1" && fields_for("late=1") == "late=1") ++worked;
    }
    static inline int worked = 0;
};

TEST(kv_fields, work_while_a_thread_ends) {
    logs_at_the_end::worked = 0;
    std::thread([] {
        static thread_local logs_at_the_end last;
        (void)last;
        const auto& pack = kv("early", 1);
        EXPECT_EQ(pack.render(), "early=1");
    }).join();
    EXPECT_EQ(logs_at_the_end::worked, 1);
}

}  // namespace
}  // namespace logferry
