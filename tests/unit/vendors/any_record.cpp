// Whatever a record holds, the vendor takes its body: judged by the emulator, which is written from the vendors'
// documents and shares no code with what it checks.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <support/vendor_fixture.hpp>
#include <vendor_apis.hpp>

namespace logferry::test {
namespace {

using nlohmann::json;

class chaos {
public:
    explicit chaos(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    /// Random bytes, or words made of what tends to go wrong.
    std::string text(std::size_t longest) {
        using namespace std::string_view_literals;
        static constexpr std::array pieces = {
            "plain"sv,  "\""sv,     "\\"sv, "\0"sv,           "\n"sv,        "\x01"sv,      "\x7F"sv,
            "é"sv,      "€"sv,      "😀"sv,  "\xED\xA0\x80"sv, "\xC0\xAF"sv,  "\xF0\x9F"sv,  "\xFF"sv,
            "\u2028"sv, "\uFE0F"sv, " "sv,  "\u3000"sv,       "</script>"sv, "{\"a\":1}"sv, "\u0301"sv};
        std::string out;
        const auto size = below(4) == 0 ? below(longest + 1) : below(40);
        const bool bytes = below(2) == 0;
        while (out.size() < size) {
            if (bytes) {
                out += static_cast<char>(below(256));
            } else {
                out += pieces[below(pieces.size())];
            }
        }
        return out;
    }

    std::string key() {
        static const std::array<std::string, 16> known = {
            "event", "event_name", "message",  "description", "icon",      "notify",   "severity", "execution_time",
            "level", "ts",         "field.ts", "__proto__",   "record_id", "metadata", "token",    "transaction_id"};
        return below(3) == 0 ? known[below(known.size())] : text(300);
    }

    void add_field(record_builder& to) {
        const std::string name = key();
        switch (below(8)) {
            case 0:
                to.field(name, static_cast<std::int64_t>(random_()));
                break;
            case 1:
                to.field(name, random_());
                break;
            case 2:
                to.field(name, below(2) == 0);
                break;
            case 3:
                to.field(name, number());
                break;
            case 4:
                to.field(name, value::json(json_text()));
                break;
            case 5:
                to.field(name, value::json(text(2000)));
                break;
            default:
                to.field(name, text(3000));
                break;
        }
    }

    void fill(record_builder& to) {
        to.lvl(static_cast<level>(below(level_count))).message(text(100'000)).logger(text(400));
        to.time_ns(static_cast<std::int64_t>(random_())).thread(random_());
        to.source(text(600), static_cast<std::uint32_t>(below(5000)), text(600));
        for (auto n = below(3) == 0 ? below(301) : below(8); n != 0; --n) add_field(to);
    }

private:
    double number() {
        static constexpr std::array special = {std::numeric_limits<double>::quiet_NaN(),
                                               std::numeric_limits<double>::infinity(),
                                               -std::numeric_limits<double>::infinity(),
                                               -0.0,
                                               1e308,
                                               5e-324,
                                               0.1,
                                               0x1p53,
                                               -0x1p64,
                                               0x1p65};
        return below(2) == 0 ? special[below(special.size())] : std::ldexp(static_cast<double>(below(1 << 30)), 12);
    }

    std::string json_text() {
        static const std::array<std::string, 13> documents = {R"({"a":{"b":null,"c":[1,2,{"d":3}]},"":4})",
                                                              "[1e308,-0.0]",
                                                              "null",
                                                              "\"\\ud83d\\ude00\"",
                                                              "1e400",
                                                              R"({"a":1,"a":2})",
                                                              R"([{"b":{"":1,"":2}},{"a":0,"\u0061":1}])",
                                                              "12345678901234567890123",
                                                              R"({"n":[9007199254740993,-18446744073709551617]})",
                                                              R"({"\ud83d\ude00":36893488147419103233})",
                                                              "{\"\u2028\":\"\u2028\"}",
                                                              R"(["\ud83d"])",
                                                              std::string(40, '[') + std::string(40, ']')};
        return documents[below(documents.size())];
    }

    std::mt19937_64 random_;
};

/// JavaScript's `trim` would leave it as it is; a few of the characters it removes.
bool is_trimmed(const std::string& text) {
    for (const std::string_view blank :
         {" ", "\t", "\n", "\v", "\f", "\r", "\u00A0", "\u2028", "\u2029", "\u3000", "\uFEFF"}) {
        if (text.starts_with(blank) || text.ends_with(blank)) return false;
    }
    return true;
}

/// What the emulator lets pass, and we promise: an entry says something, and no slot is empty.
void expect_sense_for_logsfori(const json& body) {
    EXPECT_TRUE(body.contains("message") || body.contains("event_name"));
    EXPECT_FALSE(body.at("extra").empty());
    for (const auto& [key, v] : body.items()) EXPECT_NE(v, "") << key;
}

/// The same: what the server would trim is trimmed here, so that nothing but whole text counts against a limit.
void expect_sense_for_logsh(const json& body) {
    for (const auto* key : {"event", "description"}) EXPECT_TRUE(is_trimmed(body.at(key).get<std::string>())) << body;
    EXPECT_FALSE(body.at("metadata").empty());
}

class any_record : public vendor_fixture {
protected:
    /// `vendor` is the emulator's name for it.
    template <typename Check>
    void expect_all_accepted(std::string_view vendor, const std::string& token, Check check) {
        constexpr int records = 500;
        const auto& api = api_of(vendor);
        for (int i = 0; i < records && !HasFailure(); ++i) {
            SCOPED_TRACE("seed " + std::to_string(i));
            chaos chance(static_cast<std::uint64_t>(i));
            record_builder record;
            chance.fill(record);
            const auto body = sent(record);
            const auto answered = api.answer(as_request(api), {.token = token});
            EXPECT_EQ(answered.accepted, 1U) << answered.status << ' ' << answered.problem << '\n' << raw();
            EXPECT_EQ(raw().find("\u2028"), std::string::npos) << "old JavaScript takes it for the end of a line";
            ASSERT_TRUE(body.is_object());
            check(body);
        }
    }

private:
    static const emulation::vendor_api& api_of(std::string_view vendor) {
        const auto& all = emulation::vendor_apis();
        return *std::find_if(all.begin(), all.end(), [vendor](const auto& api) { return api.name == vendor; });
    }

    emulation::request as_request(const emulation::vendor_api& api) {
        emulation::request made{.path = api.paths.front(), .headers = {}, .body = raw()};
        for (const auto& h : subject().endpoint().headers) made.headers.emplace_back(h.name, h.value);
        return made;
    }
};

TEST_F(any_record, is_accepted_by_logsfori) {
    use(logsfori{secret("the-token")}, {"service", "1", "test"});
    expect_all_accepted("logsfori", "the-token", expect_sense_for_logsfori);
}

TEST_F(any_record, is_accepted_by_logsh) {
    use(logsh{"Shop", secret("key")}, {"service", "1", "test"});
    expect_all_accepted("logsh", "key", expect_sense_for_logsh);
}

}  // namespace
}  // namespace logferry::test
