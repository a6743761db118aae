#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <text/json_writer.hpp>

#include "random_text.hpp"

namespace logferry::text {
namespace {

using nlohmann::json;
using test::dice;
using test::exact_copy;
using test::repaired_by_the_book;
using test::without_nul;
using namespace std::string_literals;

std::string as_json(std::string_view in) {
    std::string out;
    append_json_string(out, in);
    return out;
}

TEST(JsonString, CopiesPlainText) {
    EXPECT_EQ(as_json(""), "\"\"");
    EXPECT_EQ(as_json("payment failed"), "\"payment failed\"");
    EXPECT_EQ(as_json("größer 日本語 👩‍💻 /\x7F"), "\"größer 日本語 👩‍💻 /\x7F\"");
}

// RFC 8259 section 7.
TEST(JsonString, EscapesWhatMustBe) {
    EXPECT_EQ(as_json("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
    EXPECT_EQ(as_json("\x01\x1B\x1F"), R"("\u0001\u001b\u001f")");
}

TEST(JsonString, EscapesJavaScriptsLineSeparatorsAndNotTheirNeighbours) {
    EXPECT_EQ(as_json("\u2027\u2028\u2029\u202A"), "\"\u2027\\u2028\\u2029\u202A\"");
}

TEST(JsonString, LeavesNulOut) { EXPECT_EQ(as_json("a\0b\0"s), "\"ab\""); }

TEST(JsonString, RepairsIllFormedText) {
    EXPECT_EQ(as_json("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"") << "a lone surrogate";
    EXPECT_EQ(as_json("\xC0\x80"), "\"\uFFFD\uFFFD\"") << "an overlong NUL";
    EXPECT_EQ(as_json("x\xF0\x9F\x94"), "\"x\uFFFD\"") << "a tail cut off";
}

TEST(JsonString, AppendsBehindWhatIsThereWithOrWithoutQuotes) {
    std::string out = "[";
    append_json_string(out, "a\n");
    append_json_escaped(out, "b\n");
    EXPECT_EQ(out, R"(["a\n"b\n)");
}

TEST(JsonString, EscapesOneByteAtEveryPlaceOfEveryLength) {
    for (std::size_t length = 1; length < 70; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            for (const char special : {'"', '\\', '\x1F', '\xFF'}) {
                std::string text(length, 'a');
                text[at] = special;
                const exact_copy in(text);
                ASSERT_EQ(json::parse(as_json(in.view())), repaired_by_the_book(text)) << at << " of " << length;
            }
        }
    }
}

TEST(JsonString, TreatsEachSingleByteAsAParserExpects) {
    for (int byte = 1; byte < 256; ++byte) {
        const std::string in(1, static_cast<char>(byte));
        EXPECT_EQ(json::parse(as_json(in)), repaired_by_the_book(in)) << byte;
    }
}

TEST(JsonString, IsReadBackFromRandomBytesAsTheirRepair) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const exact_copy in(i % 2 == 0 ? d.hostile(d.below(201)) : d.bytes(d.below(201)));
        const std::string out = as_json(in.view());
        ASSERT_EQ(json::parse(out), without_nul(repaired_by_the_book(in.view())));
        ASSERT_EQ(out.find("\u2028"), std::string::npos);
        ASSERT_EQ(out.find("\u2029"), std::string::npos);
    }
}

TEST(JsonString, IsReadBackFromRandomTextAsItIs) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 20000; ++i) {
        const exact_copy in(d.text(d.below(201)));
        ASSERT_EQ(json::parse(as_json(in.view())), std::string(in.view()));
    }
}

TEST(JsonWriter, WritesObjectsAndArrays) {
    std::string out;
    json_writer w(out);
    w.open_object();
    w.key("message").string("paid\n");
    w.key("extra").open_object();
    w.key("amount").number(9.5).key("items").number(2).key("big").number(std::uint64_t{1} << 60);
    w.key("tags").open_array().string("a").boolean(true).boolean(false).null().close_array();
    w.key("empty").open_array().close_array();
    w.close_object();
    w.key("context").raw(R"({"k":[1]})");
    append_json_string(w.key("time").value(), "now");
    w.close_object();
    EXPECT_EQ(out, R"({"message":"paid\n","extra":{"amount":9.5,"items":2,"big":"1152921504606846976",)"
                   R"("tags":["a",true,false,null],"empty":[]},"context":{"k":[1]},"time":"now"})");
}

TEST(JsonWriter, EscapesKeys) {
    std::string out;
    json_writer(out).open_object().key("a\"\n").null().close_object();
    EXPECT_EQ(out, R"({"a\"\n":null})");
}

