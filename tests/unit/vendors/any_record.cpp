// Whatever a record holds, its body is valid JSON within the vendor's documented limits. The checks here are written
// from the vendors' documents and share no code with what they check.
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <support/vendor_fixture.hpp>

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
                                               0.1};
        return below(2) == 0 ? special[below(special.size())] : std::ldexp(static_cast<double>(below(1 << 30)), 12);
    }

    std::string json_text() {
        static const std::array<std::string, 9> documents = {R"({"a":{"b":null,"c":[1,2,{"d":3}]},"":4})",
                                                             "[1e308,-0.0]",
                                                             "null",
                                                             "\"\\ud83d\\ude00\"",
                                                             "1e400",
                                                             R"({"a":1,"a":2})",
                                                             "12345678901234567890123",
                                                             R"(["\ud83d"])",
                                                             std::string(40, '[') + std::string(40, ']')};
        return documents[below(documents.size())];
    }

    std::mt19937_64 random_;
};

std::string string_at(const json& body, const char* key) { return body.at(key).get<std::string>(); }

/// "Request Body" of LogsForI's page; the lengths are ours.
void expect_valid_for_logsfori(const json& body) {
    static const std::set<std::string> strings = {"token",    "event_name",     "message",
                                                  "severity", "transaction_id", "resource_id"};
    static const std::set<std::string> severities = {"info", "warning", "error", "critical", "debug"};
    EXPECT_EQ(string_at(body, "token"), "the-token");
    EXPECT_TRUE(severities.contains(string_at(body, "severity")));
    EXPECT_TRUE(body.contains("message") || body.contains("event_name"));
    for (const auto& [key, v] : body.items()) {
        if (strings.contains(key)) {
            ASSERT_TRUE(v.is_string()) << key;
            EXPECT_FALSE(v.get<std::string>().empty()) << key;
            if (key == "message") {
                EXPECT_LE(v.get<std::string>().size(), 32U * 1024);
            } else {
                EXPECT_LE(utf16_length(v.get<std::string>()), 255U) << key;
            }
        } else if (key == "execution_time") {
            ASSERT_TRUE(v.is_number());
            EXPECT_GE(v.get<double>(), 0);
            EXPECT_TRUE(std::isfinite(v.get<double>()));
        } else if (key == "created_at") {
            ASSERT_TRUE(v.is_number_integer());
            EXPECT_GE(v.get<std::int64_t>(), 946'684'800'000);
        } else {
            EXPECT_EQ(key, "extra");
            EXPECT_TRUE(v.is_object());
        }
    }
}

/// JavaScript's `trim` would leave it as it is; a few of the characters it removes.
bool is_trimmed(const std::string& text) {
    for (const std::string_view blank :
         {" ", "\t", "\n", "\v", "\f", "\r", "\u00A0", "\u2028", "\u2029", "\u3000", "\uFEFF"}) {
        if (text.starts_with(blank) || text.ends_with(blank)) return false;
    }
    return true;
}

/// "Validation Rules" of Logsh's page, and those of its server's source.
void expect_valid_for_logsh(const json& body) {
    static const std::set<std::string> keys = {"workspace", "event", "description", "icon", "notify", "metadata"};
    for (const auto& [key, v] : body.items()) EXPECT_TRUE(keys.contains(key)) << key;
    EXPECT_EQ(string_at(body, "workspace"), "shop");
    for (const auto* key : {"event", "description"}) {
        const auto text = string_at(body, key);
        EXPECT_FALSE(text.empty());
        EXPECT_TRUE(is_trimmed(text)) << text;
        EXPECT_LE(utf16_length(text), 150U);
    }
    EXPECT_TRUE(body.at("notify").is_boolean());
    EXPECT_TRUE(body.at("icon").is_string());
    for (const auto& [key, v] : body.at("metadata").items()) {
        EXPECT_FALSE(key.empty());
        EXPECT_LE(utf16_length(key), 100U);
        EXPECT_TRUE(key != "__proto__" && key != "constructor" && key != "prototype");
        EXPECT_TRUE(v.is_string() || v.is_number() || v.is_boolean()) << v;
        EXPECT_LE(v.is_string() ? utf16_length(v.get<std::string>()) : 0, 500U);
        EXPECT_TRUE(!v.is_number() || std::isfinite(v.get<double>()));
    }
}

/// No object says the same key twice, which a parsed document would hide.
bool has_unique_keys(const std::string& text) {
    std::vector<std::set<std::string>> open;
    bool unique = true;
    const auto callback = [&](int depth, json::parse_event_t event, json& parsed) {
        // Depth 3 on is raw JSON of the caller's own.
        if (event == json::parse_event_t::object_start) open.emplace_back();
        if (event == json::parse_event_t::object_end) open.pop_back();
        if (event == json::parse_event_t::key && depth <= 2)
            unique &= open.back().insert(parsed.get<std::string>()).second;
        return true;
    };
    const auto parsed = json::parse(text, callback, false);
    return unique && !parsed.is_discarded();
}

class any_record : public vendor_fixture {
protected:
    template <typename Check>
    void expect_valid_bodies(Check check) {
        constexpr int records = 500;
        for (int i = 0; i < records && !HasFailure(); ++i) {
            SCOPED_TRACE("seed " + std::to_string(i));
            chaos chance(static_cast<std::uint64_t>(i));
            record_builder record;
            chance.fill(record);
            const auto body = sent(record);
            EXPECT_LE(raw().size(), 64U * 1024);
            EXPECT_TRUE(has_unique_keys(raw())) << raw();
            ASSERT_TRUE(body.is_object());
            check(body);
        }
    }
};

TEST_F(any_record, is_a_valid_body_for_logsfori) {
    use(logsfori{secret("the-token")}, {"service", "1", "test"});
    expect_valid_bodies(expect_valid_for_logsfori);
}

TEST_F(any_record, is_a_valid_body_for_logsh) {
    use(logsh{"Shop", secret("key")}, {"service", "1", "test"});
    expect_valid_bodies(expect_valid_for_logsh);
}

}  // namespace
}  // namespace logferry::test
