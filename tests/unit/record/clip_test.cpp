// What does not fit: fields yield from the end and keep at most half, then the message yields, cut on a code point.
#include <random>

#include "record_fixture.hpp"

namespace logferry::record {
namespace {

class clip_test : public ::testing::Test {
protected:
    clip_test() { input.logger = "shop"; }

    void give_fields(std::size_t count, std::size_t value_bytes) {
        long_value.assign(value_bytes, 'v');
        for (std::size_t i = 0; i < count; ++i) keys.push_back("k" + std::to_string(i));
        for (const auto& key : keys) fields.push_back({key, std::string_view(long_value)});
        input.fields = fields.data();
        input.field_count = fields.size();
    }

    record_view fit(std::size_t max_size, bytes scope = {}, bytes call = {}) {
        const plan p(input, scope, call, max_size);
        EXPECT_LE(p.size(), max_size);
        flat.resize(p.size());
        p.write(flat.data());
        const auto view = read_back(flat);
        EXPECT_EQ(p.clipped(), view.message_clipped || view.fields_dropped > 0);
        return view;
    }

    static std::size_t count(const field_range& r) {
        return static_cast<std::size_t>(std::distance(r.begin(), r.end()));
    }

    record_input input;
    std::string message, long_value;
    std::vector<std::string> keys;
    std::vector<field> fields;
    std::vector<std::byte> flat;
};

TEST_F(clip_test, leaves_alone_what_just_fits) {
    message.assign(1000, 'm');
    input.message = message;
    give_fields(3, 10);
    const plan exact(input, {}, {}, roomy);
    const auto view = fit(std::max(exact.size(), min_record_size));
    EXPECT_EQ(view.message, message);
    EXPECT_EQ(count(view.fields), 3u);
    EXPECT_FALSE(view.message_clipped);
}

TEST_F(clip_test, cuts_one_byte_when_one_is_too_much) {
    message.assign(2000, 'm');
    input.message = message;
    const plan exact(input, {}, {}, roomy);
    const auto view = fit(exact.size() - 1);
    EXPECT_EQ(view.message.size(), 1999u);
    EXPECT_TRUE(view.message_clipped);
}

TEST_F(clip_test, cuts_a_message_of_ten_megabytes) {
    message.assign(10'000'000, 'm');
    input.message = message;
    const auto view = fit(256 * 1024);
    EXPECT_EQ(flat.size(), 256u * 1024) << "all the room there is";
    EXPECT_EQ(view.message, std::string_view(message).substr(0, view.message.size()));
    EXPECT_TRUE(view.message_clipped);
    EXPECT_EQ(view.logger, "shop");
}

TEST_F(clip_test, keeps_the_first_of_ten_thousand_fields_and_counts_the_rest) {
    input.message = "short";
    give_fields(10'000, 20);
    const auto view = fit(64 * 1024);
    const auto kept = count(view.fields);
    EXPECT_GT(kept, 1000u) << "a short message leaves the room to them";
    EXPECT_EQ(kept + view.fields_dropped, 10'000u);
    EXPECT_EQ((*view.fields.begin()).key, "k0");
    EXPECT_EQ(view.message, "short");
    EXPECT_FALSE(view.message_clipped);
    // The next one would not have fitted.
    EXPECT_GT(flat.size() + field_size(fields[kept]), 64u * 1024);
}

TEST_F(clip_test, leaves_each_at_least_half_when_both_are_too_long) {
    message.assign(1'000'000, 'm');
    input.message = message;
    give_fields(1000, 100);
    const auto view = fit(16 * 1024);
    const auto kept = count(view.fields);
    EXPECT_NEAR(static_cast<double>(kept * field_size(fields[0])), 8 * 1024, 200);
    EXPECT_EQ(kept + view.fields_dropped, 1000u);
    EXPECT_EQ(flat.size(), 16u * 1024);
    EXPECT_TRUE(view.message_clipped);
}

TEST_F(clip_test, keeps_few_fields_whole_beside_a_long_message) {
    message.assign(1'000'000, 'm');
    input.message = message;
    give_fields(3, 100);
    const auto view = fit(16 * 1024);
    EXPECT_EQ(count(view.fields), 3u);
    EXPECT_EQ(view.fields_dropped, 0u);
}

TEST_F(clip_test, drops_the_calls_fields_first_then_the_scopes) {
    input.message = "m";
    give_fields(2, 300);
    const std::string scope_value(300, 's');
    const auto scope = encode({{"s1", std::string_view(scope_value)}, {"s2", std::string_view(scope_value)}});
    const auto call = encode({{"c", 1}});
    // Room for the record's own and one of the scope's; a later one that would fit does not take the place of an
    // earlier one that does not.
    const auto view = fit(1024, scope, call);
    EXPECT_EQ(count(view.fields), 3u);
    EXPECT_EQ(view.fields_dropped, 2u);
    EXPECT_EQ((*view.fields.begin()).key, "s1");
}

TEST_F(clip_test, drops_a_single_field_that_is_too_long) {
    input.message = "still here";
    give_fields(1, 1'000'000);
    const auto view = fit(64 * 1024);
    EXPECT_TRUE(view.fields.empty());
    EXPECT_EQ(view.fields_dropped, 1u);
    EXPECT_EQ(view.message, "still here");
}

TEST_F(clip_test, cuts_on_a_code_point) {
    // Characters of one to four bytes; whatever the limit, no part of one is left.
    for (const std::string_view character : {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
        message.clear();
        while (message.size() < 4000) message += character;
        input.message = message;
        for (std::size_t limit = min_record_size; limit < min_record_size + 8; ++limit) {
            const auto view = fit(limit);
            EXPECT_EQ(view.message.size() % character.size(), 0u);
            EXPECT_GT(flat.size() + character.size(), limit) << "no more than one character is given away";
        }
    }
}

TEST_F(clip_test, cuts_bytes_that_are_no_text_too) {
    message.assign(4000, '\x80');
    input.message = message;
    const auto view = fit(min_record_size);
    EXPECT_GE(flat.size(), min_record_size - 3);
    EXPECT_TRUE(view.message_clipped);
}

TEST_F(clip_test, shortens_names_that_are_longer_than_any_name) {
    const std::string long_name(100'000, 'n');
    message.assign(100'000, 'm');
    input.logger = input.source.file = input.source.function = long_name;
    input.message = message;
    const auto view = fit(min_record_size);
    EXPECT_EQ(view.logger.size(), 240u);
    EXPECT_EQ(view.source.file.size(), 240u);
    EXPECT_EQ(view.source.function.size(), 240u);
    EXPECT_GE(view.message.size(), 64u) << "a record is its message";
}

TEST_F(clip_test, shortens_a_key_that_is_longer_than_its_length_can_say) {
    const std::string key(100'000, 'k');
    const field f{key, 1};
    const auto encoded = encode({f});
    EXPECT_EQ(encoded.size(), field_size(f));
    EXPECT_EQ((*field_range(encoded.data(), encoded.size()).begin()).key.size(), 65535u);
}

TEST_F(clip_test, keeps_to_any_limit_with_any_record) {
    const unsigned seed = 20250319;
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto up_to = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
    for (int i = 0; i < 3000; ++i) {
        keys.clear();
        fields.clear();
        message.assign(up_to(1) ? up_to(100) : up_to(20'000), 'm');
        input.message = message;
        give_fields(up_to(30), up_to(1) ? up_to(20) : up_to(2000));
        const auto scope = encode({{"scope", std::string_view(message).substr(0, up_to(500))}});
        const auto call = encode({{"call", std::string_view(message).substr(0, up_to(500))}});
        const auto view = fit(min_record_size + up_to(20'000), scope, call);
        ASSERT_EQ(count(view.fields) + view.fields_dropped, fields.size() + 2);
        ASSERT_EQ(view.message, std::string_view(message).substr(0, view.message.size()));
        ASSERT_EQ(view.message_clipped, view.message.size() < message.size());
    }
}

}  // namespace
}  // namespace logferry::record
