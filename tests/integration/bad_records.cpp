// Records that no vendor wants to see as they are: one in, one valid one out. The emulator is the judge: it refuses
// what any reading of a vendor's document refuses.
#include <cmath>
#include <deque>
#include <limits>
#include <random>

#include "world.hpp"

namespace logferry::test {
namespace {

struct bad_record {
    std::string name;
    std::string message;
    std::vector<std::pair<std::string, value>> fields = {};
};

std::vector<std::pair<std::string, value>> many_fields(std::size_t count) {
    std::vector<std::pair<std::string, value>> fields;
    for (std::size_t i = 0; i < count; ++i)
        fields.emplace_back("field" + std::to_string(i), static_cast<std::int64_t>(i));
    return fields;
}

std::string random_bytes(std::size_t count) {
    std::minstd_rand chance(7);
    std::string bytes(count, '\0');
    for (auto& b : bytes) b = static_cast<char>(chance());
    return bytes;
}

/// Values see their text and do not own it; this one stays.
std::string_view lasting(std::string text) {
    static std::deque<std::string> kept;
    return kept.emplace_back(std::move(text));
}

std::vector<bad_record> bad_records() {
    const auto inf = std::numeric_limits<double>::infinity();
    return {
        {"empty message", ""},
        {"blank message", " \t\xC2\xA0\xE2\x80\xA8\n"},
        {"ten megabytes", std::string(10'000'000, 'x')},
        {"ten megabytes of emoji",
         [] {
             std::string s;
             for (int i = 0; i < 2'500'000; ++i) s += "\xF0\x9F\x98\x80";
             return s;
         }()},
        {"NUL", std::string("a\0b", 3)},
        {"lone surrogates", "\xED\xA0\x80 and \xED\xBF\xBF"},
        {"overlong", "\xC0\xAF \xE0\x80\xAF \xF0\x80\x80\xAF"},
        {"past U+10FFFF", "\xF4\x90\x80\x80 \xFF\xFE"},
        {"cut in the middle", "caf\xC3"},
        {"control bytes", "\x01\x02\x1B[31mred\x7F\r\n"},
        {"quotes and slashes", R"("quoted" \back\ /slash/ </script>)"},
        {"random bytes", random_bytes(5000)},
        {"numbers that are none", "n", {{"nan", std::nan("")}, {"inf", inf}, {"minus", -inf}, {"denormal", 5e-324}}},
        {"large integers",
         "n",
         {{"max", std::numeric_limits<std::uint64_t>::max()}, {"min", std::numeric_limits<std::int64_t>::min()}}},
        {"ten thousand fields", "n", many_fields(10'000)},
        {"names of its own",
         "n",
         {{"level", "x"}, {"ts", "x"}, {"record_id", "x"}, {"token", "x"}, {"severity", "no such"}}},
        {"names that bite",
         "n",
         {{"__proto__", "x"}, {"constructor", 1}, {"", "no name"}, {std::string("k\0y", 3), 1}, {"0", 1}}},
        {"long keys and values", "n", {{std::string(5000, 'k'), "x"}, {"v", lasting(std::string(70'000, 'v'))}}},
        {"keys alike when cut", "n", {{std::string(300, 'k') + "1", 1}, {std::string(300, 'k') + "2", 2}}},
        {"raw JSON that is none",
         "n",
         {{"j", value::json("{\"a\":")}, {"deep", value::json(lasting(std::string(500, '[')))}}},
        {"raw JSON",
         "n",
         {{"j", value::json(R"({"a":[1,{"b":null}],"c":1e400})")}, {"k", value::json("{\"a\":[1,null]}")}}},
        {"raw JSON that readers take differently",
         "n",
         {{"twice", value::json(R"({"a":1,"a":2,"b":[{"c":1,"\u0063":2}]})")},
          {"big", value::json(R"({"id":9007199254740993,"neg":-9007199254740993,"huge":[36893488147419103232]})")},
          {"alone", value::json("123456789012345678901")},
          {"separators", value::json("{\"u\":\"\u2028\u2029\"}")},
          {"user", value::json(R"({"id":9007199254740993,"id":18446744073709551615})")},
          {"request", value::json(lasting("{\"_truncated\":1,\"b\":\"" + std::string(20'000, 'b') + "\"}"))}}},
        {"doubles that look like integers",
         "n",
         {{"2^53+", 9007199254740994.0},
          {"2^64", 18446744073709551616.0},
          {"2^65", 36893488147419103232.0},
          {"1e20", 1e20}}},
        {"blank keys", "n", {{" ", 1}, {"\n", "x"}, {"\t \t", true}, {"\u3000", "x"}, {"\u200B", "x"}}},
        {"slots of white space",
         "\u200B",
         {{"event", " "},
          {"description", "\u3000"},
          {"icon", "\n"},
          {"transaction_id", " "},
          {"resource_id", "\t"},
          {"execution_time", " "},
          {"severity", "\n"},
          {"reference", "\n"},
          {"label", "\u200B"},
          {"body", " "},
          {"type", " "},
          {"tags", " ,\n, "},
          {"user", "\n"},
          {"request", " "},
          {"query_params", " "},
          {"referer", "\n"},
          {"bytes_sent", " "},
          {"duration_ms", "\t"}}},
        {"times past what a number holds",
         "n",
         {{"execution_time", 36893488147419103232.0}, {"duration_ms", std::numeric_limits<std::uint64_t>::max()}}},
        {"slots of odd types",
         "n",
         {{"event", 12},
          {"icon", "not an emoji"},
          {"notify", "yes"},
          {"alert", 1},
          {"type", "odd"},
          {"tags", ",,a,,b c,"},
          {"execution_time", "soon"},
          {"transaction_id", lasting(std::string(400, 't'))},
          {"user", "not json"},
          {"request", value::json("[1,2]")}}},
    };
}

class bad_records_at : public world, public testing::WithParamInterface<std::string> {
protected:
    [[nodiscard]] vendor_options options_of(const std::string& vendor) const {
        if (vendor == "logsfori") return logsfori();
        if (vendor == "logsh") return logsh();
        if (vendor == "logsentry") return logsentry();
        if (vendor == "logwire") return logwire();
        return profound();
    }
    /// What makes a record one that Profound is interested in.
    static void make_access(std::vector<field>& fields) {
        fields.insert(fields.end(), {{"method", "GET"},
                                     {"host", "example.com"},
                                     {"path", "/a"},
                                     {"status_code", 200},
                                     {"ip", "192.0.2.1"},
                                     {"user_agent", "test"}});
    }
};

TEST_P(bad_records_at, one_in_one_valid_out) {
    const auto shipper = shipper::open(quiet({{options_of(GetParam())}}));
    const auto records = bad_records();
    for (const auto& bad : records) {
        std::vector<field> fields;
        // In front, because what does not fit is left out from the end.
        if (GetParam() == "profound") make_access(fields);
        for (const auto& [key, val] : bad.fields) fields.push_back({key, val});
        record_input record;
        record.time_ns = 1'742'379'826'000'000'000;
        record.logger = "shop";
        record.message = bad.message;
        record.fields = fields.data();
        record.field_count = fields.size();
        ASSERT_TRUE(shipper->submit(record)) << bad.name;
        const auto ledger = settled(*shipper);
        ASSERT_EQ(ledger.delivered, ledger.accepted) << bad.name << ": " << ledger.last_error;
    }
    EXPECT_EQ(server.accepted(GetParam()), records.size());
    for (const auto& request : server.received(GetParam()))
        EXPECT_EQ(request.problem, "") << request.body.substr(0, 2000);
    // Twice ten megabytes; the ten thousand fields fit the buffer, but no vendor.
    EXPECT_EQ(shipper->stats().clipped_records, 2u);
    if (GetParam() != "profound") {
        EXPECT_GT(shipper->stats().destinations[0].clipped, 9'000u);
    }
}

INSTANTIATE_TEST_SUITE_P(every_vendor, bad_records_at,
                         testing::Values("logsfori", "logsh", "logsentry", "profound", "logwire"),
                         [](const auto& vendor) { return vendor.param; });

}  // namespace
}  // namespace logferry::test
