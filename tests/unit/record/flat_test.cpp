// The flat layout, byte for byte as flat.hpp documents it, and the way back.
#include <cmath>
#include <cstring>
#include <limits>

#include "record_fixture.hpp"

namespace logferry::record {
namespace {

// Expected bytes, put together by hand.
class layout {
public:
    layout& u8(unsigned v) { return little_endian(v, 1); }
    layout& u16(unsigned v) { return little_endian(v, 2); }
    layout& u32(std::uint64_t v) { return little_endian(v, 4); }
    layout& u64(std::uint64_t v) { return little_endian(v, 8); }
    layout& text(std::string_view t) {
        for (const char c : t) u8(static_cast<unsigned char>(c));
        return *this;
    }
    [[nodiscard]] const std::vector<std::byte>& done() const { return bytes_; }

private:
    layout& little_endian(std::uint64_t v, int size) {
        for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<std::byte>(v >> (8 * i)));
        return *this;
    }
    std::vector<std::byte> bytes_;
};

TEST(flat, is_laid_out_as_documented) {
    const field fields[] = {{"id", -2}, {"ok", true}};
    record_input input;
    input.lvl = level::warn;
    input.time_ns = 0x0102030405060708;
    input.thread_id = 0x1112131415161718;
    input.logger = "shop";
    input.message = "paid";
    input.source = {"main.cpp", "pay", 0x21222324};
    input.fields = fields;
    input.field_count = 2;

    layout expected;
    expected.u64(0x0102030405060708).u64(0x1112131415161718);
    expected.u32(4);                          // message
    expected.u32((8 + 2 + 8) + (8 + 2 + 1));  // fields
    expected.u32(0x21222324);                 // line
    expected.u16(4).u16(8).u16(3);            // logger, file, function
    expected.u8(3).u8(0).u32(0);              // warn, no flags, nothing left out
    expected.text("shopmain.cpppaypaid");
    expected.u8(1).u8(0).u16(2).u32(8).text("id").u64(0xFFFFFFFFFFFFFFFE);
    expected.u8(4).u8(0).u16(2).u32(1).text("ok").u8(1);
    EXPECT_EQ(flatten(input), expected.done());
}

TEST(flat, lays_out_an_empty_record) {
    record_input input;
    input.lvl = level::trace;
    layout expected;
    expected.u64(0).u64(0).u32(0).u32(0).u32(0).u16(0).u16(0).u16(0).u8(0).u8(0).u32(0);
    EXPECT_EQ(flatten(input), expected.done());
    EXPECT_EQ(expected.done().size(), 40u);
}

TEST(flat, lays_out_every_kind_of_value) {
    const auto one_field = [](value v) { return encode({{"k", v}}); };
    const auto head = [](unsigned kind, std::uint64_t size) {
        layout l;
        return l.u8(kind).u8(0).u16(1).u32(size).text("k");
    };
    EXPECT_EQ(one_field("text"), head(0, 4).text("text").done());
    EXPECT_EQ(one_field(""), head(0, 0).done());
    EXPECT_EQ(one_field(std::int64_t{-1}), head(1, 8).u64(~std::uint64_t{0}).done());
    EXPECT_EQ(one_field(std::uint64_t{7}), head(2, 8).u64(7).done());
    EXPECT_EQ(one_field(1.0), head(3, 8).u64(0x3FF0000000000000).done());
    EXPECT_EQ(one_field(false), head(4, 1).u8(0).done());
    EXPECT_EQ(one_field(value::json("[1]")), head(5, 3).text("[1]").done());
}

TEST(flat, notes_what_was_cut) {
    record_input input;
    const std::string message(5000, 'm');
    const std::string big(2000, 'v');
    const field fields[] = {{"big", std::string_view(big)}};
    input.message = message;
    input.fields = fields;
    input.field_count = 1;
    const auto flat = flatten(input, {}, {}, min_record_size);
    EXPECT_EQ(std::to_integer<int>(flat[35]), 1);
    EXPECT_EQ(std::to_integer<int>(flat[36]), 1);
}

TEST(flat, puts_the_scopes_fields_first_then_the_records_own_then_the_calls) {
    const field own[] = {{"a", 1}};
    record_input input;
    input.fields = own;
    input.field_count = 1;
    const auto scope = encode({{"b", 2}, {"c", 3}});
    const auto call = encode({{"d", 4}});
    const auto flat = flatten(input, scope, call);
    EXPECT_EQ(show(read_back(flat).fields), "b=2 c=3 a=1 d=4");
}

TEST(flat, gives_back_every_part) {
    const field fields[] = {{"s", "text"},
                            {"empty", ""},
                            {"min", std::numeric_limits<std::int64_t>::min()},
                            {"max", std::numeric_limits<std::uint64_t>::max()},
                            {"pi", 3.141592653589793},
                            {"yes", true},
                            {"no", false},
                            {"j", value::json("{\"a\":[1,2]}")},
                            {"", 0}};
    record_input input;
    input.lvl = level::critical;
    input.time_ns = -5;
    input.thread_id = 77;
    input.logger = "net";
    input.message = std::string_view("with \0 inside", 13);
    input.source = {"a/b.cpp", "f()", 12};
    input.fields = fields;
    input.field_count = std::size(fields);

    const auto flat = flatten(input);
    const auto view = read_back(flat, {1, 2});
    EXPECT_EQ(view.lvl, level::critical);
    EXPECT_EQ(view.time_ns, -5);
    EXPECT_EQ(view.thread_id, 77u);
    EXPECT_EQ(view.logger, "net");
    EXPECT_EQ(view.message, std::string_view("with \0 inside", 13));
    EXPECT_EQ(view.source.file, "a/b.cpp");
    EXPECT_EQ(view.source.function, "f()");
    EXPECT_EQ(view.source.line, 12u);
    EXPECT_EQ(view.id, (record_id{1, 2}));
    EXPECT_FALSE(view.message_clipped);
    EXPECT_EQ(view.fields_dropped, 0u);
    EXPECT_EQ(
        show(view.fields),
        "s=\"text\" empty=\"\" min=-9223372036854775808 max=18446744073709551615u pi=3.1415926535897931f yes=true "
        "no=false j=json:{\"a\":[1,2]} =0");
}

TEST(flat, keeps_numbers_that_are_none) {
    const field fields[] = {{"nan", std::nan("")}, {"inf", -std::numeric_limits<double>::infinity()}};
    record_input input;
    input.fields = fields;
    input.field_count = 2;
    const auto flat = flatten(input);
    auto at = read_back(flat).fields.begin();
    EXPECT_TRUE(std::isnan((*at++).val.float64()));
    EXPECT_EQ((*at).val.float64(), -std::numeric_limits<double>::infinity());
}

TEST(flat, is_read_in_place) {
    record_input input;
    input.message = "no copy";
    const auto flat = flatten(input);
    const auto view = read_back(flat);
    EXPECT_EQ(static_cast<const void*>(view.message.data()), flat.data() + 40);
}

TEST(flat, is_read_from_any_address) {
    const field fields[] = {{"odd", 1.5}, {"odder", std::uint64_t{9}}};
    record_input input;
    input.message = "m";
    input.fields = fields;
    input.field_count = 2;
    const auto flat = flatten(input);
    std::vector<std::byte> room(flat.size() + 8);
    for (std::size_t shift = 0; shift < 8; ++shift) {
        std::memcpy(room.data() + shift, flat.data(), flat.size());
        EXPECT_EQ(show(read_back(bytes(room).subspan(shift, flat.size())).fields), "odd=1.5f odder=9u");
    }
}

}  // namespace
}  // namespace logferry::record