TEST(JsonWriter, WritesFixedKeysLikeOthers) {
    std::string fixed;
    json_writer(fixed).open_object().key<"">().null().key<"message">().string("x").key<"a b/c">().null().close_object();
    std::string others;
    json_writer(others).open_object().key("").null().key("message").string("x").key("a b/c").null().close_object();
    EXPECT_EQ(fixed, R"({"":null,"message":"x","a b/c":null})");
    EXPECT_EQ(others, fixed);
}

TEST(JsonWriter, DividesTheElementsOfAnArray) {
    std::string out;
    json_writer w(out);
    w.open_array();
    w.open_object().close_object().open_array().close_array().raw("1");
    w.value() += "2";
    w.close_array();
    EXPECT_EQ(out, "[{},[],1,2]");
}

TEST(JsonWriter, TakesEveryIntegerType) {
    std::string out;
    json_writer w(out);
    w.open_array().number(short{-1}).number(2U).number(-3L).number(4LL).number(5ULL).number('\x06').close_array();
    EXPECT_EQ(out, "[-1,2,-3,4,5,6]");
}

json random_document(dice& d, int depth) {
    switch (d.below(depth > 0 ? 8 : 6)) {
        case 0:
            return nullptr;
        case 1:
            return d.below(2) == 0;
        case 2:
            return static_cast<std::int64_t>(d.bits()) >> 11;  // within what is written as a number
        case 3:
            return d.bits() >> 11;
        case 4:
            return static_cast<double>(d.bits()) / 3e7;
        case 5:
            return d.text(d.below(30));
        case 6: {
            json array = json::array();
            for (std::size_t n = d.below(5); n > 0; --n) array.push_back(random_document(d, depth - 1));
            return array;
        }
        default: {
            json object = json::object();
            for (std::size_t n = d.below(5); n > 0; --n) object[d.text(d.below(20))] = random_document(d, depth - 1);
            return object;
        }
    }
}

void write(json_writer& w, const json& document) {
    switch (document.type()) {
        case json::value_t::object:
            w.open_object();
            for (const auto& [name, value] : document.items()) write(w.key(name), value);
            w.close_object();
            return;
        case json::value_t::array:
            w.open_array();
            for (const auto& value : document) write(w, value);
            w.close_array();
            return;
        case json::value_t::string:
            w.string(document.get_ref<const std::string&>());
            return;
        case json::value_t::boolean:
            w.boolean(document.get<bool>());
            return;
        case json::value_t::number_integer:
            w.number(document.get<std::int64_t>());
            return;
        case json::value_t::number_unsigned:
            w.number(document.get<std::uint64_t>());
            return;
        case json::value_t::number_float:
            w.number(document.get<double>());
            return;
        default:
            w.null();
            return;
    }
}

TEST(JsonWriter, WritesRandomDocumentsThatReadBackTheSame) {
    dice d;
    SCOPED_TRACE(d.how_to_repeat());
    for (int i = 0; i < 3000; ++i) {
        const json document = random_document(d, 6);
        std::string out;
        json_writer w(out);
        write(w, document);
        ASSERT_EQ(json::parse(out), document) << out;
        ASSERT_TRUE(valid_json(out)) << out;
    }
}

}  // namespace
}  // namespace logferry::text
